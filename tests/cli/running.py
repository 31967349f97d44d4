"""The command as a process, as a person runs it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli import main

COMMAND = [sys.executable, "-c", "from cli import main; main()"]


def environment(home: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "RAKKAN_HOME": str(home), "COLUMNS": "100", **more}


def rakkan(*arguments: object, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end.

    Args:
        arguments: What follows `rakkan`.
        home: The data folder.
        more: Further variables of the environment.
    """
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment(home, **more))


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def run_here(capsys: pytest.CaptureFixture[str], *arguments: object) -> Done:
    """Run the command within this process, which is faster, in this process's environment."""
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    code = left.value.code
    return Done(code if isinstance(code, int) else 0, told.out, told.err)
