"""What follows from each term of C2PA's lists: actions, relationships, assertions, results.

The documentation shows these tables, and what stands in none of them is not understood: then a
signature proves no person's work. Digital source types stand in `detector.vocabularies`.

Source: C2PA technical specification 2.2: 18.15.4 (actions), 18.16.2 (relationships), 18 and 19
(assertions), 15.2 (results of validation), with terms of earlier versions that files still have.
"""

from collections.abc import Mapping
from enum import StrEnum


class Action(StrEnum):
    """What follows from an action."""

    CREATED = "its digital source type says how the picture was made, or else its program's name"
    OPENED = "the history goes on in the picture that was opened; an AI made it if this says so"
    EDITED = (
        "edited: by an AI where a digital source type, a template, a parameter or the program says "
        "so; of unknown kind where the digital source type is neither an AI's nor a person's"
    )
    KEPT = "nothing: the picture stays what it is"
    UNKNOWN = "a person's work is not proven"


class Relationship(StrEnum):
    """What follows from how another picture belongs to this one."""

    PARENT = "this picture was that one before: its history goes on there"
    COMPONENT = (
        "that one is a part of this: if an AI had to do with it, an AI edited this one; if its "
        "origin is unknown, a person's work is not proven"
    )
    INPUT = "nothing: what was given to a generator or another process is no part of the picture"


class Assertion(StrEnum):
    """What follows from an assertion, by the beginning of its label."""

    ACTIONS = "its actions are read"
    INGREDIENT = "the other picture is read by its relationship"
    METADATA = (
        "a digital source type in it says how the picture was made where no action does; an AI's "
        "counts in any case"
    )
    GENERATIVE = "an AI had to do with it"
    ELSEWHERE = "a person's work is not proven: what it says is kept elsewhere, and not fetched"
    NOTHING = "nothing: it is not about the making"


class Result(StrEnum):
    """What follows from a result of the validation of a manifest."""

    FINE = "nothing: all is as it should be, or it is not about the picture"
    CHANGED = (
        "broken: what was signed, or what ties it to the picture, is missing or another; that an "
        "AI made or edited the picture counts as stated, the rest is noted"
    )
    SIGNATURE = (
        "broken: the signature does not fit what was signed, or is missing; that an AI made or "
        "edited the picture counts as stated, the rest is noted"
    )
    FORM = "not proven: the manifest is not in the form that the standard asks for"
    UNTRUSTED = "not proven: the signer is not on the trust list"
    EXPIRED = "not proven: the certificate had expired"
    OUTSIDE_VALIDITY = "not proven: the certificate was not valid at that time"
    REVOKED = "not proven: the certificate was revoked"
    INVALID = "not proven: the certificate does not meet the standard"
    OPEN = "a person's work is not proven: something stands outside what was signed"


def _named(prefix: str, meanings: Mapping[Action, str]) -> dict[str, Action]:
    return {
        f"{prefix}{name}": meaning for meaning, names in meanings.items() for name in names.split()
    }


ACTIONS = _named(
    "c2pa.",
    {
        Action.CREATED: "created",
        Action.OPENED: "opened",
        Action.EDITED: (
            "addedText adjustedColor changedSpeed color_adjustments cropped deleted drawing dubbed "
            "edited edited.metadata enhanced filtered orientation placed redacted removed resized "
            "resized.proportional translated trimmed watermarked watermarked.bound "
            "watermarked.unbound"
        ),
        Action.KEPT: (
            "converted copied formatted managed printed published repackaged saved transcoded "
            "version_updated"
        ),
        Action.UNKNOWN: "produced unknown",
    },
)
"""Actions, with those that version 2 withdrew."""

RELATIONSHIPS = {
    "parentOf": Relationship.PARENT,
    "componentOf": Relationship.COMPONENT,
    "inputTo": Relationship.INPUT,
}

ASSERTIONS = {
    "c2pa.actions": Assertion.ACTIONS,
    "c2pa.ingredient": Assertion.INGREDIENT,
    **dict.fromkeys(
        ("c2pa.metadata", "cawg.metadata", "stds.iptc", "stds.metadata"), Assertion.METADATA
    ),
    **dict.fromkeys(("c2pa.cloud-data", "c2pa.external-reference"), Assertion.ELSEWHERE),
    **dict.fromkeys(
        (
            *("c2pa.asset-ref", "c2pa.asset-type", "c2pa.certificate-status", "c2pa.depthmap"),
            *("c2pa.embedded-data", "c2pa.hash."),
            *("c2pa.icon", "c2pa.soft-binding", "c2pa.thumbnail.", "c2pa.time-stamp"),
            *("c2pa.training-mining", "cawg.identity", "cawg.training-mining", "stds.exif"),
            "stds.schema-org.CreativeWork",
        ),
        Assertion.NOTHING,
    ),
}
"""Beginnings of labels."""

GENERATIVE_LABELS = (
    "generative", "ai-disclosure", "ai_disclosure", "ai-generated", "ai_generated",
)  # fmt: skip
"""Parts of labels, of vendors' assertions too, that say that an AI had to do with it."""

ACTION_FIELDS = frozenset(
    {
        *("action", "actors", "changed", "changes", "description", "digitalSourceType", "icon"),
        *("instanceID", "instanceId", "parameters", "reason", "related", "softwareAgent"),
        *("softwareAgentIndex", "templateParameters", "when"),
    }
)
"""Fields of an action and of a template whose meaning is known."""

PARAMETERS = frozenset(
    {
        *("com.adobe.details", "com.adobe.digitalSourceType", "com.adobe.icon", "description"),
        *("ingredient", "ingredientIds", "ingredients", "instanceId", "multipleInstances", "name"),
        *("org.cai.ingredientIds", "redacted", "relatedAssertions", "sourceLanguage"),
        "targetLanguage",
    }
)
"""Parameters of an action whose meaning is known."""

_FINE = (
    "assertion.accessible assertion.bmffHash.match assertion.boxesHash.match "
    "assertion.collectionHash.match assertion.dataHash.match assertion.hashedURI.match "
    "assertion.multiAssetHash.match claimSignature.insideValidity claimSignature.validated "
    "ingredient.claimSignature.validated ingredient.manifest.validated "
    "ingredient.unknownProvenance signingCredential.ocsp.inaccessible "
    "signingCredential.ocsp.notRevoked signingCredential.ocsp.skipped signingCredential.trusted "
    "timeStamp.trusted timeStamp.validated timeStamp.malformed timeStamp.mismatch "
    "timeStamp.outsideValidity timeStamp.untrusted timeStamp.credentialInvalid"
)
_CHANGED = (
    "assertion.bmffHash.mismatch assertion.boxesHash.mismatch assertion.boxesHash.unknownBox "
    "assertion.boxesHash.unknownBoxes assertion.collectionHash.incorrectFileCount "
    "assertion.collectionHash.mismatch assertion.dataHash.mismatch assertion.hashedURI.mismatch "
    "assertion.missing assertion.multiAssetHash.mismatch assertion.multiAssetHash.missingPart "
    "assertion.undeclared claim.hardBindings.missing claim.missing hashedURI.mismatch "
    "hashedURI.missing "
    "ingredient.claimSignature.mismatch ingredient.claimSignature.missing "
    "ingredient.hashedURI.mismatch ingredient.manifest.mismatch ingredient.manifest.missing"
)
_FORM = (
    "algorithm.deprecated algorithm.unsupported assertion.action.ingredientMismatch "
    "assertion.action.malformed assertion.action.redacted assertion.action.redactionMismatch "
    "assertion.action.softBindingMissing assertion.bmffHash.malformed "
    "assertion.boxesHash.malformed assertion.cbor.invalid assertion.cloud-data.actions "
    "assertion.cloud-data.hardBinding assertion.cloud-data.labelMismatch "
    "assertion.cloud-data.malformed assertion.collectionHash.invalidURI "
    "assertion.collectionHash.malformed assertion.dataHash.malformed "
    "assertion.dataHash.redacted assertion.external-reference.created "
    "assertion.external-reference.malformed assertion.hardBinding.redacted "
    "assertion.inaccessible assertion.ingredient.malformed assertion.json.invalid "
    "assertion.metadata.disallowed assertion.multiAssetHash.malformed "
    "assertion.multipleHardBindings assertion.notRedacted assertion.outsideManifest "
    "assertion.required.missing assertion.selfRedacted assertion.timestamp.malformed "
    "claim.cbor.invalid claim.malformed claim.multiple claim.required.missing general.error "
    "manifest.compressed.invalid manifest.inaccessible manifest.multipleParents "
    "manifest.timestamp.invalid manifest.timestamp.wrongParents manifest.unreferenced "
    "manifest.update.invalid manifest.update.wrongParents signingCredential.ocsp.unknown"
)
_OPEN = (
    "assertion.bmffHash.additionalExclusionsPresent "
    "assertion.boxesHash.additionalExclusionsPresent "
    "assertion.dataHash.additionalExclusionsPresent manifest.unknownProvenance"
)

RESULTS = {
    **dict.fromkeys(_FINE.split(), Result.FINE),
    **dict.fromkeys(_CHANGED.split(), Result.CHANGED),
    **dict.fromkeys(_FORM.split(), Result.FORM),
    **dict.fromkeys(_OPEN.split(), Result.OPEN),
    **dict.fromkeys(("claimSignature.mismatch", "claimSignature.missing"), Result.SIGNATURE),
    "signingCredential.untrusted": Result.UNTRUSTED,
    "signingCredential.expired": Result.EXPIRED,
    "claimSignature.outsideValidity": Result.OUTSIDE_VALIDITY,
    "signingCredential.revoked": Result.REVOKED,
    "signingCredential.ocsp.revoked": Result.REVOKED,
    "signingCredential.invalid": Result.INVALID,
}
"""Codes of results."""

# In codes that are new here, what says that bytes were changed or taken away since they were
# signed, and where it would not.
_SAYS_CHANGED = ("ismatch", "missing", "undeclared")
_LAX = ("assertion.action.", "assertion.required.", "claim.required.", "timeStamp.")


BROKEN = frozenset({Result.CHANGED, Result.SIGNATURE})
"""Results after which a manifest is no proof of anything in it."""


def failed(code: str) -> Result:
    """What follows from a check that failed; never that all is fine.

    Args:
        code: Of the check, known or not.
    """
    known = RESULTS.get(code)
    if known is None and not code.startswith(_LAX):
        changed = any(word in code for word in _SAYS_CHANGED)
        return Result.CHANGED if changed else Result.FORM
    return Result.FORM if known in (None, Result.FINE, Result.OPEN) else known


def leaves_open(code: str) -> bool:
    """Whether what a check only remarks leaves something open; so does a remark that is new."""
    return RESULTS.get(code, Result.OPEN) is Result.OPEN
