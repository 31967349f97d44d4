"""Content Credentials (C2PA): who signed what about the making of the image.

Proven is only what was signed with a certificate that chains to a root on the operator's trust
list, and that this signer can know. Everything else that is intact is stated, and what is broken
is noted. Nothing is fetched: neither remote manifests nor the state of certificates.
"""

import json
import ssl
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from core.text import one_line
from detector.readers.c2pa_history import History, history
from detector.readers.c2pa_manifest import (
    Json,
    active_manifest,
    broken_by,
    check_codes,
    program,
    signer,
)
from detector.readers.c2pa_terms import Result, failed
from detector.readers.contract import Reader
from detector.vocabularies import LABELLER
from evidence.reasons import Reason, reason
from evidence.signals import Claim, EvidenceKind, Signal
from imaging.types import DecodedImage

if TYPE_CHECKING:
    import c2pa

# The UUID of a manifest store's box, which every embedded store begins with, in any container.
_STORE = b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"
_PROVENANCE = "{http://purl.org/dc/terms/}provenance"

_MIME_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "tiff": "image/tiff",
    "avif": "image/avif",
    "heic": "image/heic",
}
_SETTINGS = {
    "core": {"decode_identity_assertions": False},  # resolving identities may need the network
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}
_BREACHES = {Result.CHANGED: "c2pa_changed", Result.SIGNATURE: "c2pa_unfit"}
# The first that holds is told.
_STANDINGS = {
    Result.EXPIRED: "c2pa_expired",
    Result.OUTSIDE_VALIDITY: "c2pa_outside_validity",
    Result.REVOKED: "c2pa_revoked",
    Result.INVALID: "c2pa_invalid",
    Result.FORM: "c2pa_malformed",
}


class C2paReader(Reader):
    """Reads and verifies Content Credentials.

    Args:
        trust_anchors: Root certificates of the signers that the operator trusts, and of the
            authorities that stamp their times, PEM. None: nobody is trusted.

    Raises:
        ValueError: The trust anchors hold no certificate, or one that is unreadable.
    """

    name = "c2pa"
    what = "Content Credentials (C2PA)"
    where = "all formats but BMP"
    of = "any signer: made by AI, edited with it, taken with a camera; ingredients too"

    def __init__(self, trust_anchors: str | None = None) -> None:
        self._trust_anchors = trust_anchors
        if trust_anchors is not None:
            _check_anchors(trust_anchors)
            self.settings = sha256(trust_anchors.encode()).hexdigest()[:16]

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """See `Reader`. Without a manifest, this is one search through the bytes."""
        kind = _MIME_TYPES.get(image.format)
        if kind is None or data.find(_STORE) < 0:
            return self._remote(image)
        store = self._store(data, kind)
        if store is None:
            return (_note(reason("c2pa_unreadable")),)
        return (signal_of(store, trust_list=self._trust_anchors is not None),)

    def _store(self, data: bytes, kind: str) -> Json | None:
        import c2pa

        try:
            with c2pa.Reader(kind, BytesIO(data), context=self._context) as reader:
                store = json.loads(reader.json())
        except (c2pa.C2paError, ValueError, RecursionError):
            return None
        return store if isinstance(store, dict) else None

    @cached_property
    def _context(self) -> "c2pa.Context":
        # Loading the library takes a tenth of a second, which most files need not pay.
        import c2pa

        trust = {"trust": {"trust_anchors": self._trust_anchors}} if self._trust_anchors else {}
        return c2pa.Context.from_dict(_SETTINGS | trust)

    def _remote(self, image: DecodedImage) -> tuple[Signal, ...]:
        texts = image.metadata.texts
        if not any("provenance" in packet for packet in texts.packets):
            return ()
        for one in texts.xmp:
            if one.name == _PROVENANCE and one.value.startswith(("http://", "https://")):
                return (_note(reason("c2pa_elsewhere", address=one_line(one.value))),)
        return ()


def signal_of(store: Json, *, trust_list: bool) -> Signal:
    """Put a verified manifest store into words, and say what they are worth.

    Args:
        store: As `c2pa.Reader.json` gives it, with the results of its checks.
        trust_list: Whether its signer was looked up on the operator's list.
    """
    told = history(store)
    failures = check_codes(store, "failure")
    manifest = active_manifest(store)
    said: dict[str, str | None] = {
        "program": program(manifest) or None,
        "signer": signer(manifest) or None,
        **_said(told),
    }
    if breach := broken_by(store):
        # Whatever was changed since, nobody gains by writing into a work of their own that a
        # generator made it: that is stated still. Nothing else is.
        said_of_ai = told.claim in (Claim.AI_MADE, Claim.AI_EDITED) and said["program"] != LABELLER
        return Signal(
            reader=C2paReader.name,
            kind=EvidenceKind.STATED,
            claim=told.claim if said_of_ai else Claim.NOTED,
            reason=reason("c2pa_broken", breach=_BREACHES[breach], **said),
            generator=told.generator,
        )
    trusted = trust_list and store.get("validation_state") == "Trusted" and not failures
    standing = _standing(failures, trusted=trusted, trust_list=trust_list)
    return Signal(
        reader=C2paReader.name,
        kind=EvidenceKind.PROVEN if trusted and _provable(told) else EvidenceKind.STATED,
        claim=told.claim,
        reason=reason("c2pa", standing=standing, **said),
        generator=told.generator,
    )


def _standing(failures: tuple[str, ...], *, trusted: bool, trust_list: bool) -> str:
    """What the signer's certificate is worth, as the code of a phrase."""
    if trusted:
        return "c2pa_trusted"
    results = {failed(code) for code in failures}
    for result, phrase in _STANDINGS.items():
        if result in results:
            return phrase
    return "c2pa_untrusted" if trust_list else "c2pa_no_trust_list"


def _note(said: Reason, generator: str | None = None) -> Signal:
    return Signal(
        reader=C2paReader.name,
        kind=EvidenceKind.STATED,
        claim=Claim.NOTED,
        reason=said,
        generator=generator,
    )


def _said(told: History) -> dict[str, str | None]:
    """What is signed, as values of a sentence."""
    if not told.phrase:
        return {"said": "c2pa_said_nothing"}
    return {
        "said": "c2pa_said",
        "history": told.phrase,
        "generator": told.generator,
        "since": _since(told),
    }


def _since(told: History) -> str | None:
    if not told.understood:
        return "c2pa_not_understood"
    return "c2pa_since" if told.since else None


def _provable(told: History) -> bool:
    """Whether a signature can prove what is said.

    A generator knows what it made. A camera knows what it took, but a painting program cannot
    know what was pasted into it, so that a person made an image is proven by no other's word.
    """
    if told.claim in (Claim.HUMAN_MADE, Claim.UNCLEAR):
        return told.captured
    return told.vouched and told.claim is not Claim.NOTED


def _check_anchors(anchors: str) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=anchors)
    except (ssl.SSLError, ValueError) as error:
        raise ValueError("The trust anchors are no certificates in PEM.") from error
