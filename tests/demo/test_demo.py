"""The demo has something of everything, and says the truth about what it made up."""

from pathlib import Path

import numpy as np
import pytest

from demo import drawing
from demo.__main__ import CREATORS, fill
from detector.statements.gather import default_readers, read_statements
from evidence.signals import Claim, EvidenceKind
from imaging import EmptyFile, ImagingError, decode_for_view

WORKS = 4


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    fill(folder, works=WORKS)
    return folder


def test_each_creator_has_works(made: Path) -> None:
    works = {place.name: len(list(place.iterdir())) for place in (made / "creators").iterdir()}
    assert works == dict.fromkeys(CREATORS, WORKS)


def test_one_upload_of_every_format(made: Path) -> None:
    names = [path for path in (made / "uploads").iterdir() if path.suffix not in {".zip", ".txt"}]
    formats = {decode_for_view(path.read_bytes(), 224).format for path in names if path.is_file()}
    assert formats == {"jpeg", "png", "webp", "gif", "bmp", "tiff", "avif", "heic"}


def test_broken_files_are_broken(made: Path) -> None:
    broken = made / "uploads" / "broken"
    with pytest.raises(EmptyFile):
        decode_for_view((broken / "empty.png").read_bytes(), 224)
    with pytest.raises(ImagingError):
        decode_for_view((broken / "really-a-text.jpg").read_bytes(), 224)


@pytest.mark.parametrize(
    ("name", "kind", "generator"),
    [
        ("galaxy.png", EvidenceKind.STATED, "Stable Diffusion XL"),
        ("city.png", EvidenceKind.STATED, "FLUX"),
        ("galaxy-signed.jpg", EvidenceKind.PROVEN, "Demo Image Generator Ltd"),
    ],
)
def test_what_the_uploads_say(made: Path, name: str, kind: EvidenceKind, generator: str) -> None:
    data = (made / "uploads" / name).read_bytes()
    readers = default_readers(trust_anchors=(made / "trusted.pem").read_text())
    first, *_ = read_statements(data, decode_for_view(data, 224), readers)
    assert (first.kind, first.claim) == (kind, Claim.AI_MADE)
    assert first.generator == generator


def test_no_key_is_left(made: Path) -> None:
    assert not [
        path for path in made.rglob("*") if path.is_file() and b"PRIVATE KEY" in path.read_bytes()
    ]


@pytest.mark.parametrize("draw", CREATORS.values(), ids=CREATORS)
def test_drawings_are_the_same_each_time(draw: drawing.Draw) -> None:
    one, other, another = (draw(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.tobytes() == other.tobytes()
    assert one.tobytes() != another.tobytes()
    assert max(one.size) == drawing.SIDE
