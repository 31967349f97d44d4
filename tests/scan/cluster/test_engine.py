"""A cluster of several nodes on this machine: whatever dies, the rows are those of one process."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scan import Progress, scan
from scan.cluster.engine import Cluster
from scan.errors import ClusterError
from serving.settings import keep_ray_quiet
from serving.sources.source import Source
from tests.fakes import FakeEncoder, FakeSearcher, fake_judge
from tests.scan.cluster.opening import another_judge, slow_judge
from tests.scan.making import picture, write_folder, write_tar, write_zip
from tests.scan.test_local import rows

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own, of what it will change

FILES = {f"{i % 3}/{i:03}.png": picture(i, side=40 + i) for i in range(120)}
FILES |= {"x/photo.jpg": picture(90, "JPEG"), "x/gone.jpg": b"", "x/cut.png": picture(91)[:60]}
FILES |= {"x/a.webp": picture(92, "WEBP"), "x/a.avif": picture(93, "AVIF"), "notes.txt": b"words"}


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    """Two nodes with a CPU each."""
    keep_ray_quiet(alone=True)
    made = started()
    made.add_node(num_cpus=1, object_store_memory=1 << 27)
    yield made
    made.shutdown()


def started() -> Any:
    """The first node; Ray gives it half a minute, which a busy machine may not have."""
    from ray.cluster_utils import Cluster as Nodes

    first = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 1 << 27}
    for _ in range(2):
        with contextlib.suppress(Exception):
            return Nodes(initialize_head=True, head_node_args=first)
    return Nodes(initialize_head=True, head_node_args=first)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = write_folder(tmp_path / "in", FILES)
    write_tar(folder / "x.tar", FILES)
    write_zip(folder / "x.zip", FILES)
    (folder / "cut.tar").write_bytes((folder / "x.tar").read_bytes()[:20_000])
    images = [{"bytes": data, "path": name} for name, data in FILES.items()]
    pq.write_table(pa.table({"image": images}), folder / "x.parquet")
    return folder


def expected(archive: Path, out: Path) -> dict[str, dict[str, Any]]:
    scan(Source((archive,), exclude=("*/2/*",)), out, fake_judge(similarity=FakeSearcher()))
    return rows(out)


def test_no_row_is_lost_with_a_worker_or_a_machine(
    archive: Path, nodes: Any, tmp_path: Path
) -> None:
    """Interrupted and gone on with; in between a worker is killed, and a machine lost."""
    judged = Source((archive,), exclude=("*/2/*",))
    pids = tmp_path / "pids"
    pids.mkdir()
    engine = Cluster(partial(slow_judge, pids), nodes.address)
    done: list[Progress] = []

    def kill_and_interrupt(now: Progress) -> None:
        done.append(now)
        if len(done) == 1:
            os.kill(int(next(pids.iterdir()).name), signal.SIGKILL)
        if now.new > 150:
            ends = time.monotonic() + 120  # Ray takes its time on a busy machine
            while len(set(pids.iterdir())) <= 2 and time.monotonic() < ends:
                time.sleep(0.1)
            raise KeyboardInterrupt

    judge = fake_judge(similarity=FakeSearcher())
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        scan(judged, out, judge, engine=engine, progress=kill_and_interrupt)
    assert len(set(pids.iterdir())) > 2, "another took the place of the one that was killed"
    before, lost = done[-1].new, False

    def lose_a_machine(now: Progress) -> None:
        nonlocal lost
        if not lost:
            nodes.remove_node(nodes.list_all_nodes()[-1], allow_graceful=False)
            lost = True
        done.append(now)

    scan(judged, out, judge, engine=engine, progress=lose_a_machine, resume=True)
    assert lost
    found = expected(archive, tmp_path / "expected")
    assert rows(out) == found
    # Either engine goes on with what the other one did.
    scan(judged, out, fake_judge(encoder := FakeEncoder(), similarity=FakeSearcher()), resume=True)
    assert (rows(out), encoder.seen) == (found, [])
    # What was done before was not done again; what could not be read was tried once more.
    unread = sum(row["error_code"] == "source" for row in found.values())
    skipped = 3  # the words in the folder and in two archives
    assert done[-1].new <= len(found) + skipped - before + unread
    assert {path.name for path in (tmp_path / "expected/report/thumbs").rglob("*.jpg")} == {
        path.name for path in (out / "report/thumbs").rglob("*.jpg")
    }


def test_a_machine_that_would_say_something_else_is_told(nodes: Any, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", {"a.png": picture(1)})
    with pytest.raises(ClusterError, match=r"a machine of the cluster has the version 1\.1, not 1"):
        scan([folder], tmp_path / "out", fake_judge(), engine=Cluster(another_judge, nodes.address))


def test_nothing_of_it_reports_its_use_or_listens_to_others(nodes: Any) -> None:
    told = subprocess.run(["ps", "-ewwo", "pid=,args="], capture_output=True, text=True).stdout
    session = nodes.head_node.get_session_dir_path()
    processes = [line.split()[0] for line in told.splitlines() if session in line]
    assert len(processes) >= 4
    for process in processes:
        environment = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
        assert b"RAY_USAGE_STATS_ENABLED=0" in environment
    assert nodes.address.startswith("127.0.0.1:")


def test_a_cluster_that_is_not_there_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        for address in (f"127.0.0.1:{taken.getsockname()[1]}", "words"):
            engine = Cluster(fake_judge, address)
            with pytest.raises(ClusterError, match=f"no cluster answers at {address}"):
                scan([tmp_path], tmp_path / f"out-{address}", fake_judge(), engine=engine)


def test_ray_is_not_loaded_unless_it_is_asked_for() -> None:
    code = "import sys, cli.scan, scan.cluster.engine; print('ray' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
