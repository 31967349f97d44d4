"""Processes that are watched for what reaches outside of them; see `guard.c`."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parent / "guard.c"
DEVICES = (Path("/dev"), Path("/proc"))
"""What stands there is no file that stays."""
NOT_HANDED_ON = ("CI", "XDG_", "MPL", "HF_", "TORCH", "TRITON", "RAKKAN_", "OPENVINO_", "PYTHON")
"""Variables by whose beginning a library may be told to stay quiet, or where to write."""


@dataclass(frozen=True)
class Watched:
    """A process that ended.

    Attributes:
        returncode: As of any process.
        stdout: What it wrote there.
        stderr: What it wrote there.
        reached: Hosts and names that it tried to reach: `connect HOST:PORT`, `send HOST:PORT`,
            `lookup NAME`.
        written: Files and folders that it made or opened for writing.
    """

    returncode: int
    stdout: str
    stderr: str
    reached: tuple[str, ...]
    written: frozenset[Path]

    def outside(self, *allowed: Path) -> set[Path]:
        """What it wrote elsewhere than in some folders."""
        inside = (*DEVICES, *(one.resolve() for one in allowed))
        return {
            path for path in self.written if not any(path.is_relative_to(one) for one in inside)
        }


@dataclass(frozen=True)
class Guard:
    """Runs processes under watch.

    Attributes:
        library: `guard.c`, compiled.
        user: The user's home: an empty folder of its own.
        temporary: Where temporary files go.
    """

    library: Path
    user: Path
    temporary: Path

    @classmethod
    def make(cls, folder: Path) -> "Guard":
        """Compile the library into a folder; needs a C compiler."""
        library = folder / "guard.so"
        command = ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE)]
        subprocess.run(command, check=True, capture_output=True)
        user, temporary = folder / "user", folder / "temporary"
        user.mkdir()
        temporary.mkdir()
        return cls(library, user, temporary)

    def run(
        self, command: Sequence[object], *, cwd: Path, environment: Mapping[str, object]
    ) -> Watched:
        """Run a process to its end, as a user with an empty home who has told nothing to anybody.

        Args:
            command: Program and arguments.
            cwd: Its current folder.
            environment: More variables.
        """
        log = self.temporary.parent / "log"
        log.unlink(missing_ok=True)
        log.touch()
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(NOT_HANDED_ON)
        }
        more = {name: str(value) for name, value in environment.items()}
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env=kept
            | {
                "HOME": str(self.user),
                "TMPDIR": str(self.temporary),
                "LD_PRELOAD": str(self.library),
                "GUARD_LOG": str(log),
                "PYTHONDONTWRITEBYTECODE": "1",  # what Python writes beside the code
            }
            | more,
        )
        told = [line.partition(" ") for line in log.read_text().splitlines()]
        return Watched(
            done.returncode,
            done.stdout,
            done.stderr,
            tuple(f"{what} {whom}" for what, _, whom in told if what != "write"),
            frozenset(Path(whom).resolve() for what, _, whom in told if what == "write"),
        )

    def python(
        self, code: str, *arguments: object, cwd: Path, environment: Mapping[str, object]
    ) -> Watched:
        """Run a few lines of Python, which see this project's packages."""
        root = Path(__file__).parents[2]
        command = [sys.executable, "-c", code, *arguments]
        return self.run(command, cwd=cwd, environment={"PYTHONPATH": root, **environment})
