"""Opening with the encoder and the models that ship, and what judgements then name."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from evidence import Judgement
from models import Encoder, Precision, load_reference_encoder
from serving import Enrolment, Judge, Settings, open_enroller, open_judge, open_searcher
from serving.errors import SettingsError
from serving.stream import judge_stream
from similarity.errors import IndexNotFound
from similarity.gallery.creators import Consent
from tests.scan.making import picture, write_folder
from tests.similarity.fakes import NOW

PICTURES = [picture(i, "JPEG" if i % 2 else "PNG", side=300) for i in range(6)]


@pytest.fixture(scope="module")
def settings(rakkan_home: Path, encoder_cache: Path) -> Settings:
    return Settings(home=rakkan_home)


@pytest.fixture(scope="module")
def index(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An index of one creator."""
    place = tmp_path_factory.mktemp("index")
    works = write_folder(tmp_path_factory.mktemp("works"), {"a.png": PICTURES[0]})
    asked = Enrolment("Ann", (works,), Consent("Ann", NOW))
    with open_enroller(settings, str(place)) as enroller:
        (done,) = enroller.enrol([asked])
    assert done.added == 1
    return str(place)


@pytest.fixture(scope="module")
def judge(settings: Settings, index: str) -> Iterator[Judge]:
    with open_judge(settings, index=index) as judge:
        yield judge


def test_a_judgement_names_all_that_it_was_made_by(judge: Judge) -> None:
    judgement = judge.one(PICTURES[0])
    made_by = judgement.made_by
    assert made_by.version == version("rakkan")
    assert made_by.encoder == judge.encoder.id
    assert made_by.precision in set(Precision)
    assert made_by.similarity is not None
    for artefact in (made_by.detector, made_by.similarity):
        assert artefact.name
        assert len(artefact.sha256) == 64
    # Beside the readers stands the digest of their rules.
    assert {reader.id for reader in judge.readers} < set(made_by.readers)
    assert judgement.similarity is not None
    assert made_by.index == judgement.similarity.index == judge.index
    assert judgement.similarity.copies[0].creator == "Ann"


def test_a_stream_of_the_real_encoder_says_what_one_says(judge: Judge) -> None:
    def fetch(number: int) -> tuple[bytes, int]:
        return PICTURES[number], number

    batches = judge_stream(judge, range(len(PICTURES)), fetch, batch_size=4)
    found = [one.judgement for batch in batches for one in batch]
    for data, judgement in zip(PICTURES, found, strict=True):
        assert isinstance(judgement, Judgement)
        alone = judge.one(data)
        assert judgement.ai.pixels.score == pytest.approx(alone.ai.pixels.score, abs=1e-4)
        assert judgement.ai.verdict == alone.ai.verdict
        assert judgement.made_by == alone.made_by


def test_the_search_alone_finds_what_the_judge_finds(
    settings: Settings, index: str, judge: Judge
) -> None:
    with open_searcher(settings, index) as searcher:
        searched = searcher.one(PICTURES[0])
    assert searched.evidence == judge.one(PICTURES[0]).similarity
    assert searched.image.sha256 == searched.evidence.copies[0].sha256


def test_a_place_without_an_index_is_told(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(IndexNotFound):
        open_judge(settings, index=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_certificates_that_are_none_are_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_bytes(b"\xff no certificate")
    with pytest.raises(SettingsError, match="no certificates in PEM"):
        open_judge(settings, trust_anchors=tmp_path / "a.pem")


def test_on_a_gpu_models_for_floats_are_opened(
    encoder_cache: Path, rakkan_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def load(cache: Path, *, precision: Precision, threads: int | None, device: str) -> Encoder:
        asked.append((precision, device))
        return load_reference_encoder(encoder_cache)

    monkeypatch.setattr("serving.opening.load_encoder", load)
    with open_judge(Settings(home=rakkan_home, device="cuda")) as judge:
        made_by = judge.one(PICTURES[0]).made_by
    assert asked == [(Precision.FP16, "cuda")]
    assert made_by.precision == Precision.FP16
    assert made_by.encoder.endswith(":float")
    assert made_by.detector.name.endswith("-float")
    with open_judge(Settings(home=rakkan_home), device="cuda:1"):
        assert asked[-1] == (Precision.FP16, "cuda:1")
