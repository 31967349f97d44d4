"""A worker over a fake judge: `-m tests.scan.jobs.working SECONDS_PER_IMAGE FOLDER ARCHIVES`."""

import sys

from scan.jobs.worker import main
from tests.fakes import FakeEncoder, fake_judge

if __name__ == "__main__":
    seconds = float(sys.argv[1])
    main(sys.argv[2:], lambda *_: fake_judge(FakeEncoder(seconds=seconds)))
