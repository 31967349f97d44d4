import hashlib
import shutil
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from detector.pixels.views import COUNT
from detector.readers.contract import Reader
from evidence import ArtefactId, Claim, EvidenceKind, Reason, Signal
from imaging import DecodedImage, Limits
from models import Features
from models.encoder.features import Views
from scan import Summary, parquet_schema, scan
from scan.errors import OtherScanError
from serving.judge import Judge
from tests.fakes import MADE_BY, FakeDetector, FakeEncoder, fake_judge
from tests.scan.making import picture, write_folder, write_tar, write_zip


def run(source: Path, out: Path, encoder: FakeEncoder | None = None, **options: Any) -> Summary:
    of_judge = {name: options.pop(name) for name in ("readers", "limits") if name in options}
    return scan([source], out, fake_judge(encoder, **of_judge), **options)


def rows(out: Path) -> dict[str, dict[str, Any]]:
    table = pq.read_table(out / "results.parquet")
    paths = table.column("path").to_pylist()
    assert paths == sorted(set(paths))
    return {row["path"]: row for row in table.to_pylist()}


FILES = {f"{i % 3}/{i:03}.{form.lower()}": picture(i, form) for i in range(40) for form in ["PNG"]}
FILES |= {"x/photo.jpg": picture(90, "JPEG"), "x/gone.jpg": b"", "x/cut.png": picture(91)[:60]}
FILES |= {"x/twin.png": picture(1), "notes.txt": b"words"}


def test_folder_zip_and_tar_give_the_same_rows(tmp_path: Path) -> None:
    sources = [
        write_folder(tmp_path / "folder", FILES),
        write_zip(tmp_path / "x.zip", FILES),
        write_tar(tmp_path / "x.tar.gz", FILES, "w:gz"),
    ]
    found = []
    for number, source in enumerate(sources):
        out = tmp_path / f"out{number}"
        summary = run(source, out)
        assert (summary.counts.images, summary.counts.errors, summary.counts.skipped) == (44, 2, 1)
        found.append(
            [{**row, "path": path.removeprefix(f"{source}/")} for path, row in rows(out).items()]
        )
    assert found[0] == found[1] == found[2]
    assert {row["path"] for row in found[0]} == set(FILES) - {"notes.txt"}


def test_doubtful_images_are_looked_at_again_and_plain_ones_told(tmp_path: Path) -> None:
    """The other views are encoded for the red picture alone, and only it is plain."""
    noise = np.random.default_rng(0).integers(0, 128, (60, 60, 3), np.uint8)
    red = np.zeros((60, 60, 3), np.uint8)
    red[..., 0] = 255
    (tmp_path / "in").mkdir()
    for name, pixels in (("noise", noise), ("red", red)):
        Image.fromarray(pixels).save(tmp_path / "in" / f"{name}.png")
    encoder, detector = FakeEncoder(), FakeDetector(doubt=0.8)
    scan([tmp_path / "in"], tmp_path / "out", fake_judge(encoder, detector))
    assert sorted(detector.looked) == [(1, False), (COUNT, True)]
    assert sum(encoder.seen) == 1 + COUNT


def test_rows_say_what_the_detector_said(tmp_path: Path) -> None:
    data = picture(5, side=60)
    write_folder(tmp_path / "in", {"a.png": data})
    run(tmp_path / "in", tmp_path / "out")
    (row,) = rows(tmp_path / "out").values()
    assert pq.read_schema(tmp_path / "out" / "results.parquet").equals(parquet_schema())
    assert row["sha256"] == hashlib.sha256(data).hexdigest()
    assert (row["width"], row["height"], row["format"], row["size"]) == (65, 60, "png", len(data))
    assert row["pixel_score"] == pytest.approx(10 * row["ai_probability"] - 5)
    assert (row["evidence"], row["model"], row["error"]) == ("inferred", "fake", None)
    assert row["version"] == "1.0"
    assert row["reasons"] == [f"The red is {row['ai_probability']:.2f}."]
    to_come = ["copy_of", "copy_score", "nearest_creators", "creator_score", "creator_verdict"]
    assert [row[name] for name in [*to_come, "label", "action", "policy", "generator"]] == [
        None
    ] * 9


@dataclass
class FakeReader(Reader):
    """Finds the same in every file."""

    claim: Claim
    settings: str = ""
    name: ClassVar[str] = "fake"

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        said = f"The file <says> {self.claim}."
        return (
            Signal(
                reader=self.name,
                kind=EvidenceKind.STATED,
                claim=self.claim,
                reason=Reason("said", said),
                generator="Fox & Co",
            ),
        )


def test_what_files_say_decides_before_their_pixels(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", {f"{i}.png": picture(i) for i in range(4)})
    run(folder, tmp_path / "out", readers=[FakeReader(Claim.AI_MADE)])
    for row in rows(tmp_path / "out").values():
        assert (row["ai_verdict"], row["evidence"], row["generator"]) == (
            "ai",
            "stated",
            "Fox & Co",
        )
        assert row["ai_probability"] >= 0.99
        assert row["pixel_probability"] == pytest.approx((row["pixel_score"] + 5) / 10)
        assert row["reasons"][0] == "The file <says> ai_made."
    report = (tmp_path / "out" / "report.html").read_text()
    assert report.count("Fox &amp; Co") == 4
    assert "The file &lt;says&gt; ai_made." in report
    assert '<a href="#verdict=ai&amp;evidence=stated">stated</a> 4.' in report


def test_a_scan_goes_on_with_the_same_readers_only(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", {"a.png": picture(1)})
    run(folder, tmp_path / "out", readers=[FakeReader(Claim.NOTED, settings="1")])
    run(folder, tmp_path / "out", readers=[FakeReader(Claim.NOTED, settings="1")], resume=True)
    with pytest.raises(OtherScanError, match="readers"):
        run(folder, tmp_path / "out", readers=[FakeReader(Claim.NOTED, settings="2")], resume=True)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("version", fake_judge(made_by=replace(MADE_BY, version="1.1"))),
        ("precision", fake_judge(made_by=replace(MADE_BY, precision="int8"))),
        ("encoder", fake_judge(made_by=replace(MADE_BY, encoder="fake:2"))),
        ("model", fake_judge(made_by=replace(MADE_BY, detector=ArtefactId("fake", "0" * 64)))),
        ("limits", fake_judge(limits=Limits(pixels=10_000))),
    ],
)
def test_a_scan_goes_on_with_the_same_rules_only(tmp_path: Path, name: str, other: Judge) -> None:
    folder = write_folder(tmp_path / "in", {"a.png": picture(1)})
    scan([folder], tmp_path / "out", fake_judge())
    with pytest.raises(OtherScanError, match=f"made with the {name}"):
        scan([folder], tmp_path / "out", other, resume=True)


def test_errors_are_rows_of_one_plain_line(tmp_path: Path) -> None:
    files = {
        "zero.jpg": b"",
        "cut.png": picture(1, side=300)[:-40],
        "renamed.png": b"plain words",
        "tiny.png": picture(1, side=1),
        "large.png": picture(1, side=200),
        "good.png": picture(2),
    }
    folder = write_folder(tmp_path / "in", files)
    (folder / "loop").symlink_to(".")
    summary = run(folder, tmp_path / "out", limits=Limits(pixels=10_000))
    assert (summary.counts.images, summary.counts.errors) == (7, 6)
    for path, row in rows(tmp_path / "out").items():
        if path.endswith("good.png"):
            assert row["error"] is None
            continue
        assert row["error"]
        assert row["error_code"].startswith("source" if path.endswith("loop") else "image")
        assert "\n" not in row["error"]
        assert "Error" not in row["error"]
        assert str(tmp_path) not in row["error"]
        known = {"path", "error", "error_code", "sha256", "size"}
        assert all(value is None for name, value in row.items() if name not in known)
        if not path.endswith("loop"):
            data = files[Path(path).name]
            assert row["sha256"] == hashlib.sha256(data).hexdigest()
            assert row["size"] == len(data)


def test_identical_bytes_are_scored_once(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", {f"{i:03}.png": picture(i % 5) for i in range(100)})
    distinct = len({picture(i) for i in range(5)})
    encoder = FakeEncoder()
    run(folder, tmp_path / "out", encoder, workers=8)
    assert sum(encoder.seen) == distinct
    found = rows(tmp_path / "out")
    assert len(found) == 100
    assert all(row["ai_verdict"] for row in found.values())
    write_folder(folder, {"late.png": picture(3), "new.png": picture(50)})
    run(folder, tmp_path / "out", encoder, resume=True)
    assert sum(encoder.seen) == distinct + 1
    assert len(rows(tmp_path / "out")) == 102


def test_resuming_scores_only_what_is_new_or_changed(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", {f"{i:03}.png": picture(i) for i in range(40)})
    run(folder, tmp_path / "out")
    before = rows(tmp_path / "out")
    write_folder(folder, {"007.png": picture(100), "new.png": picture(101)})
    (folder / "009.png").unlink()
    encoder = FakeEncoder()
    done = []
    run(folder, tmp_path / "out", encoder, resume=True, progress=lambda now: done.append(now))
    assert sum(encoder.seen) == 2
    assert (done[-1].done, done[-1].new) == (40, 2)
    after = rows(tmp_path / "out")
    fresh = tmp_path / "fresh"
    run(folder, fresh)
    assert after == rows(fresh)
    assert set(before) - set(after) == {f"{folder}/009.png"}


@dataclass
class FailingEncoder(FakeEncoder):
    """Stops like a user who presses Ctrl-C in the third batch."""

    def encode(self, views: Views) -> Features:
        if len(self.seen) == 2:
            raise KeyboardInterrupt
        return super().encode(views)


def test_interrupted_scan_loses_one_batch(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", {f"{i:03}.png": picture(i) for i in range(100)})
    first, second = FailingEncoder(), FakeEncoder()
    with pytest.raises(KeyboardInterrupt):
        run(folder, tmp_path / "out", first)
    run(folder, tmp_path / "out", second, resume=True)
    assert sum(first.seen) == 32
    distinct = len({picture(i) for i in range(100)})
    assert sum(first.seen) + sum(second.seen) == distinct
    run(folder, tmp_path / "fresh")
    assert rows(tmp_path / "out") == rows(tmp_path / "fresh")


@pytest.mark.parametrize("kind", ["folder", "tar"])
def test_killed_scan_goes_on(tmp_path: Path, kind: str) -> None:
    files = {f"{i:03}.png": picture(i, side=40 + i) for i in range(120)}
    source = (
        write_folder(tmp_path / "in", files)
        if kind == "folder"
        else write_tar(tmp_path / "in.tar", files)
    )
    command = [sys.executable, "-m", "tests.scan.slow_scan", str(source), str(tmp_path / "out")]
    for _ in range(2):
        with subprocess.Popen([*command, "0.01"], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            process.stdout.readline()
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        assert first.startswith("done")
    assert not (tmp_path / "out" / "results.parquet").exists()
    last = subprocess.run([*command, "0"], capture_output=True, text=True, check=True)
    encoded = int(last.stdout.split()[-1])
    # Each run finished at least two batches of 16 before it was killed.
    assert encoded <= 120 - 2 * 32
    run(source, tmp_path / "fresh")
    assert rows(tmp_path / "out") == rows(tmp_path / "fresh")


def test_nothing_is_scored_twice_by_two_runs_that_end(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", FILES)
    run(folder, tmp_path / "out")
    before = rows(tmp_path / "out")
    shutil.rmtree(tmp_path / "out" / "report")
    encoder = FakeEncoder()
    run(folder, tmp_path / "out", encoder, resume=True)
    assert encoder.seen == []
    assert rows(tmp_path / "out") == before


def test_odd_names_reach_the_table_and_the_report(tmp_path: Path) -> None:
    names = [
        "\n\x1b[31m.png",
        "\u202egnp.exe.png",
        "caf\udce9.png",
        "画 🎨.png",
        "<b>&amp;.png",
        "n" * 200,
    ]
    folder = write_folder(tmp_path / "in", {name: picture(i) for i, name in enumerate(names)})
    tar = write_tar(folder / "odd.tar", {name: picture(i) for i, name in enumerate(names)})
    run(folder, tmp_path / "out")
    expected = {name.replace("\udce9", "\\udce9") for name in names}
    found = set(rows(tmp_path / "out"))
    assert found == {f"{place}/{name}" for place in (folder, tar) for name in expected}
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "\x1b" not in text
    assert "<b>" not in text


def test_archive_of_text_only(tmp_path: Path) -> None:
    write_folder(tmp_path / "in", {"notes.txt": b"words"})
    summary = run(tmp_path / "in", tmp_path / "out")
    assert (summary.counts.images, summary.counts.skipped) == (0, 1)
    assert rows(tmp_path / "out") == {}
    assert "No image could be judged" in (tmp_path / "out" / "report.html").read_text()


def test_thumbnails_of_all_that_was_judged(tmp_path: Path) -> None:
    run(write_folder(tmp_path / "in", FILES), tmp_path / "out")
    thumbs = {path.stem for path in (tmp_path / "out" / "report" / "thumbs").rglob("*.jpg")}
    judged = [row["sha256"] for row in rows(tmp_path / "out").values() if not row["error"]]
    assert thumbs == set(judged)
    assert Counter(judged)[hashlib.sha256(picture(1)).hexdigest()] == 2
