"""How long each stage of an upload takes, told to whoever counts or traces it.

| stage | what |
|---|---|
| `read` | the form of the request |
| `queue` | waiting for a thread, and then for the encoder |
| `decode` | bytes to pixels |
| `examine` | what the file says, and measures of the pixels |
| `encode` | the encoder, with what was waiting: each upload counts the whole batch |
| `search` | what the pixels say, copies and styles |
| `policy` | reading the documents of the policy |
| `record` | the policy's decision and all that follows from it, in one transaction |
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STAGES = ("read", "queue", "decode", "examine", "encode", "search", "policy", "record")

Told = Callable[[str, float], None]
"""Is told a stage and its seconds when it ends, in the context of the request."""


def nobody(stage: str, seconds: float) -> None:
    """Nobody counts."""


@contextmanager
def timed(told: Told, stage: str) -> Iterator[None]:
    """Tell how long what is within takes, also where it fails."""
    started = time.perf_counter()
    try:
        yield
    finally:
        told(stage, time.perf_counter() - started)
