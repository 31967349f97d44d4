import json
import subprocess
from pathlib import Path

from tests.cli.running import COMMAND, environment


def test_people_are_added_listed_changed_and_disabled(tmp_path: Path) -> None:
    def asked(*arguments: str, given: str = "") -> tuple[int, str, str]:
        command = [*COMMAND, "people", *arguments]
        there = environment(tmp_path)
        done = subprocess.run(command, input=given, capture_output=True, text=True, env=there)
        return done.returncode, done.stdout, done.stderr

    secret = "correct horse battery"  # noqa: S105 - of nobody
    added = asked("add", "mia", "--role", "moderator", "--account", "m", given=f"{secret}\n")
    assert added == (0, "mia may sign in as moderator.\n", "")
    assert asked("add", "mia", "--role", "admin", given=f"{secret}\n")[0] == 1
    code, _, error = asked("add", "noa", "--role", "senior", given="short\n")
    assert (code, "10 characters" in error) == (1, True)
    assert asked("add", "noa", "--role", "senior", "--without-password")[0] == 0
    assert asked("role", "mia", "--role", "admin")[0] == 0
    assert asked("password", "mia", given=f"{secret}!\n")[0] == 0
    assert asked("disable", "noa")[0] == 0
    people = json.loads(asked("list", "--json")[1])["people"]
    shown = [(one["name"], one["role"], one["account"], bool(one["disabled_at"])) for one in people]
    assert shown == [("mia", "admin", "m", False), ("noa", "senior", None, True)]
    assert secret not in asked("list")[1]
