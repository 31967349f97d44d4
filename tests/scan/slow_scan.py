"""A scan with a slow fake encoder, as a process that a test can kill.

Arguments: IN OUT SECONDS_PER_IMAGE. Prints `done N` after each batch and `encoded N` at the end.
"""

import sys
from pathlib import Path

from scan import scan
from tests.fakes import FakeEncoder, fake_judge


def tell(what: str, number: int) -> None:
    sys.stdout.write(f"{what} {number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    source, out, seconds = sys.argv[1:]
    encoder = FakeEncoder(seconds=float(seconds))
    scan(
        [Path(source)],
        Path(out),
        fake_judge(encoder),
        resume=True,
        progress=lambda now: tell("done", now.done),
    )
    tell("encoded", sum(encoder.seen))
