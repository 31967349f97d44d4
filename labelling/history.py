"""What an account did before, as far as policies ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

from evidence import CreatorVerdict, EvidenceKind, Verdict


@dataclass(frozen=True)
class Likeness:
    """How near a work is to one enrolled creator; of `evidence.CreatorMatch`, what is kept.

    Attributes:
        creator_id: Of the creator in the index.
        creator: Name.
        p_value: Share of other people's works that come as near to some enrolled creator, 0 to 1.
        verdict: What followed for the work alone.
    """

    creator_id: int
    creator: str
    p_value: float
    verdict: CreatorVerdict


@dataclass(frozen=True)
class Post:
    """A work that the account posted.

    Attributes:
        work: As the platform names it.
        at: When it was posted.
        deleted_at: When the account deleted it; None if it did not.
        kind: As in `Context`.
        declared_ai: What its uploader declared.
        verdict: How it was judged to be made.
        evidence: On what kind of evidence.
        likenesses: To enrolled creators, the nearest first.
        searched: Whether an index was searched for it at all.
        copies: Creators of whose works it was proven to hold copies.
        plain: Whether there was too little to see in it.
        outside_links: How many links to elsewhere stood beside it.
    """

    work: str
    at: datetime
    deleted_at: datetime | None = None
    kind: str = "work"
    declared_ai: bool | None = None
    verdict: Verdict = Verdict.INCONCLUSIVE
    evidence: EvidenceKind = EvidenceKind.INFERRED
    likenesses: tuple[Likeness, ...] = ()
    searched: bool = False
    copies: tuple[str, ...] = ()
    plain: bool = False
    outside_links: int = 0

    @cached_property
    def nearness(self) -> Mapping[str, float]:
        """The smallest p-value of its likeness to each creator that it is near to at all, 0 to 1.

        Looked up once, as each decision of an account asks it of all of its works.
        """
        near: dict[str, float] = {}
        for one in self.likenesses:
            # Whatever a history holds, a p-value is between 0 and 1, and 1 is near to nobody.
            if one.p_value < 1:
                near[one.creator] = max(0.0, min(one.p_value, near.get(one.creator, 1.0)))
        return MappingProxyType(near)


@dataclass(frozen=True)
class Request:
    """A commission, as the platform reports it.

    Attributes:
        request: As the platform names it.
        client: The account that placed it.
        creator: The account that it was placed with.
        placed_at: When it was placed.
        same_as: What it has in common with the same request to others (a digest of its text).
        accepted_at: When the creator accepted it.
        cancelled_at: When the client cancelled it.
        delivered_at: When it was delivered.
    """

    request: str
    client: str
    creator: str
    placed_at: datetime
    same_as: str
    accepted_at: datetime | None = None
    cancelled_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True)
class Strike:
    """A strike against the account.

    Attributes:
        strike: Its id.
        at: When it was given.
        expires_at: When it ends; None for never.
        reversed_at: When an appeal took it back.
        rule: Id of the row that it was given under.
    """

    strike: str
    at: datetime
    expires_at: datetime | None
    reversed_at: datetime | None
    rule: str

    def counts(self, at: datetime) -> bool:
        """Whether it stands at a time."""
        over = self.expires_at is not None and self.expires_at <= at
        return self.at <= at and not over and (self.reversed_at is None or at < self.reversed_at)


@dataclass(frozen=True)
class Warned:
    """A warning that the account got.

    Attributes:
        at: When it was given.
        reversed_at: When an appeal took it back.
    """

    at: datetime
    reversed_at: datetime | None = None


@dataclass(frozen=True)
class Confirmation:
    """What a moderator confirmed of the account.

    Attributes:
        signal: Name of the account signal, such as `imitation`.
        at: When.
        works: Which works it is about.
        creator: Which creator, where it is about one.
    """

    signal: str
    at: datetime
    works: tuple[str, ...]
    creator: str | None = None


@dataclass(frozen=True)
class ServiceNorm:
    """What is usual on a service.

    Attributes:
        posts_a_day: Posts that 99 % of active accounts stay under in a day.
        accounts: How many accounts that was measured on.
    """

    posts_a_day: float
    accounts: int


@dataclass(frozen=True)
class History:
    """An account's past up to a time, this upload not included.

    Attributes:
        account: Whose.
        since: From when on it is complete.
        until: Up to when.
        posts: The oldest first.
        requests: Placed by it or with it, the oldest first.
        strikes: All, also those that ended or were taken back.
        warnings: All, also those that were taken back, the oldest first.
        confirmations: The oldest first.
        creators: Names of enrolled creators who own the account: their works never count against
            it.
        norm: Of the service; None where it is not known.
        truncated: Whether older parts within `since` were left out, as there were too many.
    """

    account: str
    since: datetime
    until: datetime
    posts: tuple[Post, ...] = ()
    requests: tuple[Request, ...] = ()
    strikes: tuple[Strike, ...] = ()
    warnings: tuple[Warned, ...] = ()
    confirmations: tuple[Confirmation, ...] = ()
    creators: tuple[str, ...] = ()
    norm: ServiceNorm | None = None
    truncated: bool = False

    def standing_strikes(self, at: datetime) -> int:
        """How many strikes count at a time."""
        return sum(strike.counts(at) for strike in self.strikes)
