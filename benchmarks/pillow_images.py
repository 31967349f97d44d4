"""Every image of a folder posted to a service, with its answers: none may be a fault of its own.

    pip download --no-deps --no-binary pillow pillow && tar xf pillow-*.tar.gz
    python -m benchmarks.pillow_images pillow-*/Tests/images

Pillow's own test images are many of them damaged on purpose. Bar: no answer of 500 and above, and
no connection that breaks.
"""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import httpx2
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.command import Out, run, write
from benchmarks.service import running


def main(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)], out: Out = None
) -> None:
    """Post, print, and write JSON."""
    found: Counter[tuple[int, str]] = Counter()
    faults: list[str] = []
    with running() as service:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            try:
                answer = service.http.post("/v1/scores", files={"image": path.read_bytes()})
            except httpx2.TransportError as error:
                found[0, type(error).__name__] += 1
                faults.append(str(path))
                continue
            code = "" if answer.is_success else answer.json()["code"]
            found[answer.status_code, code] += 1
            if answer.status_code >= 500:
                faults.append(str(path))
    table = Table("status", "code", "files", title=f"{found.total()} files")
    for (status, code), count in sorted(found.items()):
        table.add_row(str(status), code, str(count))
    Console().print(table, *faults, sep="\n")
    write(out, {"answers": [[*kind, count] for kind, count in sorted(found.items())]})
    if faults:
        sys.exit(1)


if __name__ == "__main__":
    run(main)
