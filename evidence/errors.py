"""The tree of things that can be wrong with a kept judgement, each with a stable code."""

from core.errors import RakkanError


class EvidenceError(RakkanError):
    """Something that cannot be used. `str(error)` is one plain line for a person."""

    code = "evidence"


class BadDocument(EvidenceError):
    """A document is no judgement, or is damaged."""

    code = "bad_document"


class UnknownSchema(EvidenceError):
    """A judgement was written in a way that this version does not know."""

    code = "unknown_schema"
