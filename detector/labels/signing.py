"""Signing a label with the operator's own key, as a C2PA manifest.

C2PA Technical Specification 2.2 - https://spec.c2pa.org/. The manifest says what happened: the
operator opened the file as it was uploaded and changed its metadata, and that its digital source
type is now so. The upload is its ingredient, with the manifest that it may have had, so a camera's
or generator's own signature is still there to be checked. The term stands in the metadata and not
in an action: an action's source type says how that action made pixels, and labelling makes none.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import version
from io import BytesIO
from typing import Any

from detector.errors import SigningFailed
from detector.labels.label import TERMS
from detector.vocabularies import LABELLER, SOURCE_TYPE
from evidence.ai import Verdict
from imaging import sniff


class Algorithm(StrEnum):
    """Signature algorithms that C2PA allows."""

    ES256 = "es256"
    ES384 = "es384"
    ES512 = "es512"
    PS256 = "ps256"
    PS384 = "ps384"
    PS512 = "ps512"
    ED25519 = "ed25519"


# Nothing is fetched, and no copy of the picture is put into the manifest.
_SETTINGS = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}
_UPLOAD = "upload"


@dataclass(frozen=True)
class SigningKey:
    """What an operator signs with.

    Attributes:
        certificates: The signer's certificate and those that it chains to, in PEM, in this order.
        private_key: Of the first certificate, in PEM (PKCS 8), not encrypted.
        algorithm: That the key is for.
    """

    certificates: bytes
    private_key: bytes = field(repr=False)
    algorithm: Algorithm = Algorithm.ES256


def sign_label(
    uploaded: bytes, labelled: bytes, verdict: Verdict, *, operator: str, key: SigningKey
) -> bytes:
    """Sign a labelled file; no timestamp is asked for, so nothing needs the network.

    Args:
        uploaded: The file before.
        labelled: The same as `detector.labels.label.label` wrote it.
        verdict: Its label.
        operator: Name of the platform that says so.
        key: Of the platform.

    Returns:
        The labelled file with the manifest; a manifest that was there is kept within it.

    Raises:
        SigningFailed: The key and the certificates do not serve.
    """
    import c2pa  # only here: the library is large, and few label, and fewer sign

    mime = f"image/{sniff(labelled[:64])}"
    ingredient = {"title": "As uploaded", "relationship": "parentOf", "label": _UPLOAD}
    information = c2pa.C2paSignerInfo(
        key.algorithm.encode(), key.certificates, key.private_key, None
    )
    signed = BytesIO()
    try:
        with (
            c2pa.Context.from_dict(_SETTINGS) as context,
            c2pa.Builder(_manifest(verdict, operator), context=context) as builder,
            c2pa.Signer.from_info(information) as signer,
        ):
            builder.add_ingredient(ingredient, mime, BytesIO(uploaded))
            builder.sign(signer, mime, BytesIO(labelled), signed)
    except c2pa.C2paError as error:
        raise SigningFailed(
            f"The label cannot be signed: {error}. The certificates must be a chain in PEM, yours"
            " first and its issuer's after it, none of them self-signed but the last; yours must be"
            " for digital signatures, with an extended key usage such as e-mail protection."
        ) from error
    return signed.getvalue()


def _manifest(verdict: Verdict, operator: str) -> dict[str, Any]:
    rakkan = {"name": LABELLER, "version": version("rakkan")}
    actions = [
        {"action": "c2pa.opened", "parameters": {"ingredientIds": [_UPLOAD]}},
        {
            "action": "c2pa.edited.metadata",
            "softwareAgent": rakkan,
            "description": f"Labelled {verdict} by {operator}",
        },
    ]
    assertions: list[dict[str, Any]] = [{"label": "c2pa.actions.v2", "data": {"actions": actions}}]
    if verdict in TERMS:
        statement = {
            "@context": {SOURCE_TYPE.prefix: SOURCE_TYPE.namespace},
            f"{SOURCE_TYPE.prefix}:{SOURCE_TYPE.name}": TERMS[verdict],
        }
        assertions.append({"label": "c2pa.metadata", "data": statement})
    return {"claim_generator_info": [rakkan], "assertions": assertions}
