"""Strategies for what is decided about: judgements as the detector weighs them, and policies."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from detector.verdict import decide as weigh
from evidence import (
    Claim,
    CopyMatch,
    CopyVerdict,
    CreatorMatch,
    CreatorVerdict,
    EvidenceKind,
    Judgement,
    PhotoAnswer,
    Reason,
    Signal,
    SimilarityEvidence,
    Verdict,
)
from evidence.wording.templates import TEMPLATES
from labelling import Context, History, Moment, ResolvedPolicy
from labelling.account.signals import AccountSignalName
from labelling.actions import Action
from labelling.facts import WEIGHING_CODES
from labelling.policy.checking import check
from labelling.policy.document import AiLevel, Declared
from labelling.policy.problems import LoadedPolicy, Places
from tests.labelling.making import judgement, policy

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)

codes = st.sampled_from(sorted(TEMPLATES.keys() - WEIGHING_CODES))
reasons = st.builds(
    Reason,
    st.just("pixels_above") | codes,
    st.text(max_size=5),
    st.lists(st.tuples(st.just("high"), st.floats(0, 1)), max_size=1).map(tuple),
)
signals = st.builds(
    Signal,
    reader=st.just("made-up"),
    kind=st.sampled_from(EvidenceKind),
    claim=st.sampled_from(Claim),
    reason=reasons,
)


names = st.sampled_from(["Ann", "Bob"])
WHY = Reason("style_near", "They are alike.")
copies = st.builds(
    lambda creator, verdict: CopyMatch(
        "work", creator, 0.9, verdict, None, None, False, "0" * 64, WHY, 1, 1
    ),
    names,
    st.sampled_from(CopyVerdict),
)
creators = st.builds(
    lambda creator, verdict: CreatorMatch(creator, 0.9, 5.0, 0.01, verdict, 9, (), WHY, 1),
    names,
    st.sampled_from(CreatorVerdict),
)
similarities = st.builds(
    lambda found, near: SimilarityEvidence(tuple(found), tuple(near), "index"),
    st.lists(copies, max_size=2),
    st.lists(creators, max_size=2),
)


def weighed(one: Judgement, found: tuple[Signal, ...]) -> Judgement:
    """A judgement with other signals, weighed as the product weighs them."""
    return replace(one, ai=weigh(found, one.ai.pixels))


def _judgement(found: list[Signal], notes: list[Reason], **parts: Any) -> Judgement:
    one = judgement(parts.pop("pixels"), *found, **parts)
    return replace(one, image=replace(one.image, notes=tuple(notes)))


judgements = st.builds(
    _judgement,
    st.lists(signals, max_size=3),
    st.lists(reasons, max_size=1),
    pixels=st.sampled_from(Verdict),
    high=st.floats(0, 1),
    photo=st.none() | st.sampled_from(PhotoAnswer),
    plain=st.booleans(),
    similarity=st.none() | similarities,
)
"""What is said of an image, weighed as the product weighs it."""


contexts = st.builds(
    Context,
    service=st.just("comics"),
    at=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    moment=st.sampled_from(Moment),
    account=st.text(max_size=3),
    declared_ai=st.sampled_from([None, False]),
    kind=st.sampled_from(["work", "cover"]),
    categories=st.frozensets(st.sampled_from(["novel", "essay"])),
    paid=st.booleans(),
)


def history(context: Context, **parts: Any) -> History:
    """A history of the account of an upload, over a year."""
    since = context.at - timedelta(days=365)
    return History(context.account or "", since, context.at, **parts)


def some(values: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(list(values)), min_size=1, max_size=2, unique=True)


inferences = {
    "ai": st.sampled_from(AiLevel).map(lambda level: {"at_least": level})
    | st.floats(0.001, 0.9).map(lambda rate: {"at_least": "inferred", "rate": rate}),
    "photo": some(["photo", "unsure"]),
    "plain": st.just(True),
    "edited": st.just(True),
    "copy_of_work": st.sampled_from(["copy", "review"]),
    "style": st.sampled_from(["close", "review"]),
    "account": some(AccountSignalName),
    "codes": st.lists(codes, min_size=1, max_size=3),
}
neutral = {
    "declared": some([Declared.NOTHING, Declared.HUMAN]),
    "kind": some(["work", "cover"]),
    "category": some(["novel", "essay"]),
    "moment": some(Moment),
    "paid": st.booleans(),
    "strikes": st.just({"at_least": 1}),
}


def part(of: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.sets(st.sampled_from(sorted(of)), min_size=1, max_size=2).flatmap(
        lambda names: st.fixed_dictionaries({name: of[name] for name in sorted(names)})
    )


cases = st.builds(lambda one, two: one | two, part(inferences), part(neutral) | st.just({}))
rows = st.fixed_dictionaries(
    {
        "when": st.lists(cases, min_size=1, max_size=2),
        "actions": some([one for one in Action if one is not Action.LABEL]),
        "since": st.sampled_from(["2019-01-01", "2024-06-01"]),
        "yields_to": st.lists(st.sampled_from(["row-0", "row-1", "row-2"]), max_size=1),
    },
    optional={"unless": st.lists(part(neutral), max_size=1), "retroactive": st.booleans()},
)
everywhere = {
    "signals": {
        name.value: {}
        if name is AccountSignalName.FAST_DELIVERY
        else {"times": 2, "within_days": 30}
        for name in AccountSignalName
    },
    "appeals": {"words": {"en": "Write to us.", "ja": "ご連絡ください。"}},
}


def is_good(resolved: ResolvedPolicy) -> bool:
    """Whether the check lets a policy pass."""
    loaded = tuple(LoadedPolicy(one, Places("made-up", {})) for one in resolved.documents)
    return all(problem.warning for problem in check(loaded))


policies = (
    st.lists(rows, min_size=1, max_size=3)
    .map(lambda given: policy(*given, **everywhere))
    .filter(is_good)
)
"""Policies that `check` lets pass, about uploads that do not declare an AI."""
