"""The tree of things that can be wrong with what the detector is given, each with a stable code."""

from core.errors import RakkanError


class DetectorError(RakkanError):
    """Something that cannot be used. `str(error)` is one plain line for a person."""

    code = "detector"


class SigningFailed(DetectorError):
    """A label could not be signed with the key that was given."""

    code = "signing_failed"


class SignatureWouldBreak(DetectorError):
    """A file carries a signature over its bytes that a label would break."""

    code = "signature_would_break"
