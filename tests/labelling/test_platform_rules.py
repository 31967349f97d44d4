"""The platforms' rules, row by row: given an upload, when it is posted, then this is asked for.

What a row says of images is judged by the product itself, on pictures that are drawn here, or on
real ones; what it says of an account, on a history.
"""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageOps, PngImagePlugin

from evidence import Claim, EvidenceKind, Judgement, PhotoAnswer, Reason, Verdict
from labelling import (
    Action,
    Confirmation,
    Context,
    Decision,
    History,
    Moment,
    Post,
    Request,
    ServiceNorm,
    Strike,
    decide,
)
from labelling.account.signals import AccountSignal, AccountSignalName
from labelling.decide import decide_on, find
from labelling.policy.library import open_policy
from serving.enrol import Enrolment
from serving.judge import Judge
from serving.opening import open_enroller, open_judge
from serving.settings import Settings
from similarity.gallery.creators import Consent
from tests.cli.artists import dots, lines, png, write_artists
from tests.labelling.making import judgement, says

TOKYO = ZoneInfo("Asia/Tokyo")
TODAY = datetime(2026, 11, 28, 12, tzinfo=TOKYO)


def day(text: str) -> datetime:
    """The first moment of a day in Japan."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


def before(text: str) -> datetime:
    """The last second before a day in Japan."""
    return day(text) - timedelta(seconds=1)


def when(
    service: str,
    given: Judgement,
    at: datetime = TODAY,
    history: History | None = None,
    **context: object,
) -> Decision:
    """What is decided when somebody posts it."""
    posted = Context(service=service, at=at, account="ann", **context)  # type: ignore[arg-type]
    known = history or past(at=at)
    return decide(given, posted, known, open_policy(service))


def past(*posts: Post, at: datetime = TODAY, **parts: object) -> History:
    """What the account did in three years."""
    since = at - timedelta(days=1000)
    return History("ann", since, at, posts, **parts)  # type: ignore[arg-type]


def rules(decision: Decision) -> set[str]:
    return {row.row for row in decision.rows}


# Pictures, as the product judges them.


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, encoder_cache: Path) -> str:
    """An index in which the artists Dot and Lyn are enrolled."""
    folder = tmp_path_factory.mktemp("artists")
    write_artists(folder)
    place = str(tmp_path_factory.mktemp("index"))
    with open_enroller(Settings(), place) as enroller:
        asked = [Enrolment(name, (folder / name,), Consent(name, TODAY)) for name in ("Dot", "Lyn")]
        assert [done.added for done in enroller.enrol(asked)] == [5, 5]
    return place


@pytest.fixture(scope="module")
def judge(index: str) -> Iterator[Judge]:
    with open_judge(index=index) as opened:
        yield opened


@pytest.fixture(scope="module")
def generated(judge: Judge) -> Judgement:
    """A picture whose file says that a generator made it."""
    said = PngImagePlugin.PngInfo()
    said.add_text("parameters", "a boat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5")
    buffer = BytesIO()
    lines(77).save(buffer, "PNG", pnginfo=said)
    return judge.one(buffer.getvalue())


@pytest.fixture(scope="module")
def drawn(judge: Judge) -> Judgement:
    """A picture of which nothing is said."""
    return judge.one(png(lines(78)))


@pytest.fixture(scope="module")
def copied(judge: Judge) -> Judgement:
    """A mirrored part of a work by Dot, within another picture."""
    part = ImageOps.mirror(dots(2)).crop((20, 20, 320, 310))
    page = Image.new("RGB", (420, 400), (225, 235, 240))
    page.paste(part, (60, 50))
    return judge.one(png(page))


@pytest.fixture(scope="module")
def blank(judge: Judge) -> Judgement:
    return judge.one(png(Image.new("RGB", (400, 300), (250, 250, 250))))


@pytest.fixture(scope="module")
def photograph(judge: Judge, data_dir: Path) -> Judgement:
    """A real photograph."""
    with (data_dir / "manifest.csv").open(newline="") as table:
        for row in csv.DictReader(table):
            if (row["label"], row["kind"]) == ("human", "photo"):
                found = judge.one((data_dir / row["path"]).read_bytes())
                if found.ai.pixels.photo and found.ai.pixels.photo.answer is PhotoAnswer.PHOTO:
                    return found
    pytest.fail("no photograph of the real images is judged to be one")


# pixiv


def test_pixiv_a_work_declared_as_ai_is_labelled(generated: Judgement, drawn: Judgement) -> None:
    for work in (generated, drawn):
        then = when("pixiv", work, day("2023-05-31"), declared_ai=True)
        assert (then.label, then.action) == ("ai-generated", Action.LABEL)
        assert when("pixiv", work, before("2023-05-31"), declared_ai=True).label is None


def test_pixiv_the_operator_labels_on_objective_evidence(generated: Judgement) -> None:
    assert generated.ai.evidence is EvidenceKind.STATED
    then = when("pixiv", generated, day("2023-05-31"))
    assert (then.label, then.action) == ("ai-generated", Action.LABEL)
    assert rules(then) == {"ai-evident"}
    assert generated.ai.reasons[0] in then.reasons
    assert when("pixiv", generated, before("2023-05-31")).action is Action.PUBLISH


@pytest.mark.parametrize(("high", "action"), [(0.0009, Action.LABEL), (0.004, Action.REVIEW)])
def test_pixiv_pixels_label_below_a_strict_rate_and_are_reviewed_above(
    high: float, action: Action
) -> None:
    then = when("pixiv", judgement(Verdict.AI, high=high), day("2024-01-01"))
    assert then.action is action
    assert (then.label is not None) == (action is Action.LABEL)


def test_pixiv_a_work_that_nothing_is_said_of_is_published(drawn: Judgement) -> None:
    assert drawn.ai.verdict is not Verdict.AI
    assert when("pixiv", drawn).actions == (Action.PUBLISH,)


def test_pixiv_a_copy_is_reviewed_whatever_it_was_made_with(copied: Judgement) -> None:
    assert copied.similarity is not None
    assert copied.similarity.copies[0].creator == "Dot"
    for declared in (None, False):
        then = when("pixiv", copied, day("2023-05-31"), declared_ai=declared)
        assert then.action is Action.REVIEW
        assert rules(then) == {"copy"}
        assert then.rows[0].on_confirmation == (Action.DELIST, Action.WARN)
    assert when("pixiv", copied, before("2023-05-31")).action is Action.PUBLISH


def test_pixiv_a_copy_by_automated_means_is_hidden_at_once(copied: Judgement) -> None:
    made_by_ai = judgement(Verdict.INCONCLUSIVE, says(Claim.AI_MADE), similarity=copied.similarity)
    then = when("pixiv", made_by_ai, day("2023-05-31"))
    assert then.action is Action.HIDE_FROM_SEARCH
    assert {"copy", "automated-copy"} <= rules(then)


def test_pixiv_ones_own_work_may_be_posted_again(copied: Judgement) -> None:
    assert when("pixiv", copied, history=past(creators=("Dot",))).action is Action.PUBLISH


def test_pixiv_one_work_near_to_a_creator_is_never_enough(judge: Judge) -> None:
    near = judge.one(png(dots(99)))
    assert when("pixiv", near).action is Action.PUBLISH


def test_pixiv_repeated_imitation_is_reviewed_and_names_the_creator(drawn: Judgement) -> None:
    policy = open_policy("pixiv")
    posted = Context(service="pixiv", at=day("2023-05-31"), account="ann", work="w5")
    works = ("w1", "w2", "w3", "w4", "w5")
    why = Reason("account_imitation", "Of 9 works, 5 come near to works of Dot.")
    signal = AccountSignal(AccountSignalName.IMITATION, why, works, "Dot", 0.0005)
    found = replace(find(drawn, posted, past(at=posted.at), policy), signals=(signal,))
    then = decide_on(drawn, found, policy)
    assert (rules(then), then.action) == ({"repeated-imitation"}, Action.REVIEW)
    assert then.rows[0].on_confirmation == (Action.DELIST, Action.WARN)
    assert why in then.reasons
    assert then.signals == (signal,)


def test_pixiv_a_flood_is_reviewed(drawn: Judgement) -> None:
    many = tuple(Post(f"w{n}", TODAY - timedelta(minutes=n)) for n in range(1, 61))
    norm = ServiceNorm(posts_a_day=10, accounts=1000)
    then = when("pixiv", drawn, history=past(*reversed(many), norm=norm), work="w0")
    assert rules(then) == {"flood"}
    assert then.action is Action.REVIEW
    assert when("pixiv", drawn, history=past(*many[:20], norm=norm)).action is Action.PUBLISH


def test_pixiv_a_photograph_is_reviewed_but_not_on_a_novel(photograph: Judgement) -> None:
    then = when("pixiv", photograph, day("2023-05-31"), declared_ai=False)
    assert "photograph" in rules(then)
    assert then.action is Action.REVIEW
    novel = frozenset({"novel_cover"})
    assert "photograph" not in rules(when("pixiv", photograph, categories=novel))
    assert "photograph" not in rules(when("pixiv", photograph, before("2023-05-31")))


def test_pixiv_an_account_full_of_somebody_elses_works_is_impersonation(
    copied: Judgement,
) -> None:
    earlier = tuple(
        Post(f"w{n}", TODAY - timedelta(days=n), copies=("Dot",), searched=True)
        for n in range(5, 0, -1)
    )
    then = when("pixiv", copied, history=past(*earlier), work="w0")
    assert "impersonation" in rules(then)
    (signal,) = [one for one in then.signals if one.name == "impersonation"]
    assert signal.creator == "Dot"
    owner = when("pixiv", copied, history=past(*earlier, creators=("Dot",)), work="w0")
    assert owner.action is Action.PUBLISH


def test_pixiv_a_false_setting_hides_from_search_from_2026_on(generated: Judgement) -> None:
    then = when("pixiv", generated, day("2026-03-18"), declared_ai=False)
    assert (then.label, then.action) == ("ai-generated", Action.HIDE_FROM_SEARCH)
    earlier = when("pixiv", generated, before("2026-03-18"), declared_ai=False)
    assert (earlier.label, earlier.action) == ("ai-generated", Action.LABEL)


def test_pixiv_a_false_setting_counts_the_other_way_too() -> None:
    by_hand = judgement(Verdict.HUMAN, says(Claim.HUMAN_MADE, EvidenceKind.PROVEN))
    then = when("pixiv", by_hand, day("2026-03-18"), declared_ai=True)
    assert "falsely-declared" in rules(then)
    assert then.action is Action.HIDE_FROM_SEARCH
    earlier = when("pixiv", by_hand, before("2026-03-18"), declared_ai=True)
    assert earlier.action is Action.LABEL


# pixiv Requests


def test_requests_new_terms_for_ai_works_are_rejected(drawn: Judgement) -> None:
    ask = {"kind": "request_terms", "declared_ai": True}
    assert when("pixiv-requests", drawn, day("2023-05-22"), **ask).action is Action.REJECT
    assert when("pixiv-requests", drawn, before("2023-05-22"), **ask).action is Action.PUBLISH


def test_requests_a_delivery_by_an_ai_is_rejected(generated: Judgement) -> None:
    ask = {"kind": "request_delivery"}
    then = when("pixiv-requests", generated, day("2023-05-29"), **ask)
    assert then.action is Action.REJECT
    assert when("pixiv-requests", generated, before("2023-05-29"), **ask).action is Action.PUBLISH


def test_requests_a_delivery_that_only_looks_so_is_held_for_a_person() -> None:
    looks_so = judgement(Verdict.AI)
    then = when("pixiv-requests", looks_so, kind="request_delivery")
    assert then.action is Action.HOLD
    assert Action.REVIEW in then.actions


def test_requests_a_delivery_far_too_fast_is_reviewed(drawn: Judgement) -> None:
    def request(name: str, days_ago: float, took: timedelta) -> Request:
        placed = TODAY - timedelta(days=days_ago)
        return Request(name, "client", "ann", placed, name, placed, None, placed + took)

    usual = [request(f"r{n}", 20 + n, timedelta(days=10)) for n in range(6)]
    fast = Request("r9", "client", "ann", TODAY - timedelta(hours=2), "r9")
    known = past(requests=(*usual, fast))
    ask = {"kind": "request_delivery", "request": "r9"}
    then = when("pixiv-requests", drawn, history=known, **ask)
    assert (rules(then), then.action) == ({"fast-delivery"}, Action.REVIEW)
    slow = Request("r9", "client", "ann", TODAY - timedelta(days=9), "r9")
    known = past(requests=(*usual, slow))
    assert when("pixiv-requests", drawn, history=known, **ask).action is Action.PUBLISH


def test_requests_the_same_request_to_several_is_reviewed(drawn: Judgement) -> None:
    placed = TODAY - timedelta(days=3)
    accepted = Request("r0", "ann", "Bob", placed, "same", placed + timedelta(hours=5))
    others = [
        Request(f"r{n}", "ann", f"Cat-{n}", placed, "same", None, placed + timedelta(hours=6))
        for n in range(1, 4)
    ]
    then = when("pixiv-requests", drawn, history=past(requests=(accepted, *others)))
    assert (rules(then), then.action) == ({"same-request"}, Action.REVIEW)


# pixivFANBOX


def test_fanbox_ai_works_are_prohibited_but_for_exemptions(generated: Judgement) -> None:
    then = when("fanbox", generated, day("2023-07-25"))
    assert then.action is Action.DELIST
    for category in ("explanation", "ai_translation", "auto_colour"):
        exempt = when("fanbox", generated, day("2023-07-25"), categories=frozenset({category}))
        assert exempt.action is Action.PUBLISH
    earlier = when("fanbox", generated, before("2023-07-25"))
    assert (earlier.label, earlier.action) == ("ai-generated", Action.LABEL)


def test_fanbox_what_an_ai_worked_on_is_reviewed() -> None:
    retouched = judgement(Verdict.INCONCLUSIVE, says(Claim.AI_EDITED))
    then = when("fanbox", retouched, day("2023-07-25"))
    assert (rules(then), then.action) == ({"likely-ai"}, Action.REVIEW)


# BOOTH, and what holds for all services of pixiv


def test_booth_declares_apart_and_its_own_rule_wins(generated: Judgement) -> None:
    declared = when("booth", generated, declared_ai=True)
    assert (declared.label, declared.action) == ("uses-ai", Action.LABEL)
    silent = when("booth", generated)
    assert (rules(silent), silent.action) == ({"goods-not-declared"}, Action.REVIEW)


@pytest.mark.parametrize("service", ["pixiv", "pixiv-requests", "fanbox", "booth"])
def test_the_common_terms_hold_where_a_service_says_nothing_of_its_own(
    service: str, copied: Judgement
) -> None:
    assert "copy" in rules(when(service, copied))


# Clip Studio Assets

ASSETS = "clip-studio-assets"


def test_assets_an_ai_material_is_rejected(generated: Judgement) -> None:
    then = when(ASSETS, generated, day("2022-12-06"), kind="material")
    assert (then.action, then.actions[-1]) == (Action.REJECT, Action.STRIKE)
    assert when(ASSETS, generated, before("2022-12-06")).action is Action.PUBLISH


def test_assets_old_materials_are_delisted_whenever_they_were_posted(
    generated: Judgement,
) -> None:
    for at in (day("2021-04-01"), before("2022-12-06"), day("2022-12-06"), TODAY):
        assert when(ASSETS, generated, at, moment=Moment.ARCHIVE).action is Action.DELIST


def test_assets_a_material_that_only_looks_so_is_reviewed() -> None:
    then = when(ASSETS, judgement(Verdict.AI))
    assert then.actions == (Action.REVIEW,)
    assert then.rows[0].on_confirmation == (Action.DELIST, Action.STRIKE)


def test_assets_strikes_without_improvement_lead_to_a_suspension_by_people(
    drawn: Judgement,
) -> None:
    def strikes(count: int) -> tuple[Strike, ...]:
        given = TODAY - timedelta(days=20)
        end = given + timedelta(days=365)
        return tuple(Strike(f"s{n}", given, end, None, "no-ai-material") for n in range(count))

    assert when(ASSETS, drawn, history=past(strikes=strikes(2))).action is Action.PUBLISH
    then = when(ASSETS, drawn, history=past(strikes=strikes(3)))
    assert then.actions == (Action.SUSPEND_REVIEW,)


def test_assets_posting_and_deleting_again_and_again_is_investigated(drawn: Judgement) -> None:
    def deleted(count: int) -> tuple[Post, ...]:
        return tuple(
            Post(f"w{n}", TODAY - timedelta(days=n), deleted_at=TODAY - timedelta(days=n - 0.5))
            for n in range(count, 0, -1)
        )

    then = when(ASSETS, drawn, history=past(*deleted(6)))
    assert (rules(then), then.action) == ({"post-and-delete"}, Action.REVIEW)
    assert when(ASSETS, drawn, history=past(*deleted(3))).action is Action.PUBLISH


def test_assets_links_to_elsewhere_are_investigated(drawn: Judgement) -> None:
    linked = tuple(
        Post(f"w{n}", TODAY - timedelta(days=n), outside_links=2) for n in range(6, 0, -1)
    )
    then = when(ASSETS, drawn, history=past(*linked), outside_links=1)
    assert (rules(then), then.action) == ({"outside-links"}, Action.REVIEW)
    assert when(ASSETS, drawn, history=past(*linked)).action is Action.PUBLISH


def test_assets_a_thumbnail_with_nothing_in_it_is_reviewed(
    blank: Judgement, drawn: Judgement
) -> None:
    for kind in ("thumbnail", "explanatory_image"):
        then = when(ASSETS, blank, kind=kind)
        assert (rules(then), then.action) == ({"low-information"}, Action.REVIEW)
        assert when(ASSETS, drawn, kind=kind).action is Action.PUBLISH
    assert when(ASSETS, blank, kind="material").action is Action.PUBLISH


def test_assets_whoever_is_dealt_with_is_told_unless_ill_will_is_suspected() -> None:
    policy = open_policy(ASSETS)
    for row in policy.own.rows:
        assert row.notice
        assert not row.notice_if_malice
    assert policy.appeals is not None
    assert "restored" in policy.appeals.words.en or "come back" in policy.appeals.words.en


# What a moderator confirmed


def test_what_was_confirmed_stands_in_the_signal(copied: Judgement) -> None:
    earlier = tuple(
        Post(f"w{n}", TODAY - timedelta(days=n), copies=("Dot",), searched=True)
        for n in range(5, 0, -1)
    )
    works = (*(post.work for post in earlier), "w0")
    seen = Confirmation("impersonation", TODAY - timedelta(days=1), works, "Dot")
    then = when("pixiv", copied, history=past(*earlier, confirmations=(seen,)), work="w0")
    assert [one.confirmed for one in then.signals if one.name == "impersonation"] == [True]
