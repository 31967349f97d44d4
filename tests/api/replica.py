"""A service over a fake judge, for processes that are killed.

`python -m tests.api.replica RECORDS SECONDS` serves on any port, which its log names; SECONDS is
the time that one view takes. What takes longer than a second is answered as undecided.
"""

import sys
import time
from datetime import timedelta

from api import Service, create_app
from api.logs import write_json
from api.server import Server
from models import Features, Views
from serving.current import CurrentJudge
from storage import open_store
from tests.fakes import FakeEncoder, fake_judge


class Later(FakeEncoder):
    """Takes its time from the second picture on: the first says that the service is ready."""

    def encode(self, views: Views) -> Features:
        if self.seen:
            time.sleep(self.seconds * len(views))
        self.seen.append(len(views))
        return FakeEncoder().encode(views)


def main(records: str, seconds: float) -> None:
    """Serve."""
    write_json()
    judges = CurrentJudge(fake_judge(Later(seconds=seconds)))
    service = Service(judges, open_store(records), seconds=1, lease=timedelta(seconds=2))
    Server(create_app(service), service, drain=1).run()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
