"""A process that records decisions until it is killed: a replica of the service.

python -m tests.moderation.writing ADDRESS FILE NAME
"""

import sys
from itertools import count
from pathlib import Path

from moderation.record import record
from storage import open_store
from storage.errors import StorageError
from tests.moderation.telling import PROVEN, SUSPECTED, T0, inferred, policy, stated, upload

SERVER_GONE = 3
"""How it ends where the database goes away."""


def main(address: str, file: str, name: str) -> None:
    """Record, and write down the id of each decision that was answered."""
    store = open_store(address, patience=60)
    rules = policy(SUSPECTED, PROVEN)
    with Path(file).open("a", encoding="utf-8") as answered:
        for number in count():
            work = f"{name} {number}"
            # Some accounts are everybody's: their histories change while others decide.
            account = f"account {number % 3}"
            judgement = stated(work) if number % 5 == 0 else inferred(work)
            try:
                found = record(
                    store, judgement, upload(work, account), rules, at=T0, key=f"key of {work}"
                )
            except StorageError:
                sys.exit(SERVER_GONE)
            print(found.id, file=answered, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
