"""The files of `deploy/`, held to what reads them; `deploy/try.sh` takes their steps."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from compose_spec import PyCompose
from ruamel.yaml import YAML

from serving.settings import PREFIX, Settings
from tests.conftest import NO_SYSTEMD

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = DEPLOY / "Dockerfile"
COMPOSE = DEPLOY / "compose.yaml"
UNIT = DEPLOY / "systemd" / "rakkan.service"


def passes(*command: str | Path) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tool(name: str) -> Path:
    return Path(sys.executable).with_name(name)


def compose() -> dict[str, Any]:
    found = YAML(typ="safe").load(COMPOSE)
    assert isinstance(found, dict)
    return found


def test_the_dockerfile_is_clean() -> None:
    passes(tool("hadolint"), "--failure-threshold", "style", DOCKERFILE)


def test_the_compose_file_is_one_and_hardened() -> None:
    PyCompose.from_yaml(COMPOSE.read_text()).validate()
    passes(tool("compose-lint"), "check", COMPOSE)
    for service in compose()["services"].values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert not any("PASSWORD" in name[-8:] for name in service["environment"])


def test_every_package_is_in_the_image() -> None:
    """What Docker is sent is what the wheel is made from, and no more."""
    sent = re.findall(r"^!(\S+)", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    packages = {place.parent.name for place in ROOT.glob("*/__init__.py")}
    packages -= {"benchmarks", "demo", "fuzz", "tests"}
    assert set(sent) == packages | {"LICENSE", "README.md", "constraints.txt", "pyproject.toml"}


def test_every_setting_that_is_named_is_one() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {"RAKKAN_SETTINGS"}
    named = set()
    for place in (DOCKERFILE, COMPOSE, UNIT, DEPLOY / "try.sh"):
        named |= set(re.findall(r"\bRAKKAN_[A-Z_]*[A-Z]\b", place.read_text()))
    assert named <= known


def test_there_is_time_to_drain() -> None:
    """Whoever stops the process waits longer than it takes to drain."""
    drain = Settings.model_fields["drain_seconds"].default
    (unit,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT.read_text(), re.MULTILINE)
    assert int(unit) > drain
    assert int(compose()["services"]["rakkan"]["stop_grace_period"].removesuffix("s")) > drain


@pytest.fixture
def analyze() -> str:
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip(NO_SYSTEMD)
    return found


def test_the_unit_is_hardened(analyze: str) -> None:
    """At most 2.0 of 10, where a service without any hardening has 9.6."""
    passes(analyze, "security", "--offline=true", "--threshold=20", UNIT)


def test_systemd_reads_every_line_of_the_unit(analyze: str, tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/rakkan/bin/rakkan", sys.executable))
    done = subprocess.run([analyze, "verify", unit], capture_output=True, text=True)
    assert not re.findall(rf"{UNIT.name}:.*", done.stderr)
