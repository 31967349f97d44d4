"""A process with a queue, to be killed: `-m tests.scan.jobs.serving HOME ARCHIVES SECONDS`."""

import sys
import time
from pathlib import Path

from tests.scan.jobs.making import queue

if __name__ == "__main__":
    home, archives, seconds = sys.argv[1:]
    queue(Path(home), Path(archives), float(seconds)).start()
    time.sleep(600)
