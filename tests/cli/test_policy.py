"""`rakkan policy`: told to a person as they ask."""

import json
from pathlib import Path

import pytest

from evidence import Claim, PhotoAnswer, Verdict
from evidence.document import dump_judgement
from labelling.policy.library import PolicyLibrary
from tests.cli.running import run_here
from tests.labelling.making import judgement, says


@pytest.fixture
def stated(tmp_path: Path) -> Path:
    """A judgement of a picture like a photograph whose file says that an AI made it."""
    made = judgement(Verdict.AI, says(Claim.AI_MADE), photo=PhotoAnswer.PHOTO)
    place = tmp_path / "judgement.json"
    place.write_bytes(dump_judgement(made))
    return place


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A platform's own folder of policies."""
    place = tmp_path / "policies"
    place.mkdir()
    monkeypatch.setenv("RAKKAN_POLICIES", str(place))
    return place


def test_policies_are_listed(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "comics.yaml").write_text("schema: 1")
    done = run_here(capsys, "policy", "list")
    assert done.returncode == 0
    assert "pixiv\tshadow\tpixiv-terms\tpixiv\n" in done.stdout
    assert "comics\t\t\tcannot be read: see `rakkan policy check`" in done.stdout


def test_a_policy_is_checked(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    own = PolicyLibrary().document("booth")
    (folder / "booth.yaml").write_text(own, "utf-8")
    done = run_here(capsys, "policy", "check", folder / "booth.yaml")
    assert (done.returncode, done.stdout) == (0, "In order.\n")
    (folder / "booth.yaml").write_text(own.replace("[review]", "[revew]"), "utf-8")
    done = run_here(capsys, "policy", "check", folder / "booth.yaml")
    assert done.returncode == 1
    assert '"revew" cannot stand here (did you mean "review"?)' in done.stdout


def test_what_a_policy_inherits_may_lie_beside_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shipped = PolicyLibrary()
    (tmp_path / "booth.yaml").write_text(
        shipped.document("booth").replace("inherits: pixiv-terms", "inherits: our-terms")
    )
    terms = shipped.document("pixiv-terms").replace("name: pixiv-terms", "name: our-terms")
    done = run_here(capsys, "policy", "check", tmp_path / "booth.yaml")
    assert 'There is no policy "our-terms" to inherit' in done.stdout
    (tmp_path / "our-terms.yaml").write_text(terms)
    assert run_here(capsys, "policy", "check", tmp_path / "booth.yaml").returncode == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Since 2026-03-18", "It may be hidden from search.", "How to object")),
        ("ja", ("2026-03-18から", "担当者の確認後", "異議申し立ての方法")),
    ],
)
def test_a_policy_is_shown_as_it_is_announced(
    capsys: pytest.CaptureFixture[str], language: str, words: tuple[str, ...]
) -> None:
    done = run_here(capsys, "policy", "show", "pixiv", "--lang", language)
    assert done.returncode == 0
    for word in words:
        assert word in done.stdout
    # What clip-studio-assets lets nobody do is no rule of pixiv's.
    assert "no-ai-material" not in done.stdout


def test_an_inherited_rule_that_is_overridden_is_not_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = run_here(capsys, "policy", "show", "fanbox")
    assert "[no-ai]" in done.stdout
    assert "[copy]" in done.stdout
    assert "[ai-declared]" not in done.stdout


def test_a_document_is_printed_to_begin_with(capsys: pytest.CaptureFixture[str]) -> None:
    done = run_here(capsys, "policy", "show", "booth", "--source")
    assert done.stdout == PolicyLibrary().document("booth")


def test_a_name_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    done = run_here(capsys, "policy", "show", "pixvi")
    assert done.returncode == 1
    assert 'did you mean "pixiv"?' in done.stderr


def test_it_is_explained_what_decides_and_what_nearly_does(
    capsys: pytest.CaptureFixture[str], stated: Path
) -> None:
    ask = ("policy", "explain", stated, "--policy", "pixiv", "--declared", "human")
    done = run_here(capsys, *ask, "--category", "novel_cover")
    deciding, _, rest = done.stdout.partition("What holds too, and is covered")
    assert "[not-declared]" in deciding
    assert "ai: wanted at least stated; found: stated" in deciding
    assert "[ai-likely]" in rest
    exempt = rest.partition("but for an exemption:")[2]
    assert "category: wanted novel_cover" in exempt
    assert "[flood]" in rest.partition("something is not known:")[2]


def test_the_rules_of_the_day_are_explained(
    capsys: pytest.CaptureFixture[str], stated: Path
) -> None:
    ask = ("policy", "explain", stated, "--policy", "pixiv", "--json")
    for day, action in (("2026-03-17", "label"), ("2026-03-18", "hide_from_search")):
        told = json.loads(run_here(capsys, *ask, "--at", day).stdout)
        assert told["decision"]["action"] == action
        standing = {row["row"]: row["standing"] for row in told["rows"]}
        assert standing["ai-evident"] == "decides"
        assert standing["flood"] == "unknown"
        assert ("not-declared" in standing) == (day == "2026-03-18")
