"""What a policy learns from a history, with this upload counted in."""

from dataclasses import replace

from evidence import Claim, CreatorMatch, CreatorVerdict, SimilarityEvidence, Verdict, reason
from labelling import Action, Confirmation, Context, History, decide
from labelling.account.find import account_signals
from labelling.policy.document import SignalSettings
from labelling.posts import post_of
from tests.labelling.account.histories import NOW, history, posts
from tests.labelling.making import judgement, policy, says

IMITATION = {"times": 3, "within_days": 90, "rate": 0.01}
WHY = reason("style_near", share="share_about", p_value=0.002)
NEAR = SimilarityEvidence(
    (), (CreatorMatch("Mary", 0.7, 4.0, 0.002, CreatorVerdict.CLOSE, 9, (), WHY, 1),), "index"
)
LIKE_MARY = judgement(Verdict.INCONCLUSIVE, similarity=NEAR)


def context(work: str = "this") -> Context:
    return Context(service="comics", at=NOW, account="ann", work=work, declared_ai=False)


def imitator() -> History:
    one = post_of(LIKE_MARY, context())
    return history(*(replace(one, work=f"work-{n}") for n in range(9)))


def test_what_has_no_setting_is_not_looked_for() -> None:
    assert account_signals(LIKE_MARY, context(), imitator(), SignalSettings()) == ()


def test_several_signals_stand_beside_each_other() -> None:
    made = judgement(Verdict.INCONCLUSIVE, says(Claim.AI_MADE), similarity=NEAR, plain=True)
    told = {"declared_ai": False, "verdict": Verdict.AI, "evidence": "stated", "plain": True}
    settings = SignalSettings.model_validate(
        {
            "false_declaration": {"times": 3, "within_days": 9},
            "low_information": {"times": 3, "within_days": 9},
            "outside_links": {"times": 1, "within_days": 9},
        }
    )
    found = account_signals(made, context(), history(*posts(2, **told)), settings)
    assert {one.name for one in found} == {"false_declaration", "low_information"}


def test_nothing_follows_from_an_imitation_before_a_moderator_confirmed_it() -> None:
    asked = {
        "when": [{"account": ["imitation"]}],
        "actions": ["review"],
        "on_confirmation": ["delist", "strike"],
    }
    after = {
        **asked,
        "when": [{"account": ["imitation"], "confirmed": True}],
        "actions": ["delist"],
    }
    rules = policy(asked, after, signals={"imitation": IMITATION})
    past = imitator()
    decided = decide(LIKE_MARY, context(), past, rules)
    assert decided.action is Action.REVIEW
    (signal,) = decided.signals
    assert signal.creator == "Mary"
    assert signal.reason in decided.reasons
    said = Confirmation("imitation", NOW, signal.works, "Mary")
    confirmed = decide(LIKE_MARY, context(), replace(past, confirmations=(said,)), rules)
    assert confirmed.action is Action.DELIST
    of_another = replace(said, creator="Paul")
    unheard = decide(LIKE_MARY, context(), replace(past, confirmations=(of_another,)), rules)
    assert unheard.action is Action.REVIEW


def test_a_style_that_is_free_is_held_against_nobody() -> None:
    free = replace(NEAR.creators[0], verdict=CreatorVerdict.NONE)
    why = reason("style_public_domain", share="share_about", p_value=0.002)
    found = replace(NEAR, creators=(replace(free, reason=why),))
    kept = post_of(judgement(Verdict.INCONCLUSIVE, similarity=found), context())
    assert kept.likenesses == ()
    assert kept.searched
    assert len(post_of(LIKE_MARY, context()).likenesses) == 1
