from pathlib import Path

import pytest

from tests.cli.running import run_here
from training.data.manifest import read_manifest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAKKAN_HOME", str(tmp_path / "home"))
    for label in ("ai", "human"):
        place = tmp_path / "images" / label
        place.mkdir(parents=True)
        for i in range(3):
            (place / f"{i}.png").write_bytes(f"{label} {i}".encode())
    return tmp_path / "images"


def test_from_a_folder_to_a_manifest_and_forgotten(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run_here(capsys, "labels", "import", folder, "--by", "noa", "--source", "studio")
    assert done.stdout == "6 labels read, 6 of them new.\n"
    other = tmp_path / "other.csv"
    other.write_text("path,label\nai/0.png,human\nai/9.png,ai\n")
    arguments = ("labels", "import", other, "--by", "sol", "--images", folder)
    refused = run_here(capsys, *arguments)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "other.csv line 3 (ai/9.png)" in refused.stderr
    told = run_here(capsys, *arguments, "--allow-missing").stdout
    assert "1 labels read, 1 of them new." in told
    assert "No image, left out: other.csv line 3 (ai/9.png)" in told
    out = tmp_path / "manifest.csv"
    told = run_here(capsys, "labels", "export", out).stdout
    assert "People disagree about 1, 1 unresolved." in told
    assert "noa (import) says ai; sol (import) says human: neither holds" in told
    rows = read_manifest(out)
    assert sorted(row.label for row in rows) == ["ai"] * 2 + ["human"] * 3
    assert {row.source for row in rows} == {"studio"}
    told = run_here(capsys, "labels", "forget", *(row.sha256 for row in rows)).stdout
    assert told == "Forgotten: 5 labels, and features of 0 images.\n"
    tasks = tmp_path / "tasks.json"
    told = run_here(capsys, "labels", "export", tasks).stdout
    assert told.startswith("2 labels by people, of 0 images")
