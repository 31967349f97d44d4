import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli.running import COMMAND, environment, rakkan, run_here
from tests.credentials import GENERATED, make_authority, sign
from tests.detector.readers.making import picture as signable
from tests.detector.readers.making import png
from tests.fakes import MADE_BY, fake_judge
from tests.scan.making import picture, write_folder, write_zip

pytestmark = pytest.mark.usefixtures("encoder_cache")


def test_scan_of_a_folder_with_an_archive_in_it(tmp_path: Path, rakkan_home: Path) -> None:
    folder = write_folder(
        tmp_path / "in", {"a.png": picture(1, side=300), "bad.jpg": b"", "notes.txt": b"words"}
    )
    write_zip(folder / "x.zip", {"b.jpg": picture(2, "JPEG", 300), "../c.jpg": picture(3)})
    out = tmp_path / "out"
    done = rakkan("scan", folder, "--out", out, home=rakkan_home)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Images:  4 (")
    assert "errors: 2)" in lines[0]
    assert lines[1] == "Skipped: 1 (other files)"
    assert lines[-1].split() == ["Report:", str(out / "report.html")]
    table = pq.read_table(out / "results.parquet").to_pylist()
    assert [(Path(row["path"]).name, row["error"] is None) for row in table] == [
        *(("a.png", True), ("bad.jpg", False), ("c.jpg", False), ("b.jpg", True))
    ]
    for row in table:
        if row["error"] is None:
            assert 0 <= row["ai_probability"] <= 1
            assert row["ai_verdict"] in {"ai", "human", "inconclusive"}
            assert row["evidence"] == "inferred"
            assert row["model"] in (out / "report.html").read_text()

    again = rakkan("scan", folder, "--out", out, home=rakkan_home)
    assert again.returncode == 1
    (line,) = again.stderr.splitlines()
    assert line.startswith("rakkan: ")
    assert "--resume" in line

    resumed = rakkan("scan", folder, "--out", out, "--resume", home=rakkan_home)
    assert resumed.returncode == 0
    assert resumed.stdout.splitlines()[0] == lines[0]
    other = rakkan(
        *("scan", folder, "--out", out, "--resume", "--limit-pixels", 9), home=rakkan_home
    )
    assert other.returncode == 1
    assert "limits" in other.stderr


def test_what_files_say_stands_in_the_table(tmp_path: Path, rakkan_home: Path) -> None:
    authority = make_authority("Some Generator")
    (tmp_path / "root.pem").write_text(authority.root)
    created = [{"action": "c2pa.created", "digitalSourceType": GENERATED}]
    parameters = {"parameters": "a fox\nSteps: 20, Sampler: Euler, Seed: 7, Model: sd_xl_base_1.0"}
    signed = sign(signable(), "image/jpeg", authority, created, generator="Midjourney")
    folder = write_folder(tmp_path / "in", {"a.png": png(parameters), "b.jpg": signed})
    out = tmp_path / "out"
    trusted = ("--trust-anchors", tmp_path / "root.pem")
    done = rakkan("scan", folder, "--out", out, *trusted, home=rakkan_home)
    assert done.returncode == 0, done.stderr
    table = pq.read_table(out / "results.parquet").to_pylist()
    assert [(row["ai_verdict"], row["evidence"], row["generator"]) for row in table] == [
        ("ai", "stated", "Stable Diffusion XL"),
        ("ai", "proven", "Midjourney"),
    ]
    # Whom a scan trusts is part of what it is.
    other = rakkan("scan", folder, "--out", out, "--resume", home=rakkan_home)
    assert other.returncode == 1
    assert "readers" in other.stderr


def test_every_file_that_states_an_ai_is_called_one(
    data_dir: Path, tmp_path: Path, rakkan_home: Path
) -> None:
    out = tmp_path / "out"
    done = rakkan("scan", data_dir / "files", "--out", out, home=rakkan_home)
    assert done.returncode == 0, done.stderr
    table = pq.read_table(out / "results.parquet").to_pylist()
    assert table
    for row in table:
        assert (row["ai_verdict"], row["evidence"]) == ("ai", "stated"), row["path"]
        assert row["generator"], row["path"]


def test_limit_on_pixels(tmp_path: Path, rakkan_home: Path) -> None:
    write_folder(tmp_path / "in", {"a.png": picture(1, side=300), "b.png": picture(2, side=100)})
    options = ["--limit-pixels", "20000", "--workers", "1", "--engine", "local"]
    done = rakkan("scan", tmp_path / "in", "--out", tmp_path / "out", *options, home=rakkan_home)
    assert done.returncode == 0, done.stderr
    a, b = pq.read_table(tmp_path / "out" / "results.parquet").to_pylist()
    assert "pixels" in a["error"]
    assert b["error"] is None


def test_that_there_was_nothing_to_scan_is_a_failure(tmp_path: Path, rakkan_home: Path) -> None:
    write_folder(tmp_path / "in", {"notes.txt": b"words"})
    done = rakkan("scan", tmp_path / "in", "--out", tmp_path / "out", home=rakkan_home)
    assert done.returncode == 1
    assert done.stderr == f"No image was found in {tmp_path / 'in'}.\n"
    assert done.stdout.splitlines()[0].startswith("Images:  0 (")
    assert (tmp_path / "out" / "report.html").is_file()


def test_unknown_model_is_one_clear_line(tmp_path: Path, rakkan_home: Path) -> None:
    write_folder(tmp_path, {"a.png": picture(1)})
    arguments = ["scan", tmp_path / "a.png", "--out", tmp_path / "out", "--model", "no-such"]
    done = rakkan(*arguments, home=rakkan_home)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "no model is named no-such" in line


@pytest.mark.parametrize(
    ("device", "code", "told"),
    [
        ("cuda:99", 1, "finds no GPU cuda:99 on this machine"),
        ("gpu", 2, "cpu, or a GPU as PyTorch counts them"),
    ],
)
def test_a_device_that_is_not_there(
    device: str, code: int, told: str, tmp_path: Path, rakkan_home: Path
) -> None:
    write_folder(tmp_path, {"a.png": picture(1)})
    arguments = ["scan", tmp_path / "a.png", "--out", tmp_path / "out", "--device", device]
    done = rakkan(*arguments, home=rakkan_home)
    assert done.returncode == code
    assert told in " ".join(done.stderr.replace("│", " ").split())


def test_a_cluster_does_not_compute_in_what_only_gpus_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on_gpu = replace(MADE_BY, precision="fp16")
    monkeypatch.setattr("cli.scan.open_judge", lambda **_: fake_judge(made_by=on_gpu))
    write_folder(tmp_path, {"a.png": picture(1)})
    arguments = ["scan", tmp_path / "a.png", "--out", tmp_path / "out", "--engine", "ray"]
    done = run_here(capsys, *arguments)
    assert done.returncode == 2
    assert "a cluster computes on CPUs" in done.stderr


def test_interrupt_says_how_to_go_on(tmp_path: Path, rakkan_home: Path) -> None:
    files = {f"{i:03}.png": picture(i, side=300) for i in range(64)}
    folder, out = write_folder(tmp_path / "in", files), tmp_path / "out"
    # A shell that starts the tests in the background lets them ignore the signal.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    python, flag, code = COMMAND
    command = [python, flag, heed + code, "scan", str(folder), "--out", str(out)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(rakkan_home),
    ) as process:
        while process.poll() is None and not (out / "report" / "thumbs").is_dir():
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate()
    assert process.returncode == 130
    assert stdout == ""
    assert "--resume" in stderr
    assert "Traceback" not in stderr
    assert not (out / "report.html").exists()
    done = rakkan("scan", folder, "--out", out, "--resume", home=rakkan_home)
    assert done.returncode == 0, done.stderr
    assert pq.read_table(out / "results.parquet").num_rows == 64


def test_a_list_on_standard_input(tmp_path: Path, rakkan_home: Path) -> None:
    write_folder(tmp_path / "in", {"a.png": picture(1, side=100), "b.jpg": picture(2, "JPEG", 99)})
    lines = f"{tmp_path}/in/a.png\n{tmp_path}/in/b.jpg\n"
    command = [*COMMAND, "scan", "-", "--include", "*.png", "--out", str(tmp_path / "out")]
    done = subprocess.run(
        command, input=lines, capture_output=True, text=True, env=environment(rakkan_home)
    )
    assert done.returncode == 0, done.stderr
    (row,) = pq.read_table(tmp_path / "out" / "results.parquet").to_pylist()
    assert row["path"] == f"{tmp_path}/in/a.png"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "name what to scan"),
        (["-", "-"], "standard input (-) can be read only once"),
        (["none://me:secret@host/x?y"], "none://me@host/x?y: none:// is no kind of address"),
        (["s3://x::zip://y"], "name the path itself"),
        (["--from-list", "nowhere"], "nowhere does not exist"),
    ],
)
def test_what_cannot_be_scanned_is_told_before_anything_is_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    done = run_here(capsys, "scan", *arguments, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert told in " ".join(done.stderr.replace("│", " ").split())
    assert not (tmp_path / "out").exists()
