"""The schema of a policy: a document that a platform writes, and no code.

A policy is a list of rows. A row is in force between two dates, holds where all of its conditions
do and no exemption does, and asks for actions. All rows that hold count; the severest action wins.
A policy may inherit another: a row of its own that `overrides` an inherited one stands in its
place while it is in force.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from evidence import CopyVerdict, CreatorVerdict, EvidenceKind, PhotoAnswer
from labelling.account.signals import AccountSignalName
from labelling.actions import Action
from labelling.context import Moment

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
"""Lower-case words joined by hyphens."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]

Days = Annotated[float, Field(gt=0, le=36525)]
Count = Annotated[int, Field(ge=1, le=100_000)]
Rate = Annotated[float, Field(gt=0, lt=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(_Part):
    """A text in each language in which people read it."""

    en: Text
    ja: Text


class Mode(StrEnum):
    """Whether a policy is carried out."""

    SHADOW = "shadow"
    """It decides, and nothing is done."""
    LIVE = "live"


class AiLevel(StrEnum):
    """How strongly something says that an AI made it, the weakest first."""

    SUSPECTED = "suspected"
    """The verdict is inconclusive, and something says AI: a statement, or the pixels' score."""
    INFERRED = "inferred"
    DECLARED = "declared"
    STATED = "stated"
    PROVEN = "proven"


class AiCondition(_Part):
    """An AI made it, on evidence at least so strong.

    Attributes:
        at_least: The weakest evidence that will do; a declaration counts as evidence.
        rate: Of the pixels' verdict, where nothing stronger says so: the share of human works that
            the model calls `ai`, at most, by the upper end of the 95 % interval of its
            calibration.
    """

    at_least: AiLevel
    rate: Rate | None = None


class HumanCondition(_Part):
    """No AI made it, on evidence of one of these kinds."""

    evidence: Annotated[tuple[EvidenceKind, ...], Field(min_length=1)]


class Declared(StrEnum):
    """What the uploader declares."""

    AI = "ai"
    HUMAN = "human"
    NOTHING = "nothing"


class StrikesCondition(_Part):
    """So many strikes stand against the account on the date of the upload."""

    at_least: Count


class Conditions(_Part):
    """What must hold; all that are given, and of each list any.

    Attributes:
        ai: An AI made it.
        human: No AI made it.
        edited: Something says that an AI worked on an image that it did not make.
        declared: What the uploader declares.
        photo: What the pixels say of being a photograph.
        plain: Whether there is too little to see in it.
        copy_of_work: At least so surely it holds a copy of a work enrolled by somebody else.
        style: At least so near it is to an enrolled creator's works, by itself.
        stated_artist: Its prompt names an enrolled creator.
        account: What the account's history says.
        confirmed: A moderator confirmed what `account` names, for these works.
        strikes: How many strikes stand.
        codes: Reason codes of the judgement, of which one must be there.
        kind: What it is, in the platform's words.
        category: What else the platform says that it is.
        moment: When it is looked at.
        paid: Whether people paid for it.
    """

    ai: AiCondition | None = None
    human: HumanCondition | None = None
    edited: Literal[True] | None = None
    declared: tuple[Declared, ...] | None = None
    photo: tuple[PhotoAnswer, ...] | None = None
    plain: Literal[True] | None = None
    copy_of_work: CopyVerdict | None = None
    style: Literal[CreatorVerdict.CLOSE, CreatorVerdict.REVIEW] | None = None
    stated_artist: Literal[True] | None = None
    account: tuple[AccountSignalName, ...] | None = None
    confirmed: Literal[True] | None = None
    strikes: StrikesCondition | None = None
    codes: tuple[Text, ...] | None = None
    kind: tuple[Text, ...] | None = None
    category: tuple[Text, ...] | None = None
    moment: tuple[Moment, ...] | None = None
    paid: bool | None = None

    @cached_property
    def given(self) -> tuple[tuple[str, Any], ...]:
        """Those that are given, by name."""
        return tuple((name, wanted) for name, wanted in self if wanted is not None)


class Row(_Part):
    """One rule of a platform.

    Attributes:
        id: Names it within the policy; an appeal, a strike and a replay speak of it.
        since: The first day on which it is in force, in the policy's time zone.
        until: The first day on which it no longer is; None for no end.
        retroactive: Whether it counts, in an archive, also for works posted before `since`.
        rule: The rule in words, as people are told it.
        source: Where the platform announced it.
        overrides: Ids of inherited rows in whose place it stands while it is in force.
        when: What must hold; one of several, where a rule has several cases. Empty for a row that
            only takes the place of others.
        unless: Exemptions: where one of these holds, the row does not.
        yields_to: Ids of rows beside which it need not be said: where one of them holds, this one
            does not count. They ask for as much, at least.
        label: The label that the work is to carry.
        actions: What it asks for.
        on_confirmation: What follows if a moderator confirms what was asked to be reviewed.
        statement: What the uploader is told, in a statement of reasons; `rule` where it is absent.
        notice: Whether the uploader is told.
        notice_if_malice: Whether even where ill will is suspected.
    """

    id: Identifier
    since: date
    until: date | None = None
    retroactive: bool = False
    rule: Words
    source: Text | None = None
    overrides: tuple[Identifier, ...] = ()
    when: tuple[Conditions, ...] = ()
    unless: tuple[Conditions, ...] = ()
    yields_to: tuple[Identifier, ...] = ()
    label: Identifier | None = None
    actions: tuple[Action, ...] = ()
    on_confirmation: tuple[Action, ...] = ()
    statement: Words | None = None
    notice: bool = True
    notice_if_malice: bool = True


class Repeated(_Part):
    """So many within so many days."""

    times: Count
    within_days: Days


class ImitationSetting(Repeated):
    """Repeated imitation of one creator.

    Attributes:
        times: Works that are near to the creator, at least.
        within_days: Within so many days.
        rate: Share of innocent accounts that show as much, at most.
    """

    rate: Rate = 0.01


class FloodSetting(_Part):
    """High volumes.

    Attributes:
        times: Posts within the days that are never a flood.
        within_days: Within so many days.
        norms: How often the service's norm, and the account's own, must be exceeded.
    """

    times: Count
    within_days: Days
    norms: Annotated[float, Field(ge=1)] = 3.0


class DeliverySetting(_Part):
    """A delivery far faster than the creator's own norm.

    Attributes:
        share: Of the creator's median time of delivery.
        known: Deliveries that must be known for a median, at least.
    """

    share: Annotated[float, Field(gt=0, lt=1)] = 0.1
    known: Count = 5


class SignalSettings(_Part):
    """When an account's history says something; a signal that is absent is not looked for."""

    imitation: ImitationSetting | None = None
    flood: FloodSetting | None = None
    post_and_delete: Repeated | None = None
    outside_links: Repeated | None = None
    fast_delivery: DeliverySetting | None = None
    same_request: Repeated | None = None
    false_declaration: Repeated | None = None
    impersonation: Repeated | None = None
    low_information: Repeated | None = None


class StrikeSettings(_Part):
    """How long strikes stand; None for ever."""

    expire_after_days: Days | None = None


class AppealSettings(_Part):
    """How an uploader objects.

    Attributes:
        within_days: After the decision.
        words: How to, as the notice says it.
    """

    within_days: Days = 180
    words: Words


class Policy(_Part):
    """A platform's policy.

    Attributes:
        schema_version: Of the document.
        name: Of the policy; a service's policy has the service's name.
        title: The service's name as people know it.
        inherits: Name of the policy whose rows apply too.
        mode: Whether it is carried out.
        time_zone: In which days begin, by its IANA name.
        labels: Words of the labels, by id.
        undecided: What happens to an upload while nothing is decided yet.
        signals: When an account's history says something.
        strikes: How long strikes stand.
        appeals: How an uploader objects.
        undo_days: For how long a bulk delisting that was approved can be taken back before it is
            carried out.
        rows: The rules.

    What a document does not say of `undecided`, `signals`, `strikes`, `appeals` and `undo_days` is
    as it inherits it: ask `labelling.policy.resolved.ResolvedPolicy`.
    """

    schema_version: Literal[1] = Field(alias="schema")
    name: Identifier
    title: Words
    inherits: Identifier | None = None
    mode: Mode = Mode.SHADOW
    time_zone: Text = "Asia/Tokyo"
    labels: Mapping[Identifier, Words] = Field(default_factory=dict)
    undecided: Literal[Action.PUBLISH, Action.HOLD] = Action.PUBLISH
    signals: SignalSettings = SignalSettings()
    strikes: StrikeSettings = StrikeSettings()
    appeals: AppealSettings | None = None
    undo_days: Days = 3
    rows: tuple[Row, ...] = ()
