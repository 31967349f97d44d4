"""The list of commands costs nothing, and says the same as the commands themselves."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from cli.app import app
from cli.lazy import SHARED, LazyCommand
from tests.cli.running import run_here

HEAVY = (
    *("PIL", "c2pa", "cv2", "faiss", "lxml", "numpy", "onnx", "openvino", "pyarrow", "pydantic"),
    *("safetensors", "scipy", "sklearn", "sqlalchemy", "torch"),
    *("detector", "imaging", "models", "scan", "serving", "similarity", "training"),
)
LISTED = """
import sys
from cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""
SERVING_ALONE = """
import sys
for package in ("matplotlib", "scipy", "sklearn", "torch"):
    sys.modules[package] = None  # as if it were not installed
from cli import main
main(sys.argv[1:])
"""

root = get_command(app)
assert isinstance(root, TyperGroup)
LAZY = [one for one in root.commands.values() if isinstance(one, LazyCommand)]


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["--version"], []], ids=" ".join)
def test_the_list_of_commands_imports_nothing_heavy(arguments: list[str]) -> None:
    command = [sys.executable, "-c", LISTED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    imported = set(done.stderr.splitlines()[-1].split())
    assert "cli" in imported
    assert not imported & set(HEAVY)


@pytest.mark.parametrize("words", ["models list", "models fetch -h", "models promote -h"])
def test_what_serves_needs_nothing_of_the_extras(words: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVING_ALONE, *words.split()]
    environment = {**os.environ, "RAKKAN_HOME": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_an_extra_is_for_names_it(tmp_path: Path) -> None:
    asked = ["models", "calibrate", str(tmp_path), "--rate", "0.01", "--out", str(tmp_path / "out")]
    command = [sys.executable, "-c", SERVING_ALONE, *asked]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith("pip install 'rakkan[evaluate]'")


@pytest.mark.parametrize("lazy", LAZY, ids=lambda one: str(one.name))
def test_the_list_says_what_the_command_says(lazy: LazyCommand) -> None:
    assert lazy.help
    assert lazy.loaded.help == lazy.help
    assert lazy.loaded.name == lazy.name


def leaves(group: TyperGroup, *above: str) -> Iterator[list[str]]:
    for name, command in group.commands.items():
        whole = command.loaded if isinstance(command, LazyCommand) else command
        if isinstance(whole, TyperGroup):
            yield from leaves(whole, *above, name)
        else:
            yield [*above, name]


@pytest.mark.parametrize("words", tuple(leaves(root)), ids=" ".join)
def test_every_command_knows_the_shared_options(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    done = run_here(capsys, *words, "-h")
    assert done.returncode == 0
    assert all(f"--{name}" in done.stdout for name in SHARED)
    assert "--install-completion" not in done.stdout


def test_an_unknown_command_is_met_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    done = run_here(capsys, "scoer")
    assert done.returncode == 2
    assert "Did you mean 'score'" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands(shell: str) -> None:
    code = "from cli import main; main()"
    words = {"COMP_WORDS": "rakkan s", "COMP_CWORD": "1", "_TYPER_COMPLETE_ARGS": "rakkan s"}
    asked = {"_RAKKAN_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=words | asked
    )
    assert all(name in done.stdout for name in ("scan", "score", "similar"))
    assert "label" not in done.stdout
