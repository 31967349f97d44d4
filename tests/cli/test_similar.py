import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from lxml import html
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from tests.cli.artists import dots, lines, png, write_artists
from tests.cli.running import rakkan, run_here
from tests.scan.making import write_folder

pytestmark = pytest.mark.usefixtures("encoder_cache")

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, rakkan_home: Path) -> Path:
    """An index of two artists, beside their works."""
    place = tmp_path_factory.mktemp("index")
    write_artists(place / "works")
    done = rakkan(
        *("creators", "enrol", "--each", place / "works", "--index", place / "index"),
        home=rakkan_home,
    )
    assert done.returncode == 0, done.stderr
    return place / "index"


def similar(capsys: Captured, file: Path, index: Path, *more: object) -> dict[str, Any]:
    done = run_here(capsys, "similar", file, "--index", index, "--json", *more)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def recompressed(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=40)
    return buffer.getvalue()


def test_the_very_file(index: Path, capsys: Captured) -> None:
    work = index.parent / "works" / "Dot" / "1.png"
    answer = similar(capsys, work, index)
    first = answer["copies"][0]
    assert (first["work"], first["creator"]) == (str(work), "Dot")
    assert (first["score"], first["verdict"]) == (1.0, "copy")
    assert answer["creators"][0]["creator"] == "Dot"


def test_what_is_declared_as_an_ais_is_compared_with_pictures_by_ais(
    index: Path, tmp_path: Path, capsys: Captured
) -> None:
    upload = tmp_path / "up.png"
    upload.write_bytes(png(dots(99)))
    told, by_ai = (
        similar(capsys, upload, index, "--declared", says)["creators"] for says in ("human", "ai")
    )
    assert all(one["p_value_ai"] is None for one in told)
    assert all(0 < one["p_value_ai"] <= 1 for one in by_ai)
    assert [one["p_value"] for one in told] == [one["p_value"] for one in by_ai]


EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "recompressed": lambda image: image,
    "mirrored": ImageOps.mirror,
    "cropped": lambda image: image.crop((20, 20, 270, 300)),
}


@pytest.mark.parametrize("edit", EDITS)
def test_edited_copies(index: Path, tmp_path: Path, capsys: Captured, edit: str) -> None:
    upload = tmp_path / "up.jpg"
    upload.write_bytes(recompressed(EDITS[edit](dots(2))))
    first = similar(capsys, upload, index)["copies"][0]
    assert first["work"].endswith("Dot/2.png")
    assert first["verdict"] == "copy"
    assert 0 < first["score"] <= 1
    assert first["mirrored"] == (edit == "mirrored")
    assert len(first["in_upload"]) == len(first["in_work"]) == 4


def test_the_document_of_an_upload_by_somebody(
    index: Path, tmp_path: Path, capsys: Captured
) -> None:
    write_folder(tmp_path, {"up.png": png(lines(99))})
    answer = similar(capsys, tmp_path / "up.png", index, "--top", "2")
    assert not [one for one in answer["copies"] if one["verdict"] == "copy"]
    names = [one["creator"] for one in answer["creators"]]
    assert names[0] == "Lyn"
    assert len(names) == len(set(names)) <= 2
    likenesses = [one["likeness"] for one in answer["creators"]]
    assert likenesses == sorted(likenesses, reverse=True)
    for one in answer["creators"]:
        assert {"creator", "score", "p_value", "verdict", "works"} <= set(one)
        assert 0 <= one["p_value"] <= 1
        assert one["verdict"] in {"close", "review", "none"}
        assert one["works"]
        assert {"work", "score"} <= set(one["works"][0])
    assert answer["model"]["index"]


def test_what_a_person_is_told(index: Path, capsys: Captured, tmp_path: Path) -> None:
    work = index.parent / "works" / "Dot" / "1.png"
    page = tmp_path / "page.html"
    done = run_here(capsys, "similar", work, "--index", index, "--page", page)
    assert done.returncode == 0, done.stderr
    assert "It holds a copy of" in done.stdout
    assert "People decide" in " ".join(done.stdout.split())
    assert str(page) in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 200
    tree = html.parse(page)
    # The upload and all works of the artist are at hand: they lie where they were.
    assert not tree.xpath("//svg[contains(@class, 'gone')]")
    assert len(tree.xpath("//image")) > 2
    work.rename(work.with_suffix(".moved"))
    try:
        run_here(capsys, "similar", work.with_suffix(".moved"), "--index", index, "--page", page)
    finally:
        work.with_suffix(".moved").rename(work)
    assert html.parse(page).xpath("//svg[contains(@class, 'gone')]")


def test_score_searches_with_the_same_features(
    index: Path, tmp_path: Path, capsys: Captured
) -> None:
    work = index.parent / "works" / "Lyn" / "0.png"
    alone = similar(capsys, work, index)
    done = run_here(capsys, "score", work, "--index", index, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert answer["model"]["index"] == alone["model"]["index"]
    assert answer["similarity"]["copies"][0]["work"] == str(work)
    both = zip(answer["similarity"]["creators"], alone["creators"], strict=True)
    for one, other in both:
        assert one["creator"] == other["creator"]
        assert one["score"] == pytest.approx(other["score"], abs=1e-3)
    told = run_here(capsys, "score", work, "--index", index)
    assert "Enrolled works" in told.stdout


def test_scan_fills_the_columns(index: Path, tmp_path: Path, capsys: Captured) -> None:
    files = {"new.png": png(lines(77)), "copy.jpg": recompressed(dots(3))}
    folder = write_folder(tmp_path / "in", files)
    done = run_here(capsys, "scan", folder, "--out", tmp_path / "out", "--index", index)
    assert done.returncode == 0, done.stderr
    assert "copies: 1" in done.stdout
    copy, new = pq.read_table(tmp_path / "out" / "results.parquet").to_pylist()
    assert copy["copy_of"].endswith("Dot/3.png")
    assert copy["copy_score"] > 0
    assert new["copy_of"] is None
    assert new["nearest_creators"][0] == "Lyn"
    assert new["creator_verdict"] in {"close", "review", "none"}
    other = run_here(capsys, "scan", folder, "--out", tmp_path / "out", "--resume")
    assert other.returncode == 1
    assert "index" in other.stderr


def test_an_account_is_not_held_to_its_own_works(tmp_path: Path, capsys: Captured) -> None:
    folder = write_artists(tmp_path / "in", works=3)
    index = tmp_path / "index"
    for name, account in (("Dot", "7"), ("Lyn", "8")):
        run_here(
            *(capsys, "creators", "enrol", name, folder / name, "--index", index),
            *("--account", account),
        )
    answer = similar(capsys, folder / "Dot" / "0.png", index, "--account", "7")
    assert not [one for one in answer["copies"] if one["creator"] == "Dot"]
    assert "Dot" not in {one["creator"] for one in answer["creators"]}
    assert "close" not in {one["verdict"] for one in answer["creators"]}  # Lyn draws otherwise.
    assert any("Dot" in note["text"] for note in answer["notes"])
    assert similar(capsys, folder / "Dot" / "0.png", index, "--account", "8")["copies"]


@pytest.mark.parametrize("command", ["similar", "score"])
def test_no_index(tmp_path: Path, capsys: Captured, command: str) -> None:
    write_folder(tmp_path, {"up.png": png(dots(1))})
    done = run_here(capsys, command, tmp_path / "up.png", "--index", tmp_path / "no")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "there is no index" in line
    assert not (tmp_path / "no").exists()


def test_wrong_usage(index: Path, tmp_path: Path, capsys: Captured) -> None:
    write_folder(tmp_path, {"up.png": png(dots(1)), "up.html": png(dots(1))})
    for arguments in (
        ["similar", tmp_path / "up.png"],
        ["similar", tmp_path / "no.png", "--index", index],
        ["similar", tmp_path / "up.png", "--index", index, "--top", "0"],
        ["similar", tmp_path / "up.png", tmp_path / "up.html", "--index", index, "--json"],
        ["similar", tmp_path / "up.png", "--index", index, "--page", tmp_path / "no" / "a.html"],
        ["similar", tmp_path / "up.png", "--index", index, "--page", tmp_path / "page.png"],
        ["similar", tmp_path / "up.html", "--index", index, "--page", tmp_path / "up.html"],
    ):
        assert run_here(capsys, *arguments).returncode == 2


@pytest.mark.parametrize("data", [b"", b"plain words", png(dots(1))[:-3000]])
def test_bad_image_is_one_plain_line(
    index: Path, tmp_path: Path, capsys: Captured, data: bytes
) -> None:
    write_folder(tmp_path, {"up.png": data})
    done = run_here(capsys, "similar", tmp_path / "up.png", "--index", index)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("rakkan: ")


def test_several_images_and_a_series(index: Path, tmp_path: Path, capsys: Captured) -> None:
    files = {"1.png": png(lines(97)), "2.png": png(lines(98)), "3.png": png(dots(99)), "4.png": b""}
    write_folder(tmp_path, files)
    paths = [tmp_path / name for name in files]
    done = run_here(capsys, "similar", *paths, "--index", index, "--jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["path"] for one in found] == [str(path) for path in paths]
    assert found[3]["error"]["code"] == "image_empty"
    series = run_here(capsys, "similar", *paths[:3], "--index", index, "--json", "--as-one")
    assert (series.returncode, series.stderr) == (0, "")
    answer = json.loads(series.stdout)
    assert [one["path"] for one in answer["images"]] == [str(path) for path in paths[:3]]
    assert answer["creators"][0]["creator"] == "Lyn"
    assert {"copies", "creators", "notes", "model"} <= set(answer)
    told = run_here(capsys, "similar", *paths[:3], "--index", index, "--as-one")
    assert told.stdout.startswith("3 images, taken as one series")


def prompting(folder: Path, prompt: str) -> Path:
    """A picture with the parameters of a generator."""
    folder.mkdir()
    texts = PngInfo()
    texts.add_text(
        "parameters", f"{prompt}\nNegative prompt: by Lyn\nSteps: 20, Seed: 1, Size: 8x8"
    )
    Image.open(BytesIO(png(dots(77)))).save(folder / "asked.png", pnginfo=texts)
    return folder / "asked.png"


def test_whom_the_prompt_names(index: Path, tmp_path: Path, capsys: Captured) -> None:
    file = prompting(tmp_path / "in", "a fox, by Dot and Nobody Enrolled, snow")
    answer = similar(capsys, file, index, "--page", tmp_path / "page.html")
    (named,) = answer["prompted"]
    sentence = named["reason"]["text"]
    assert (named["creator"], named["words"], named["kind"]) == ("Dot", "Dot", "stated")
    assert named["reader"] == "automatic1111"
    assert "Nobody" not in json.dumps(answer)
    told = " ".join(run_here(capsys, "similar", file, "--index", index).stdout.split())
    assert "Its prompt names one enrolled creator." in told
    assert sentence in told
    assert sentence in html.parse(tmp_path / "page.html").getroot().text_content()
    scored = run_here(capsys, "score", file, "--index", index, "--json")
    assert json.loads(scored.stdout)["similarity"]["prompted"] == [named]
    run_here(capsys, "scan", file.parent, "--index", index, "--out", tmp_path / "out")
    (row,) = pq.read_table(tmp_path / "out" / "results.parquet").to_pylist()
    assert sentence in row["reasons"]
    assert row["creator_verdict"] == answer["creators"][0]["verdict"]


def test_a_creator_who_withdrew_is_named_no_more(tmp_path: Path, capsys: Captured) -> None:
    place = tmp_path / "index"
    write_artists(tmp_path / "works", works=2)
    for name, more in (("Dot", ("--alias", "Pen Name")), ("Lyn", ())):
        done = run_here(
            *(capsys, "creators", "enrol", name, tmp_path / "works" / name, "--index", place),
            *more,
        )
        assert done.returncode == 0, done.stderr
    file = prompting(tmp_path / "in", "a fox, pen_name, snow")
    assert [one["words"] for one in similar(capsys, file, place)["prompted"]] == ["pen_name"]
    run_here(capsys, "creators", "withdraw", "Dot", "--index", place)
    assert similar(capsys, file, place)["prompted"] == []
