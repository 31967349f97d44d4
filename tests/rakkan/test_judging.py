from pathlib import Path

import pytest

import rakkan
from core.errors import RakkanError
from tests.fakes import FakeSearcher, fake_judge
from tests.scan.making import picture, write_folder

RED, BROKEN = picture(1), picture(2)[:60]


def test_bytes_and_paths_are_judged_alike(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.png": RED})
    with rakkan.Judge(fake_judge()) as judge:
        from_bytes = judge.judge(RED)
        assert judge.judge(tmp_path / "a.png") == from_bytes
        assert judge.judge(str(tmp_path / "a.png")) == from_bytes
    assert isinstance(from_bytes, rakkan.Judgement)
    assert from_bytes.ai.verdict in rakkan.Verdict


def test_what_is_said_of_an_upload_counts() -> None:
    searcher = FakeSearcher()
    judge = rakkan.Judge(fake_judge(similarity=searcher))
    said = judge.judge(RED, declared_ai=True, expects_metadata=True, account="7")
    assert rakkan.EvidenceKind.DECLARED in {signal.kind for signal in said.ai.signals}
    assert [account for _, account in searcher.asked] == ["7"]


def test_many_are_judged_in_order_and_none_ends_the_others(tmp_path: Path) -> None:
    pictures = {f"{number:02}.png": picture(number) for number in range(20)}
    bad = {"03-broken.png": BROKEN, "04-empty.png": b"", "05-notes.txt": b"words"}
    write_folder(tmp_path, pictures | bad)
    paths = [*sorted(tmp_path.iterdir()), tmp_path / "nowhere.png"]
    judge = rakkan.Judge(fake_judge())
    answers = list(judge.judge_many(paths, workers=2))
    assert [one.path for one in answers] == paths
    for one in answers:
        whole = one.path.name in pictures
        assert (one.judgement is not None, one.error is None) == (whole, whole)
    assert all(isinstance(one.error, RakkanError) for one in answers if one.error)
    assert answers[0].judgement == judge.judge(paths[0])


def test_what_cannot_be_judged_is_one_kind_of_error(tmp_path: Path) -> None:
    write_folder(tmp_path, {"notes.txt": b"words"})
    judge = rakkan.Judge(fake_judge())
    for image in (BROKEN, b"", tmp_path / "notes.txt", tmp_path / "nowhere.png"):
        with pytest.raises(rakkan.RakkanError):
            judge.judge(image)


def test_opened_with_what_is_installed(encoder_cache: Path) -> None:
    with rakkan.open(threads=1) as judge:
        said = judge.judge(picture(1, side=400))
    assert 0 < said.ai.probability < 1
    assert said.similarity is None
    assert said.made_by.encoder


def test_an_index_that_is_not_there(encoder_cache: Path, tmp_path: Path) -> None:
    with pytest.raises(rakkan.RakkanError):
        rakkan.open(index=tmp_path / "none")
