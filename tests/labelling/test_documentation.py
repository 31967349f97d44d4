"""A newcomer writes a policy from the documentation alone: what it shows works, and is whole."""

import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from evidence import Claim, Judgement, Verdict
from evidence.document import dump_judgement
from labelling import Action, Context, decide
from labelling.account.signals import AccountSignalName
from labelling.errors import BadPolicy
from labelling.policy.document import Conditions, Policy, Row
from labelling.policy.library import PolicyLibrary, open_policy
from tests.labelling.making import judgement, says

PAGE = (Path(__file__).parents[2] / "docs/policies.md").read_text("utf-8")
EXAMPLE, ROW = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
PARIS = ZoneInfo("Europe/Paris")
STATED = judgement(Verdict.AI, says(Claim.AI_MADE))
COVER = {"kind": "cover", "paid": True}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the made-up platform."""
    (tmp_path / "panels.yaml").write_text(EXAMPLE, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("given", "about", "action"),
    [
        (judgement(), {}, Action.PUBLISH),
        (judgement(), {"declared_ai": True}, Action.LABEL),
        (judgement(Verdict.AI), {}, Action.REVIEW),
        (STATED, {}, Action.LABEL),
        (STATED, COVER, Action.REJECT),
        (judgement(Verdict.AI), COVER, Action.REVIEW),
        (STATED, COVER | {"categories": frozenset({"draft"})}, Action.LABEL),
    ],
)
def test_the_example_decides_as_it_says(
    folder: Path, given: Judgement, about: dict[str, object], action: Action
) -> None:
    at = datetime(2026, 4, 1, tzinfo=PARIS)
    context = Context(service="panels", at=at, **about)  # type: ignore[arg-type]
    assert decide(given, context, None, open_policy("panels", folder)).action is action


@pytest.mark.parametrize(
    ("given", "category", "action"),
    [
        (judgement(Verdict.AI), "illustration", Action.LABEL),
        (judgement(Verdict.AI), "pixel_art", Action.REVIEW),
        (STATED, "pixel_art", Action.LABEL),
        (judgement(), "illustration", Action.PUBLISH),
    ],
)
def test_kinds_of_art_have_operating_points_of_their_own(
    folder: Path, given: Judgement, category: str, action: Action
) -> None:
    with (folder / "panels.yaml").open("a", encoding="utf-8") as file:
        file.write(ROW)
    context = Context(
        service="panels",
        at=datetime(2026, 4, 1, tzinfo=PARIS),
        categories=frozenset({category}),
    )
    assert decide(given, context, None, open_policy("panels", folder)).action is action


def test_the_rule_of_covers_begins_on_its_day(folder: Path) -> None:
    policy = open_policy("panels", folder)
    cover = judgement(Verdict.AI, says(Claim.AI_MADE))
    before = datetime(2026, 3, 31, 23, 59, tzinfo=PARIS)
    context = Context(service="panels", at=before, kind="cover", paid=True)
    assert decide(cover, context, None, policy).action is Action.LABEL


def test_the_mistake_is_told_as_shown(folder: Path) -> None:
    place = folder / "panels.yaml"
    place.write_text(place.read_text("utf-8").replace("[label]", "[lable]", 1), "utf-8")
    with pytest.raises(BadPolicy) as caught:
        open_policy("panels", folder)
    told = str(caught.value.problems[0]).replace(str(folder), "my-policies")
    assert told.split(": it takes")[0] in PAGE


def test_every_key_condition_action_signal_and_policy_is_explained() -> None:
    keys = [*Policy.model_fields, *Row.model_fields, *Conditions.model_fields]
    for name in (*keys, *Action, *AccountSignalName, *PolicyLibrary()):
        word = "schema" if name == "schema_version" else str(name)
        assert re.search(rf"`{re.escape(word)}\b", PAGE), word


def test_a_statement_is_written_as_shown(tmp_path: Path) -> None:
    made = judgement(Verdict.AI, says(Claim.AI_MADE))
    (tmp_path / "judgement.json").write_bytes(dump_judgement(made))
    (snippet,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", snippet],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "異議申し立ての方法" in done.stdout
    assert "DECISION_VISIBILITY_CONTENT_DEMOTED" in done.stdout
