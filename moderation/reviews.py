"""Reviews: what moderators are asked, and what follows from their answers.

    opened -> claimed -> answered            a claim that runs out gives it back to the queue
    opened -> claimed -> seconded -> claimed by another -> answered      where two must agree

Whoever says no ends it at once; a yes may need two. Pure: an answer to an act is its events.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from labelling import Action
from labelling.account.signals import AccountSignal
from labelling.actions import milder_or_equal, mildest_first
from labelling.policy.document import Row
from moderation import claims, events, notices
from moderation.case import Case, on_work
from moderation.enforcement import Done, carry_out
from moderation.errors import FindingMissing, NotAChoice, ReasonMissing, SameModerator
from moderation.events import About, LabelSource, Signal
from moderation.findings import Finding, training_label
from moderation.people import Act, Moderator, not_their_own
from moderation.queue import due_at
from storage.cases import Appeal, Purchaser, Review
from storage.events import Event, EventType

SUSPENDERS = 2
"""How many different moderators must agree to a suspension."""

ASKING = frozenset({Action.REVIEW, Action.HOLD})
"""Actions of a row that ask a moderator."""


@dataclass(frozen=True)
class Answer:
    """A moderator's answer to a review.

    Attributes:
        confirmed: Whether what is asked is so; if not, nothing follows.
        reason: Why, in the moderator's words.
        actions: What follows, out of the choices; none for a confirmation alone.
        finding: How the image was made, where the moderator says so.
    """

    confirmed: bool
    reason: str
    actions: tuple[Action, ...] = ()
    finding: Finding | None = None


def opened(act: Act, case: Case) -> tuple[Event, ...]:
    """The reviews that a decision asks for: one for each row that asks.

    Nobody is asked about a work that is taken away already, if nothing more could follow.

    Args:
        act: Who decided, and when.
        case: The decision.
    """
    done = set(case.decision.actions)
    gone = bool(done & {Action.REJECT, Action.DELIST})
    return tuple(
        events.review_opened(
            act,
            review=act.id("review", one.row),
            decision=case.id,
            account=case.context.account,
            work=case.context.work,
            about=About.WORK,
            due_at=due_at(act.at, (*one.actions, *one.on_confirmation)),
            row=one.row,
            choices=one.on_confirmation,
            signal=_asked(case.row(one.row), case.decision.signals),
        )
        for one in case.decision.rows
        if ASKING & set(one.actions) and not (gone and done.issuperset(one.on_confirmation))
    )


def suspension_proposed(act: Act, case: Case, account: str, row: str) -> tuple[Event, ...]:
    """Two moderators are asked whether an account is suspended.

    Args:
        act: Who acts, and when.
        case: The decision that led to it.
        account: Whose.
        row: Id of the row that asks.
    """
    suspension = act.id("suspension")
    return (
        events.suspension(act, EventType.SUSPENSION_PROPOSED, account, suspension, case.id),
        events.review_opened(
            act,
            review=suspension,
            decision=case.id,
            account=account,
            work=case.context.work,
            about=About.SUSPENSION,
            due_at=due_at(act.at, (Action.SUSPEND_REVIEW,)),
            row=row,
            choices=(Action.SUSPEND_REVIEW,),
            votes_needed=SUSPENDERS,
        ),
    )


def label_doubted(act: Act, case: Case) -> Event:
    """Somebody is asked to look again how an image was made, whose label is doubted.

    Args:
        act: Who doubts it, and when.
        case: A decision about the image.
    """
    return events.review_opened(
        act,
        review=act.id("label"),
        decision=case.id,
        account=case.context.account,
        work=case.context.work,
        about=About.LABEL,
        due_at=due_at(act.at, ()),
        row=None,
        choices=(),
    )


def claim(
    act: Act, moderator: Moderator, review: Review, *, lasts: timedelta = claims.CLAIM
) -> tuple[Event, ...]:
    """A moderator takes a review, so that nobody else looks at it meanwhile.

    Args:
        act: Of the moderator.
        moderator: Who.
        review: Which.
        lasts: For how long.

    Raises:
        AlreadyAnswered: It is answered.
        AlreadyClaimed: Another moderator holds it.
        OwnCase: It is about the moderator's own upload.
        SameModerator: The moderator confirmed it before, and another is needed.
    """
    not_their_own(moderator, review.account)
    _another(moderator, review)
    ended = claims.expired(act, "review", review)
    return (*ended, events.review_claimed(act, review.id, act.at + lasts))


def answered(
    act: Act,
    moderator: Moderator,
    review: Review,
    answer: Answer,
    case: Case,
    others: Sequence[Review] = (),
    holders: Sequence[Purchaser] = (),
) -> tuple[Event, ...]:
    """A moderator answers a review.

    Args:
        act: Of the moderator.
        moderator: Who.
        review: Which; claimed by the moderator.
        answer: What.
        case: The decision that it is about.
        others: The decision's other reviews.
        holders: Who bought or downloaded the work.

    Raises:
        AlreadyAnswered: It is answered.
        NotClaimed: The moderator does not hold it.
        OwnCase: It is about the moderator's own upload.
        SameModerator: The moderator confirmed it before, and another is needed.
        NotAChoice: The rows do not let this follow.
        ReasonMissing: The answer says no reason.
        FindingMissing: It is about a label, and does not say how the image was made.
    """
    claims.held(act, review)
    not_their_own(moderator, review.account)
    _another(moderator, review)
    _allowed(review, answer)
    final = not answer.confirmed or len(review.seconded_by) + 1 >= review.votes_needed
    actions = mildest_first(answer.actions) if answer.confirmed else ()
    said = [
        events.review_resolved(
            act,
            review=review.id,
            confirmed=answer.confirmed,
            actions=actions,
            reason=answer.reason,
            final=final,
            account=review.account,
            signal=_confirmed(review) if answer.confirmed else None,
        ),
        *_label(act, case, answer),
    ]
    if final and review.about == About.SUSPENSION:
        said += _suspension(act, case, review, answer)
    elif final and review.about == About.WORK:
        now = replace(review, confirmed=answer.confirmed, actions=actions)
        said += _work(act, case, now, others, holders)
    return tuple(said)


def standing(case: Case, reviews: Iterable[Review]) -> frozenset[Action]:
    """What of a decision that is carried out stands, as far as reviews have gone.

    While nobody answered, what a row asks for stands. Once it is confirmed, what was chosen stands
    too, and nothing is held any more; once it is dismissed, nothing of it stands.

    Args:
        case: The decision.
        reviews: Those of it that there are.
    """
    answers = {row: one for one in reviews if one.about == About.WORK for row in one.rows}
    stands: set[Action] = set()
    for asked in case.decision.rows:
        review = answers.get(asked.row)
        if review is None or review.confirmed is None:
            stands.update(asked.actions)
        elif review.confirmed:
            chosen = {*asked.actions, *map(Action, review.actions)}
            stands.update(chosen - {Action.HOLD})
    return frozenset(stands)


def _work(
    act: Act, case: Case, review: Review, reviews: Sequence[Review], holders: Sequence[Purchaser]
) -> list[Event]:
    """What follows from an answer; `review` has it, and `reviews` are the decision's others."""
    open_ = replace(review, confirmed=None, actions=())
    before = standing(case, (*reviews, open_))
    after = standing(case, (*reviews, review))
    row = case.row(review.rows[0])
    label = None if row is None else row.label
    said = list(
        carry_out(act, case, Done(mildest_first(after), review.rows, holders, before, label))
    )
    if on_work(after) is not on_work(before) and milder_or_equal(on_work(after), on_work(before)):
        said.append(notices.taken_back(act, case, on_work(before), on_work(after)))
    return said


def _suspension(act: Act, case: Case, review: Review, answer: Answer) -> list[Event]:
    if review.account is None:
        return []
    if not answer.confirmed:
        return [events.suspension_lifted(act, review.account, review.id)]
    return [
        events.suspension(act, EventType.SUSPENDED, review.account, review.id, case.id),
        notices.about_account(act, case, review.account, notices.SUSPEND),
        *(
            notices.notice(act, case, notices.SUSPENDED, {"reason": answer.reason})
            if case.told(review.rows)
            else ()
        ),
    ]


def _label(act: Act, case: Case, answer: Answer) -> tuple[Event, ...]:
    if answer.finding is None:
        return ()
    return (training_label(act, case, answer.finding, LabelSource.MODERATOR),)


def _allowed(review: Review, answer: Answer) -> None:
    if not answer.reason.strip():
        raise ReasonMissing("An answer needs a reason: say in a sentence what you saw.")
    strange = sorted(set(answer.actions) - set(review.choices))
    if strange and answer.confirmed:
        choices = ", ".join(review.choices) or "nothing"
        raise NotAChoice(f"The policy lets {choices} follow here, and not {', '.join(strange)}.")
    if review.about == About.LABEL and answer.finding is None:
        raise FindingMissing("This asks about a label: say how the image was made.")


def _another(moderator: Moderator, review: Review) -> None:
    if moderator.id in review.seconded_by:
        raise SameModerator("You confirmed this already: a second moderator must look at it.")


def not_of_the_appeal(moderator: Moderator, appeal: Appeal | None) -> None:
    """Hold that who answered an appeal does not decide about the same upload afterwards.

    Args:
        moderator: Who would.
        appeal: Against the decision; None where there is none.

    Raises:
        SameModerator: The moderator answered it.
    """
    if appeal is not None and appeal.resolved_by == moderator.id:
        raise SameModerator("You answered the appeal: another moderator must look at the rest.")


def _asked(row: Row | None, signals: Sequence[AccountSignal]) -> Signal | None:
    """The account signal that a row asks about, if it is not confirmed yet."""
    if row is None:
        return None
    about = {name for case in row.when for name in case.account or ()}
    return next(
        (
            Signal(one.name.value, one.works, one.creator)
            for one in signals
            if one.name in about and not one.confirmed
        ),
        None,
    )


def _confirmed(review: Review) -> Signal | None:
    if review.signal is None:
        return None
    return Signal(review.signal, review.signal_works, review.signal_creator)
