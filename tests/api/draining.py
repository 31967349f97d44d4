"""A service over a fake judge that takes its time: `python -m tests.api.draining RECORDS SECONDS`.

It listens on any port, which it prints, and encodes nothing after the first until a file named
`let` lies beside its records.
"""

import sys
import time
from pathlib import Path

from api import Service, create_app
from api.logs import write_json
from api.server import Server
from models import Features, Views
from serving.current import CurrentJudge
from serving.watching import Watcher
from storage import open_store
from tests.fakes import FakeEncoder, fake_judge


class Waiting(FakeEncoder):
    """Waits for a file."""

    def __init__(self, let: Path) -> None:
        super().__init__()
        self.let = let

    def encode(self, views: Views) -> Features:
        while self.seen and not self.let.exists():
            time.sleep(0.01)
        return super().encode(views)


def main(records: Path, drain: float) -> None:
    """Serve."""
    write_json()
    current = CurrentJudge(fake_judge(Waiting(records.with_name("let"))))
    word = records.with_name("word")
    watcher = Watcher(
        current,
        lambda: word.read_text("utf-8") if word.exists() else "",
        lambda _: fake_judge(),
        since="",
        seconds=1e6,
    )
    service = Service(current, open_store(f"sqlite:///{records}"), watcher=watcher)
    Server(create_app(service), service, drain=drain).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
