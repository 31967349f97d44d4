import hashlib
import json
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL.PngImagePlugin import PngInfo

from tests.cli.artists import lines
from tests.cli.running import COMMAND, environment, rakkan, run_here
from tests.scan.making import picture, write_folder

Captured = pytest.CaptureFixture[str]

JPEG = picture(5, "JPEG", 300)

pytestmark = pytest.mark.usefixtures("encoder_cache")


def test_score_as_json(tmp_path: Path, rakkan_home: Path) -> None:
    data = picture(4, side=300)
    write_folder(tmp_path, {"a.png": data})
    done = rakkan("score", tmp_path / "a.png", "--json", home=rakkan_home)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert answer["image"] == {
        "sha256": hashlib.sha256(data).hexdigest(),
        "width": 304,
        "height": 300,
        "format": "png",
        "notes": [],
    }
    ai = answer["ai"]
    assert ai["verdict"] in {"ai", "human", "inconclusive"}
    assert ai["evidence"] == "inferred"
    assert ai["generator"] is None
    assert 0 <= ai["probability"] <= 1
    assert ai["family"] == "unknown"
    signal = ai["signals"][-1]
    assert signal["name"] == "pixels"
    assert signal["probability"] == ai["probability"]
    assert {"name", "sha256", "encoder", "version"} <= set(answer["model"])
    assert answer["model"]["index"] is None


def test_score_for_a_person(tmp_path: Path, rakkan_home: Path) -> None:
    write_folder(tmp_path, {"a.png": picture(4, side=300)})
    done = rakkan("score", tmp_path / "a.png", home=rakkan_home)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(
        word in done.stdout for word in ("Verdict", "Probability", "not a proof", "304 x 300")
    )


def test_score_and_scan_agree(tmp_path: Path, rakkan_home: Path) -> None:
    write_folder(tmp_path / "in", {"a.jpg": picture(4, "JPEG", 300)})
    one = json.loads(rakkan("score", tmp_path / "in/a.jpg", "--json", home=rakkan_home).stdout)
    rakkan("scan", tmp_path / "in", "--out", tmp_path / "out", home=rakkan_home)
    (row,) = pq.read_table(tmp_path / "out" / "results.parquet").to_pylist()
    assert row["pixel_score"] == pytest.approx(one["ai"]["signals"][-1]["score"], abs=1e-3)
    assert row["ai_verdict"] == one["ai"]["verdict"]
    assert row["model"] == one["model"]["name"]


@pytest.mark.parametrize(
    "data",
    [b"", picture(1, side=300)[:-30], picture(1, side=1)],
    ids=["empty", "cut", "tiny"],
)
def test_bad_image_is_one_plain_line(tmp_path: Path, rakkan_home: Path, data: bytes) -> None:
    write_folder(tmp_path, {"a.png": data})
    done = rakkan("score", tmp_path / "a.png", home=rakkan_home)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("rakkan: ")
    assert "Error" not in line


@pytest.mark.parametrize("option", ["--json", "--jsonl"])
def test_bad_image_for_a_program(tmp_path: Path, capsys: Captured, option: str) -> None:
    write_folder(tmp_path, {"a.png": b""})
    done = run_here(capsys, "score", tmp_path / "a.png", option)
    assert (done.returncode, done.stderr) == (1, "")
    error = json.loads(done.stdout)["error"]
    assert error == {"code": "image_empty", "message": "The file is empty."}


def test_several_images_as_lines(tmp_path: Path, capsys: Captured) -> None:
    files = {"a.png": picture(4, side=300), "b.png": b"", "c.txt": b"words", "d.jpg": JPEG}
    write_folder(tmp_path, files)
    paths = [tmp_path / name for name in files]
    done = run_here(capsys, "score", *paths, "--jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["path"] for line in lines] == [str(path) for path in paths]
    codes = [line["error"]["code"] if "error" in line else None for line in lines]
    assert codes == [None, "image_empty", "image_unsupported", None]
    alone = run_here(capsys, "score", paths[3], "--json")
    assert {"path": str(paths[3]), **json.loads(alone.stdout)} == lines[3]


def test_several_images_for_a_person(tmp_path: Path, capsys: Captured) -> None:
    write_folder(tmp_path, {"a.png": picture(4, side=300), "b.png": b"", "c.jpg": JPEG})
    done = run_here(capsys, "score", *sorted(tmp_path.iterdir()))
    assert done.returncode == 0
    assert done.stdout.count("Verdict:") == 2
    assert "\n\nc.jpg (" in done.stdout
    (line,) = done.stderr.splitlines()
    assert line == f"rakkan: {tmp_path / 'b.png'}: The file is empty."


def test_standard_input(tmp_path: Path, rakkan_home: Path) -> None:
    write_folder(tmp_path, {"a.jpg": JPEG})
    done = subprocess.run(
        [*COMMAND, "score", "-", str(tmp_path / "a.jpg"), "--jsonl"],
        input=JPEG,
        capture_output=True,
        env=environment(rakkan_home),
    )
    assert (done.returncode, done.stderr) == (0, b"")
    piped, named = map(json.loads, done.stdout.splitlines())
    assert piped.pop("path") == "-"
    assert piped == {key: value for key, value in named.items() if key != "path"}


def test_standard_input_that_is_no_image(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "score", "-", "--json"],
        input=b"plain words",
        capture_output=True,
        env=environment(tmp_path),
    )
    assert done.returncode == 1
    assert "standard input" in json.loads(done.stdout)["error"]["message"]


def test_wrong_usage(tmp_path: Path, capsys: Captured) -> None:
    write_folder(tmp_path, {"a.png": JPEG, "b.png": JPEG})
    both = (tmp_path / "a.png", tmp_path / "b.png")
    for arguments in (
        (*both, "--json"),
        (both[0], "--json", "--jsonl"),
        (*both, "--heat-map", tmp_path / "heat.png"),
        (both[0], "--heat-map", tmp_path / "none" / "heat.png"),
        ("-", "-"),
        (tmp_path / "*.png",),
        ("https://example.org/a.png",),
    ):
        assert run_here(capsys, "score", *arguments).returncode == 2, arguments


def test_what_is_said_besides(tmp_path: Path, capsys: Captured) -> None:
    write_folder(tmp_path, {"a.jpg": JPEG})
    done = run_here(capsys, "score", tmp_path / "a.jpg", "-v")
    assert done.returncode == 0
    assert "encoder" in done.stderr
    failed = run_here(capsys, "score", tmp_path / "a.jpg", "--model", "none", "-v")
    assert failed.returncode == 1
    assert "Traceback" in failed.stderr


def test_a_service_decides_about_it(tmp_path: Path, capsys: Captured) -> None:
    said = PngInfo()
    said.add_text("parameters", "a boat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5")
    lines(3).save(tmp_path / "a.png", pnginfo=said)
    ask = ("score", tmp_path / "a.png", "--service", "pixiv")
    told = " ".join(run_here(capsys, *ask).stdout.split())
    assert "Decision: Label “ai-generated”, Hide from search" in told
    assert "may add the label AI-generated itself" in told
    assert "in shadow: nothing of this is carried out" in told
    decided = json.loads(run_here(capsys, *ask, "--declared", "ai", "--json").stdout)["decision"]
    assert (decided["label"], decided["action"], decided["policy"]) == (
        "ai-generated",
        "label",
        "pixiv",
    )
    assert {"code", "text"} <= set(decided["reasons"][0])
    assert len(decided["policy_sha256"]) == 64
    nowhere = run_here(capsys, "score", tmp_path / "a.png", "--service", "pixvi")
    assert 'did you mean "pixiv"?' in nowhere.stderr
