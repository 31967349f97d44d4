"""Dashboard and alerts: Prometheus takes them, and a running service gives what they ask for."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from tests.api.conftest import serving
from tests.conftest import NO_PROMTOOL
from tests.fakes import fake_judge
from tests.scan.making import picture

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "alerts.yaml"


def rules() -> list[dict[str, Any]]:
    document = YAML(typ="safe").load(RULES)
    return [rule for group in document["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    found = json.loads((DEPLOY / "grafana" / "rakkan.json").read_text())
    assert isinstance(found, dict)
    return found


def asked() -> Iterator[str]:
    """Every expression of alerts and dashboard."""
    for rule in rules():
        yield rule["expr"]
    for panel in dashboard()["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    for variable in dashboard()["templating"]["list"]:
        yield variable.get("definition", "")


def test_a_service_gives_every_metric_that_is_asked_for(tmp_path: Path) -> None:
    judge = fake_judge()
    judge = replace(judge, model=replace(judge.model, shares=(0.1,) * 10))
    with serving(f"sqlite:///{tmp_path / 'r.sqlite3'}", judge) as client:
        assert client.score(picture(1)).status_code == 200
        text = client.http.get("/metrics").text
    given: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            given.setdefault(sample.name, set()).update(sample.labels)
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    names = set()
    for expression in asked():
        names |= set(re.findall(r"rakkan:[\w:]+", expression)) - recorded
        for name, labels in re.findall(r"\b(rakkan_\w+)(?:\{([^}]*)\})?", expression):
            names.add(name)
            for label in re.findall(r'(\w+)(?:=~|!=|=)"', labels):
                assert label in given[name] | {"instance"}, f"{name} has no label {label}"
    assert names
    assert names <= given.keys()
    documented = (DEPLOY.parent / "docs" / "monitoring.md").read_text()
    for name in given:
        if not name.endswith("_created"):
            family = re.sub("_(bucket|sum|count)$", "", name)
            assert f"| `{family}` |" in documented, family


def test_the_dashboard_is_whole() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [tuple(panel["gridPos"].values()) for panel in panels]
    for i, (x, y, w, h) in enumerate(places):
        assert x + w <= 24
        for left, top, width, height in places[i + 1 :]:
            apart = left >= x + w or x >= left + width or top >= y + h or y >= top + height
            assert apart, panels[i]["title"]


def test_every_alert_says_how_much_it_matters_and_what_to_do() -> None:
    for rule in rules():
        if "alert" in rule:
            assert rule["labels"]["severity"] in {"page", "ticket"}
            assert rule["annotations"]["summary"].endswith(".")


def test_every_alert_is_tried() -> None:
    tried = (DEPLOY / "prometheus" / "alerts_test.yaml").read_text()
    for rule in rules():
        if "alert" in rule:
            assert tried.count(f"alertname: {rule['alert']}") >= 2 or rule["alert"] == "RakkanSlow"


@pytest.mark.parametrize(
    "arguments", [("check", "rules", "alerts.yaml"), ("test", "rules", "alerts_test.yaml")]
)
def test_prometheus_takes_them(arguments: tuple[str, ...]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip(NO_PROMTOOL)
    done = subprocess.run([promtool, *arguments], cwd=RULES.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
