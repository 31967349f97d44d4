"""What a running service keeps for the next model."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from api.learning import NewlyForgotten, open_learning
from serving.current import CurrentJudge
from serving.keeping import FeatureKeeper
from serving.settings import Settings
from storage import open_store
from tests.api.conftest import running
from tests.fakes import fake_judge
from tests.scan.making import picture


def kept(settings: Settings, cache: Path) -> int:
    digests = [hashlib.sha256(picture(i)).hexdigest() for i in range(3)]
    return settings.upload_features.collect(digests, cache)


def test_uploads_over_http_are_kept_and_leave_with_their_account(tmp_path: Path) -> None:
    from api import Service

    settings = Settings(home=tmp_path)
    store = open_store(f"sqlite:///{tmp_path / 'r.sqlite3'}")
    learning = open_learning(settings, store)
    online = CurrentJudge(fake_judge(), on_judged=learning.learners)
    with running(Service(online, store, learning=learning)) as client:
        for i in range(3):
            account = "ann" if i == 0 else "bob"
            assert client.score(picture(i), account_id=account, service="default").is_success
        # An upload is answered before it is learnt from.
        found = 0
        while found < 3:
            learning.look()
            found += kept(settings, tmp_path / "seen")
        store.erase("ann", at=datetime.now(UTC), actor="officer")
        learning.look()
    assert kept(settings, tmp_path / "cache") == 2


def test_it_can_be_switched_off_and_then_nothing_stays(tmp_path: Path) -> None:
    (tmp_path / "uploads" / "2026-11-29").mkdir(parents=True)
    store = open_store(f"sqlite:///{tmp_path / 'r.sqlite3'}")
    learning = open_learning(Settings(home=tmp_path, features_days=0), store)
    assert not any(isinstance(one, FeatureKeeper) for one in learning.learners)
    assert not list((tmp_path / "uploads").iterdir())
    store.close()


def test_each_image_is_told_once_and_once_more_if_it_is_named_again(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'r.sqlite3'}")
    ask = NewlyForgotten(store)
    assert ask() == frozenset()
    for hour, expected in ((1, {"a"}), (2, {"a", "b"})):
        with store.transaction() as tx:
            tx.forget_images(expected, at=datetime(2026, 11, 29, hour, tzinfo=UTC))
        assert ask() == expected
        assert ask() == frozenset()
    store.close()
