"""A policy as people read it: what holds since when, and what follows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from evidence.wording.catalogue import ENGLISH, say
from labelling.actions import Action, mildest_first
from labelling.context import Context, Moment
from labelling.policy.document import Policy, Row, Words
from labelling.policy.resolved import ResolvedPolicy
from labelling.wording import action_word


@dataclass(frozen=True)
class AnnouncedRule:
    """One rule, in words.

    Attributes:
        id: Of its row.
        rule: What it says.
        follows: What follows from it, and how far it reaches: whole sentences.
    """

    id: str
    rule: str
    follows: tuple[str, ...]


@dataclass(frozen=True)
class AnnouncedDay:
    """What holds since a day.

    Attributes:
        since: The day, in words.
        rules: In the order of the policy.
    """

    since: str
    rules: tuple[AnnouncedRule, ...]


@dataclass(frozen=True)
class Announcement:
    """A policy as people read it.

    Attributes:
        title: Name of the service.
        standing: Whether it is carried out.
        days: The earliest first; rules that are still to come stand under their days.
        closing: How long strikes stand.
        objecting_title: Heading of what follows.
        objecting: How to object; None where nothing is said.
    """

    title: str
    standing: str
    days: tuple[AnnouncedDay, ...]
    closing: tuple[str, ...]
    objecting_title: str
    objecting: str | None


def announcement(policy: ResolvedPolicy, at: datetime, language: str = ENGLISH) -> Announcement:
    """A policy as it stands at a time, and what is announced for later.

    Args:
        policy: With all that it inherits.
        at: With a time zone; rules that no longer hold then are left out.
        language: As `ja`; English where a language has no words of its own.
    """
    rows = tuple(_standing(policy, at))
    days = sorted({row.since for _, row in rows})
    expiry = policy.strikes.expire_after_days
    return Announcement(
        title=in_language(policy.own.title, language),
        standing=say(f"policy_standing_{policy.own.mode.value}", language),
        days=tuple(
            AnnouncedDay(
                say("policy_since", language, day=day.isoformat()),
                tuple(
                    _rule(document, row, policy, language)
                    for document, row in rows
                    if row.since == day
                ),
            )
            for day in days
        ),
        closing=() if expiry is None else (say("policy_strikes", language, days=expiry),),
        objecting_title=say("policy_objecting", language),
        objecting=None if policy.appeals is None else in_language(policy.appeals.words, language),
    )


def in_language(words: Words, language: str) -> str:
    """A text of a policy in a language: Japanese, or else English."""
    return words.ja if language.startswith("ja") else words.en


def _standing(policy: ResolvedPolicy, at: datetime) -> Iterator[tuple[Policy, Row]]:
    looked_at = Context(service=policy.own.name, at=at, moment=Moment.ARCHIVE)
    in_force = {row.id for _, row in policy.rows_in_force(looked_at)}
    for document in policy.documents:
        for row in document.rows:
            if row.actions and (row.id in in_force or row.since > at.date()):
                yield document, row


def _rule(document: Policy, row: Row, policy: ResolvedPolicy, language: str) -> AnnouncedRule:
    label = None if row.label is None else in_language(policy.labels[row.label], language)
    follows = [say("policy_follows", language, actions=actions(row.actions, label, language))]
    if row.on_confirmation:
        asked = actions(row.on_confirmation, label, language)
        follows.append(say("policy_confirmed", language, actions=asked))
    if row.retroactive:
        follows.append(say("policy_retroactive", language))
    if row.until is not None:
        follows.append(say("policy_until", language, day=row.until.isoformat()))
    if document is not policy.own:
        title = in_language(document.title, language)
        follows.append(say("policy_inherited", language, title=title))
    return AnnouncedRule(row.id, in_language(row.rule, language), tuple(follows))


def actions(asked: Iterable[Action], label: str | None, language: str = ENGLISH) -> str:
    """Actions in words, the mildest first.

    Args:
        asked: The actions.
        label: Words of the label that goes with `label`; None for none.
        language: As `ja`.
    """
    words = (
        say("policy_labelled", language, label=label)
        if action is Action.LABEL and label is not None
        else action_word(action, language)
        for action in mildest_first(asked)
    )
    return say("policy_between", language).join(words)
