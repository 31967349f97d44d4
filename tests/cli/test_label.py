import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from detector.labels.label import label
from detector.readers.c2pa import C2paReader
from detector.statements.gather import default_readers, read_statements
from evidence import Verdict
from evidence.signals import Claim, EvidenceKind
from imaging import decode
from tests.cli.running import Done, run_here
from tests.credentials import GENERATED, Authority, make_authority, sign
from tests.detector.readers.making import opened, picture, png

Run = Callable[..., Done]

PARAMETERS = {"parameters": "a fox\nSteps: 20, Sampler: Euler, Seed: 7, Model: sd_xl_base_1.0"}


def claims(data: bytes) -> set[Claim]:
    return {one.claim for one in read_statements(*opened(data), default_readers())}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return lambda *arguments: run_here(capsys, "label", *arguments)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority("Some Platform")


@pytest.fixture
def keys(tmp_path: Path, authority: Authority) -> tuple[Path, Path]:
    certificates, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    certificates.write_text(authority.chain)
    key.write_text(authority.key)
    return certificates, key


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_the_file_itself_is_labelled(run: Run, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"a.{kind}"
    file.write_bytes(data := picture(kind))
    file.chmod(0o640)
    done = run(file, "--as", "ai", "--operator", "pixiv")
    assert (done.returncode, done.stderr) == (0, "")
    assert "labelled ai" in done.stdout
    assert "trainedAlgorithmicMedia" in done.stdout
    assert file.read_bytes() == label(data, Verdict.AI, operator="pixiv").data
    assert np.array_equal(decode(file.read_bytes()).pixels, decode(data).pixels)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [one.name for one in tmp_path.iterdir()] == [file.name]


def test_another_file_leaves_the_first_alone(run: Run, tmp_path: Path) -> None:
    file, out = tmp_path / "a.png", tmp_path / "b.png"
    file.write_bytes(data := png(PARAMETERS))
    done = run(file, "--as", "human", "--out", out)
    assert done.returncode == 0
    assert file.read_bytes() == data
    assert Claim.AI_MADE in claims(out.read_bytes())  # its label is nobody's word
    assert "still says otherwise" in done.stdout
    assert "parameters" in done.stdout


def test_a_label_keeps_the_format_and_says_so(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.webp"
    file.write_bytes(picture("WEBP"))
    refused = run(file, "--as", "ai", "--out", tmp_path / "a.png")
    assert refused.returncode == 2
    assert ".webp" in refused.stderr
    assert not (tmp_path / "a.png").exists()


def test_a_link_stays_a_link(run: Run, tmp_path: Path) -> None:
    file, link = tmp_path / "a.png", tmp_path / "link.png"
    file.write_bytes(png())
    link.symlink_to(file)
    assert run(link, "--as", "inconclusive").returncode == 0
    assert link.is_symlink()
    assert Claim.NOTED in claims(file.read_bytes())


def test_a_signature_is_not_broken_unasked(
    run: Run, tmp_path: Path, authority: Authority, keys: tuple[Path, Path]
) -> None:
    made = [{"action": "c2pa.created", "digitalSourceType": GENERATED}]
    data = sign(picture(), "image/jpeg", authority, made)
    file = tmp_path / "a.jpg"
    file.write_bytes(data)
    refused = run(file, "--as", "ai")
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert "--sign-cert" in refused.stderr
    assert file.read_bytes() == data

    signing = ("--sign-cert", keys[0], "--sign-key", keys[1])
    assert run(file, "--as", "ai", *signing).returncode == 0
    (signal,) = C2paReader(authority.root).read(*opened(file.read_bytes()))
    assert (signal.kind, signal.claim) == (EvidenceKind.STATED, Claim.AI_MADE)

    forced = run(file, "--as", "inconclusive", "--force")
    assert forced.returncode == 0
    assert "broken now" in forced.stdout
    (signal,) = C2paReader(authority.root).read(*opened(file.read_bytes()))
    assert signal.claim is Claim.NOTED


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (picture("GIF"), "JPEG, PNG and WebP"),
        (picture("TIFF"), "JPEG, PNG and WebP"),
        (picture()[:-300], "cut short"),
        (b"no image", "is not an image"),
        (b"", "empty"),
    ],
    ids=["gif", "tiff", "cut", "text", "empty"],
)
def test_what_cannot_be_labelled_is_one_plain_line(
    run: Run, tmp_path: Path, data: bytes, words: str
) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(data)
    done = run(file, "--as", "ai")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert words in line
    assert file.read_bytes() == data


def test_wrong_usage(run: Run, tmp_path: Path, keys: tuple[Path, Path]) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(png())
    for arguments in (
        (file,),
        (file, "--as", "robot"),
        (file, "--as", "ai", "--operator", "a\nb"),
        (file, "--as", "ai", "--sign-key", keys[1]),
        (tmp_path / "missing.png", "--as", "ai"),
        (tmp_path, "--as", "ai"),
        (file, "--as", "ai", "--out", tmp_path / "none" / "b.png"),
        (file, "--as", "ai", "--out", tmp_path / "b.jpg"),
        (file, "--as", "ai", "--out", tmp_path / "b"),
    ):
        assert run(*arguments).returncode == 2, arguments
    assert file.read_bytes() == png()


def test_a_key_that_does_not_serve_is_one_plain_line(
    run: Run, tmp_path: Path, keys: tuple[Path, Path]
) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(png())
    keys[1].write_text("nonsense")
    done = run(file, "--as", "ai", "--sign-cert", keys[0], "--sign-key", keys[1])
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert file.read_bytes() == png()


def test_real_files(run: Run, tmp_path: Path, data_dir: Path) -> None:
    for folder in sorted((data_dir / "files" / "ai").iterdir()):
        path = min(folder.iterdir())
        out = tmp_path / path.name
        done = run(path, "--as", "ai", "--force", "--out", out)
        assert (done.returncode, done.stderr) == (0, ""), path.name
        before, after = decode(path.read_bytes()), decode(out.read_bytes())
        assert np.array_equal(after.pixels, before.pixels)
