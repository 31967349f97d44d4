"""What stands above every policy."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from evidence import Claim, EvidenceKind, Judgement, Reason, Signal, Verdict
from labelling import (
    Action,
    Context,
    Decision,
    History,
    Moment,
    ResolvedPolicy,
    Strike,
    decide,
)
from labelling.actions import IRREVOCABLE, milder_or_equal, severest
from labelling.document import dump_decision, load_decision
from labelling.policy.document import Mode
from labelling.policy.library import PolicyLibrary, open_policy
from tests.labelling.building import (
    NOW,
    contexts,
    history,
    judgements,
    policies,
    reasons,
    weighed,
)
from tests.labelling.making import judgement, policy, says

# Policies are made until the check lets one pass.
slowly = settings(
    max_examples=60, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
shipped = st.sampled_from([open_policy(name) for name in PolicyLibrary()])

all_policies = policies | shipped


def is_milder_or_equal(one: Decision, other: Decision) -> bool:
    return milder_or_equal(severest(one.actions), severest(other.actions))


@slowly
@given(judgements, contexts, all_policies, st.sampled_from([Claim.AI_MADE, Claim.AI_EDITED]),
       st.sampled_from(list(EvidenceKind)[:3]), reasons)  # fmt: skip
def test_more_evidence_of_an_ai_never_leads_to_a_milder_outcome(
    upload: Judgement,
    context: Context,
    under: ResolvedPolicy,
    claim: Claim,
    kind: EvidenceKind,
    reason: Reason,
) -> None:
    more = Signal(reader="more", kind=kind, claim=claim, reason=reason)
    stronger = weighed(upload, (*upload.ai.signals, more))
    for known in (None, history(context)):
        before = decide(upload, context, known, under)
        assert is_milder_or_equal(before, decide(stronger, context, known, under))


@slowly
@given(judgements, contexts, all_policies)
def test_a_policy_in_shadow_decides_and_never_acts(
    upload: Judgement, context: Context, under: ResolvedPolicy
) -> None:
    shadow = ResolvedPolicy.of(
        tuple(one.model_copy(update={"mode": Mode.SHADOW}) for one in under.documents)
    )
    live = ResolvedPolicy.of(
        tuple(one.model_copy(update={"mode": Mode.LIVE}) for one in under.documents)
    )
    decided, done = (decide(upload, context, None, one) for one in (shadow, live))
    assert not decided.acts
    assert done.acts
    assert decided.actions == done.actions
    assert decided.reasons[-1].code == "policy_in_shadow"


@slowly
@given(judgements, contexts, all_policies)
def test_inference_alone_never_leads_to_what_cannot_be_undone(
    upload: Judgement, context: Context, under: ResolvedPolicy
) -> None:
    inferred = tuple(one for one in upload.ai.signals if one.kind is EvidenceKind.INFERRED)
    # Notes of decoding are facts, so they stay out.
    alone = replace(weighed(upload, inferred), image=replace(upload.image, notes=()))
    for known in (None, history(context)):
        decided = decide(alone, context, known, under)
        assert not IRREVOCABLE & set(decided.actions)
        for row in decided.rows:
            assert not row.capped or Action.REVIEW in row.actions
            assert set(row.capped) <= set(row.on_confirmation)


def test_a_fact_beside_an_inference_makes_it_no_surer() -> None:
    under = policy({
        "when": [{"ai": {"at_least": "inferred"}, "strikes": {"at_least": 1}}],
        "actions": ["delist", "suspend_review"],
    })  # fmt: skip
    context = Context(service="comics", at=NOW, account="ann")
    strike = Strike("s", NOW - timedelta(days=9), None, None, "row-0")
    known = history(context, strikes=(strike,))
    decided = decide(judgement(Verdict.AI), context, known, under)
    assert decided.actions == (Action.REVIEW, Action.SUSPEND_REVIEW)
    assert decided.rows[0].capped == (Action.DELIST,)


@slowly
@given(judgements, contexts, all_policies)
def test_the_uploaders_own_works_never_count(
    upload: Judgement, context: Context, under: ResolvedPolicy
) -> None:
    near = upload.similarity
    assume(near is not None and (near.copies or near.creators))
    assert near is not None
    own = tuple(one.creator for one in (*near.copies, *near.creators))
    known = history(context, creators=own)
    without = replace(upload, similarity=replace(near, copies=(), creators=()))
    assert decide(upload, context, known, under) == decide(without, context, known, under)


@slowly
@given(judgements, contexts, all_policies)
def test_the_rule_of_the_date_is_applied(
    upload: Judgement, context: Context, under: ResolvedPolicy
) -> None:
    decided = decide(upload, context, history(context), under)
    in_force = {row.id for _, row in under.rows_in_force(context)}
    assert {one.row for one in decided.rows} <= in_force
    assert decided.at == context.at


@slowly
@given(judgements, contexts, all_policies, st.text(min_size=1, max_size=9))
def test_a_reason_that_nobody_knows_harms_nobody(
    upload: Judgement, context: Context, under: ResolvedPolicy, word: str
) -> None:
    strange = Reason(f"unheard_of_{word}", "Something new.")
    ai = upload.ai
    heard = replace(
        upload,
        image=replace(upload.image, notes=(*upload.image.notes, strange)),
        ai=replace(ai, pixels=replace(ai.pixels, reasons=(*ai.pixels.reasons, strange))),
    )
    assert decide(heard, context, None, under) == decide(upload, context, None, under)


strikes = st.lists(
    st.builds(
        Strike,
        st.text(max_size=3),
        st.datetimes(datetime(2019, 1, 1), timezones=st.just(NOW.tzinfo)),
        st.none(),
        st.none(),
        st.text(max_size=3),
    ),
    max_size=3,
).map(tuple)


@slowly
@given(judgements, contexts, all_policies, strikes, st.booleans())
def test_a_missing_history_makes_milder_and_says_so(
    upload: Judgement,
    context: Context,
    under: ResolvedPolicy,
    given_strikes: tuple[Strike, ...],
    owns: bool,
) -> None:
    near = upload.similarity
    own = tuple(one.creator for one in near.copies) if near and owns else ()
    known = history(context, strikes=given_strikes, creators=own)
    with_it = decide(upload, context, known, under)
    without = decide(upload, context, None, under)
    assert is_milder_or_equal(without, with_it)
    if severest(without.actions) != severest(with_it.actions):
        assert any(why.code == "history_missing" for why in without.reasons)


@slowly
@given(judgements, contexts, all_policies, st.text(), st.text())
def test_hostile_names_stay_data(
    upload: Judgement, context: Context, under: ResolvedPolicy, name: str, work: str
) -> None:
    hostile = replace(context, account=name, work=work)
    known = History(name, context.at, context.at)
    decided = decide(upload, hostile, known, under)
    assert load_decision(dump_decision(decided)) == decided
    plain = decide(upload, context, replace(known, account=context.account or ""), under)
    assert decided == plain


def test_without_rows_everything_is_published() -> None:
    context = Context(service="comics", at=NOW, account="ann")
    decided = decide(judgement(Verdict.AI), context, history(context), policy())
    assert decided.action is Action.PUBLISH
    assert decided.actions == (Action.PUBLISH,)
    assert decided.label is None


def test_a_row_yields_to_one_that_asks_for_more() -> None:
    under = policy(
        {"when": [{"ai": {"at_least": "stated"}}], "actions": ["delist"]},
        {
            "when": [{"ai": {"at_least": "inferred"}}],
            "actions": ["hide_from_search"],
            "yields_to": ["row-0"],
        },
    )
    context = Context(service="comics", at=NOW)
    inferred = judgement(Verdict.AI)
    stated = weighed(inferred, (says(Claim.AI_MADE),))
    assert decide(inferred, context, None, under).actions == (Action.HIDE_FROM_SEARCH,)
    assert decide(stated, context, None, under).actions == (Action.DELIST,)


def test_a_label_is_given_only_where_a_row_asks_to_label() -> None:
    under = policy({
        "when": [{"ai": {"at_least": "inferred"}}],
        "label": "ai",
        "actions": ["review"],
        "on_confirmation": ["label"],
    })  # fmt: skip
    decided = decide(judgement(Verdict.AI), Context(service="comics", at=NOW), None, under)
    assert decided.label is None
    assert decided.rows[0].label == "ai"


def test_an_exemption_that_cannot_be_known_is_told() -> None:
    """With the history the row holds; without it, nobody can say that its exemption does not."""
    spared = policy({
        "when": [{"ai": {"at_least": "inferred"}}],
        "unless": [{"strikes": {"at_least": 1}}],
        "actions": ["review"],
    })  # fmt: skip
    context = Context(service="comics", at=NOW, account="ann")
    upload = judgement(Verdict.AI)
    assert decide(upload, context, history(context), spared).action is Action.REVIEW
    without = decide(upload, context, None, spared)
    assert without.action is Action.PUBLISH
    (note,) = (why for why in without.reasons if why.code == "history_missing")
    assert "row-0" in note.text


@given(judgements)
def test_what_an_archive_does_not_tell_of_declarations_harms_nobody(upload: Judgement) -> None:
    undeclared = policy({"when": [{"declared": ["nothing", "human"]}], "actions": ["delist"]})
    archive = Context(service="comics", at=NOW, moment=Moment.ARCHIVE)
    decided = decide(upload, archive, None, undeclared)
    assert decided.action is Action.PUBLISH
    assert [why.code for why in decided.reasons] == ["declaration_missing"]
    posted = replace(archive, moment=Moment.UPLOAD)
    assert decide(upload, posted, None, undeclared).action is Action.DELIST
