"""Models change in a running service, and no request notices."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import httpx2
import pytest

from api import Service, open_service
from imaging import Limits
from models import Kind, Registry
from serving.opening import open_reencoder
from serving.settings import Settings
from serving.sources.files import items
from similarity.gallery.open import open_gallery
from tests.api.conftest import Client, running
from tests.api.test_observing import counted
from tests.cli.test_reencode import other_heads
from tests.scan.making import picture
from tests.similarity.fakes import IDENTITY

MODELS = ("networks-v5-int8", "linear-v1-int8")
PICTURES = [picture(number, "JPEG" if number % 2 else "PNG", side=300) for number in range(6)]


@pytest.fixture(scope="module")
def settings(encoder_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home of its own, with the encoder that is fetched already."""
    home = tmp_path_factory.mktemp("home")
    (home / "encoder").symlink_to(encoder_cache)
    # The encoder of both models; which precision is fastest is another test's.
    return Settings(home=home, precision="int8")


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[Client]:
    service = open_service(settings)
    assert service.watcher is not None
    service.watcher.seconds = 1e6  # here it looks when it is asked
    with running(service) as client:
        yield client


def look(service: Service) -> None:
    assert service.watcher is not None
    service.watcher.look()


def ready(client: Client) -> tuple[int, dict[str, str]]:
    answer = client.http.get("/readyz")
    return answer.status_code, answer.json()


@pytest.fixture(params=["drawn", "real"])
def images(request: pytest.FixtureRequest) -> list[bytes]:
    if request.param == "drawn":
        return PICTURES
    found = items([request.getfixturevalue("data_dir")], Limits())
    read = (item.read() for item in found)
    return list(islice((one for one in read if one is not None), 6))


def test_promotions_and_rollbacks_under_load(
    client: Client, settings: Settings, images: list[bytes]
) -> None:
    before = counted(client)
    registry, over = Registry(settings.models), threading.Event()

    def upload(number: int) -> list[httpx2.Response]:
        answers = []
        while not over.is_set():
            answers.append(client.score(images[(number + len(answers)) % len(images)]))
        return answers

    with ThreadPoolExecutor(3) as pool, ExitStack() as ending:
        ending.callback(over.set)
        uploading = [pool.submit(upload, number) for number in range(3)]
        for _ in range(3):
            registry.promote(MODELS[1], {Kind.DETECTOR: lambda _: None})
            look(client.service)
            assert ready(client) == (200, {"status": "ready", "model": MODELS[1]})
            assert client.score(images[0]).json()["model"]["name"] == MODELS[1]
            registry.rollback()
            look(client.service)
            assert ready(client) == (200, {"status": "ready", "model": MODELS[0]})
        over.set()
        answers = [answer for one in uploading for answer in one.result()]
    assert [one.status_code for one in answers] == [200] * len(answers)
    assert {one.json()["model"]["name"] for one in answers} == set(MODELS)
    found = counted(client)
    replaced = ("rakkan_replacements_total", "replaced")
    assert found[replaced] - before[replaced] == 6
    (judge,) = [labels for labels in found if labels[0] == "rakkan_judge"]
    assert MODELS[0] in judge


def test_what_is_enrolled_is_found_by_the_next_judge(client: Client, settings: Settings) -> None:
    works = client.http.post(
        "/v1/creators/Ann/works", files={"image": PICTURES[1]}, data={"work_id": "w1"}
    )
    assert works.status_code == 201, works.text
    registry = Registry(settings.models)
    registry.promote(MODELS[1], {Kind.DETECTOR: lambda _: None})
    look(client.service)
    (copy,) = client.score(PICTURES[1]).json()["similarity"]["copies"]
    assert (copy["creator"], copy["work"]) == ("Ann", "w1")
    registry.rollback()
    look(client.service)


def test_an_index_goes_on_with_other_heads_under_load(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    """Described anew while it is searched; whichever comes first, the index or the model."""
    works = [tmp_path / "works"]
    works[0].mkdir()
    (works[0] / "a.jpg").write_bytes(PICTURES[1])
    client.http.post("/v1/creators/Ann/works", files={"image": PICTURES[1]}, data={"work_id": "w1"})
    before = client.score(PICTURES[1]).json()["similarity"]
    other_heads(settings.models / "shorter")
    registry, over = Registry(settings.models), threading.Event()

    def upload(number: int) -> list[httpx2.Response]:
        answers = []
        while not over.is_set():
            answers.append(client.score(PICTURES[(number + len(answers)) % len(PICTURES)]))
        return answers

    with ThreadPoolExecutor(2) as pool, ExitStack() as ending:
        ending.callback(over.set)
        uploading = [pool.submit(upload, number) for number in range(2)]
        with open_reencoder(settings, settings.searched, "shorter") as reencoder:
            assert reencoder.describe().missing  # it was posted: there is no file
            assert reencoder.describe(works).missing == ()
            reencoder.take_over()
        look(client.service)
        assert ready(client)[1]["problem"] == "index_differs"
        registry.promote("shorter", {Kind.SIMILARITY: lambda _: None})
        look(client.service)
        assert "problem" not in ready(client)[1]
        after = client.score(PICTURES[1]).json()
        assert after["model"]["index"] != before["index"]
        registry.rollback()
        look(client.service)
        assert ready(client)[1]["problem"] == "index_differs"
        with open_reencoder(settings, settings.searched) as reencoder:
            assert reencoder.describe().missing == ()
            reencoder.take_over()
        look(client.service)
        assert "problem" not in ready(client)[1]
        over.set()
        answers = [answer for one in uploading for answer in one.result()]
    # On a busy machine one may be answered as undecided for now.
    assert {one.status_code for one in answers} <= {200, 202}
    # The same works by the same ids, and what was enrolled is found throughout.
    again = client.score(PICTURES[1]).json()["similarity"]
    assert again == before
    (copy,) = after["similarity"]["copies"]
    (kept,) = before["copies"]
    names = ("creator", "work", "sha256", "work_id", "creator_id")
    assert [copy[name] for name in names] == [kept[name] for name in names]


def test_an_index_of_other_heads_is_refused_in_words(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """As a promoted model of other heads would be: the index has vectors that it cannot read."""
    before = counted(client)["rakkan_replacements_total", "refused"]
    index = Path(settings.searched)
    aside = index.with_name("aside")
    index.rename(aside)
    look(client.service)
    assert ready(client)[1]["problem"] == "index_not_found"
    open_gallery(str(index), IDENTITY, create=True).close()
    look(client.service)
    status, said = ready(client)
    assert (status, said["problem"]) == (200, "index_differs")
    assert "was made with" in caplog.text
    assert counted(client)["rakkan_replacements_total", "refused"] - before == 2
    assert client.score(PICTURES[1]).json()["similarity"]["copies"]
    index.rename(index.with_name("others"))
    aside.rename(index)
    look(client.service)
    assert "problem" not in ready(client)[1]
