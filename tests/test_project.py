"""The project's own promises: style, types, floors, packaging."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("lint-imports",),
    ],
    ids=" ".join,
)
def test_static_checks(command: tuple[str, ...]) -> None:
    tool = Path(sys.executable).with_name(command[0])
    done = subprocess.run([tool, *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_is_listed_everywhere() -> None:
    on_disk = sorted(p.parent.name for p in ROOT.glob("*/__init__.py"))
    assert sorted(PROJECT["tool"]["mypy"]["packages"]) == [
        name for name in on_disk if name != "tests"
    ]
    on_disk = [name for name in on_disk if name not in {"benchmarks", "demo", "fuzz", "tests"}]
    assert sorted(PACKAGES) == on_disk
    assert sorted(PROJECT["tool"]["importlinter"]["root_packages"]) == on_disk


@pytest.mark.parametrize("package", PACKAGES)
def test_serving_needs_no_extra(package: str) -> None:
    """Importing a package loads neither the training libraries nor torch nor another's engine."""
    heavy = {"c2pa", "torch", "open_clip", "sklearn", "scipy", "matplotlib"}
    if package in {"imaging", "detector"}:
        heavy |= {"openvino", "onnx"}
    code = f"import sys, {package}; print(*sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_wheel_carries_everything_that_git_has(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if name.split("/")[0] in PACKAGES}
    tracked = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert shipped == set(tracked)
