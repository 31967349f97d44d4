"""The command as a process, as a person runs it."""

import os
import subprocess
import sys
from pathlib import Path

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
