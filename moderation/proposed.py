"""Delistings in bulk as documents, with what they would do."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from moderation import archive
from storage import Store
from storage.cases import ProposalState


class Proposal(BaseModel):
    """A delisting in bulk."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    state: ProposalState
    service: str
    policy_sha256: str
    decisions: int = Field(description="How many works it would delist.")
    carried_out: int = Field(description="How many of them are delisted.")
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    undo_until: datetime | None = Field(description="Until when it can be undone.")
    undone_at: datetime | None
    done_at: datetime | None


class RowCount(BaseModel):
    """How often a row of the policy decided."""

    row: str
    count: int


class Preview(BaseModel):
    """What a delisting in bulk would do still."""

    model_config = ConfigDict(from_attributes=True)

    works: int
    accounts: int = Field(description="How many accounts would be told.")
    purchasers: int = Field(description="How many notices to people who bought or downloaded one.")
    points: int = Field(description="That would be paid back.")
    rows: list[RowCount]
    samples: list[str] = Field(description="Some of the works.")

    @classmethod
    def of(cls, found: archive.Preview) -> Self:
        """The document of a preview."""
        rows = [RowCount(row=row, count=count) for row, count in found.rows]
        return cls.model_validate({**vars(found), "rows": rows, "samples": list(found.samples)})


class PreviewedProposal(Proposal):
    """A delisting in bulk, and what it would do still."""

    preview: Preview


def previewed(store: Store, proposal: str) -> PreviewedProposal:
    """A delisting in bulk, and what it would do still.

    Args:
        store: Where it is kept.
        proposal: Its id.

    Raises:
        UnknownRecord: There is none of that id.
    """
    with store.reading() as reader:
        found = Proposal.model_validate(reader.proposal(proposal))
        would = Preview.of(archive.preview(reader, proposal))
    return PreviewedProposal(**found.model_dump(), preview=would)
