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
from detector.readers.c2pa_history import (
    History,
    Json,
    active_manifest,
    check_codes,
    history,
    is_broken,
    program,
    signer,
)
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
_FAILURE_WORDS = {
    "signingCredential.expired": "whose certificate has expired",
    "claimSignature.outsideValidity": "whose certificate was not valid at that time",
    "signingCredential.revoked": "whose certificate was revoked",
    "signingCredential.invalid": "whose certificate does not meet the standard",
}
_UNTRUSTED = "signingCredential.untrusted"
_NO_TRUST_LIST = "whom no trust list vouches for, as none is set up"


class C2paReader:
    """Reads and verifies Content Credentials.

    Args:
        trust_anchors: Root certificates of the signers that the operator trusts, and of the
            authorities that stamp their times, PEM. None: nobody is trusted.

    Raises:
        ValueError: The trust anchors hold no certificate, or one that is unreadable.
    """

    name = "c2pa"

    def __init__(self, trust_anchors: str | None = None) -> None:
        self._trust_anchors = trust_anchors
        self.id = self.name
        if trust_anchors is not None:
            _check_anchors(trust_anchors)
            self.id += f":{sha256(trust_anchors.encode()).hexdigest()[:16]}"

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """See `Reader`. Without a manifest, this is one search through the bytes."""
        kind = _MIME_TYPES.get(image.format)
        if kind is None or data.find(_STORE) < 0:
            return self._remote(image)
        store = self._store(data, kind)
        if store is None:
            return (_note("The file carries Content Credentials (C2PA) that cannot be read."),)
        return (judge(store, trust_list=self._trust_anchors is not None),)

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
                text = (
                    "Content Credentials (C2PA) of this file are kept elsewhere and were not "
                    f"fetched: {one_line(one.value)}."
                )
                return (_note(text),)
        return ()


def judge(store: Json, *, trust_list: bool) -> Signal:
    """Put a verified manifest store into words, and say what they are worth.

    Args:
        store: As `c2pa.Reader.json` gives it, with the results of its checks.
        trust_list: Whether its signer was looked up on the operator's list.
    """
    told = history(store)
    failures = check_codes(store, "failure")
    manifest = active_manifest(store)
    by = f"signed by {signer(manifest) or 'an unnamed signer'}"
    if written_by := program(manifest):
        by = f"written by {written_by} and {by}"
    if is_broken(store):
        return _note(
            f"Content Credentials (C2PA), {by}, are broken: the image or they themselves were "
            f"changed after signing. They said {_said(told)}.",
            told.generator,
        )
    trusted = trust_list and store.get("validation_state") == "Trusted" and not failures
    standing = _standing(failures, trusted=trusted, trust_list=trust_list)
    return Signal(
        reader=C2paReader.name,
        kind=EvidenceKind.PROVEN if trusted and _provable(told) else EvidenceKind.STATED,
        claim=told.claim,
        text=f"Content Credentials (C2PA), {by}, {standing}, say {_said(told)}.",
        generator=told.generator,
    )


def _standing(failures: tuple[str, ...], *, trusted: bool, trust_list: bool) -> str:
    """What the signer's certificate is worth."""
    if trusted:
        return "whom the trust list vouches for"
    for code, words in _FAILURE_WORDS.items():
        if code in failures:
            return words
    if set(failures) - {_UNTRUSTED}:
        return "in a form that does not meet the standard"
    return "who is not on the trust list" if trust_list else _NO_TRUST_LIST


def _note(text: str, generator: str | None = None) -> Signal:
    return Signal(
        reader=C2paReader.name,
        kind=EvidenceKind.STATED,
        claim=Claim.NOTED,
        text=text,
        generator=generator,
    )


def _said(told: History) -> str:
    if not told.words:
        return "nothing of how it was made"
    by = f": {told.generator}" if told.generator else ""
    return f"it was {told.words}{by}{', and edited since' if told.since else ''}"


def _provable(told: History) -> bool:
    """Whether a signature can prove what is said.

    A generator knows what it made. A camera knows what it took, but a painting program cannot
    know what was pasted into it, so that a person made an image is proven by no other's word.
    """
    if told.claim is Claim.HUMAN_MADE:
        return told.captured
    return told.vouched


def _check_anchors(anchors: str) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=anchors)
    except (ssl.SSLError, ValueError) as error:
        raise ValueError("The trust anchors are no certificates in PEM.") from error
