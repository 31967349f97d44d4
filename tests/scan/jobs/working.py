"""A worker over a fake judge: `-m tests.scan.jobs.working SECONDS_PER_IMAGE FOLDER ARCHIVES`."""

import sys

from detector.readers.parameters import GenerationParametersReader
from scan.jobs.worker import main
from tests.fakes import FakeEncoder, fake_judge

if __name__ == "__main__":
    seconds = float(sys.argv[1])
    judge = fake_judge(FakeEncoder(seconds=seconds), readers=(GenerationParametersReader(),))
    main(sys.argv[2:], lambda *_: judge)
