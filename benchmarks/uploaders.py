"""Who uploads, for `benchmarks.api`: a file of Locust's, which makes the load and takes the times.

Each user posts one image after the other, out of a folder, at most so often. Statuses and times
of all answers are written when it ends.
"""

import json
import random
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from locust import HttpUser, constant_throughput, events, task
from locust.env import Environment

ANSWERS: list[tuple[int, float]] = []
"""Status, 0 where there was none, and seconds."""


@events.init_command_line_parser.add_listener
def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--images", default="", help="Folder of images.")
    parser.add_argument("--key", default="", help="Of the service.")
    parser.add_argument(
        "--often", type=float, default=0, help="Posts a second of each; 0: no wait."
    )
    parser.add_argument("--bad", type=float, default=0, help="Share of files that are cut short.")
    parser.add_argument("--answers", default="", help="Where they are written.")


@events.request.add_listener
def _answered(response: Any, response_time: float, **_: Any) -> None:
    ANSWERS.append((getattr(response, "status_code", 0) or 0, response_time / 1000))


@events.quitting.add_listener
def _written(environment: Environment, **_: Any) -> None:
    options: Any = environment.parsed_options
    Path(options.answers).write_text(json.dumps(ANSWERS), "utf-8")


class Uploader(HttpUser):
    """Posts images."""

    def on_start(self) -> None:
        """Read what is posted."""
        options = self.environment.parsed_options
        self.client.headers["Authorization"] = f"Bearer {options.key}"
        self.files = [path.read_bytes() for path in sorted(Path(options.images).iterdir())]
        self.bad = options.bad
        self.number = random.randrange(len(self.files))  # noqa: S311 - users begin apart
        if options.often:
            self.often = constant_throughput(options.often)

    def wait_time(self) -> float:
        """Seconds until the next."""
        wait = getattr(self, "often", None)
        return 0.0 if wait is None else wait(self)

    @task
    def post(self) -> None:
        """Post one."""
        self.number = (self.number + 1) % len(self.files)
        file = self.files[self.number]
        if random.random() < self.bad:  # noqa: S311
            file = file[: random.randrange(len(file))]  # noqa: S311
        form = {"account_id": f"account {self.number}"}
        with self.client.post(
            "/v1/scores", files={"image": file}, data=form, name="score", catch_response=True
        ) as answer:
            # Refusals are answers, too: they are counted by status.
            answer.success()
