"""What similarity model may follow another: on strangers first of all."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import lxml.html
import numpy as np
import pytest
from PIL import Image

from evidence import CopyMatch, CreatorMatch, SimilarityEvidence
from models.artefact.gate import REPORT, Compared, GateReport, Standing
from models.errors import EncoderDiffers
from similarity.artefact import SimilarityArtefact
from tests.fakes import FakeEncoder
from tests.moderation.telling import later
from tests.similarity.fakes import MemoryGallery, consent, enrol, new_work
from tests.similarity.test_artefact import save
from tests.training.likeness.answers import copied, near
from training.data.manifest import Row
from training.errors import TooFewImages
from training.gate.compare import ALL, Margins
from training.gate.report import PAGE
from training.labels.claim import Origin
from training.likeness.asking import Asked, Named, Role
from training.likeness.gate import (
    CONFIRMED,
    COPIES,
    REFUSED,
    beyond_stated,
    compare_likeness,
    likeness_reasons,
    run_likeness_gate,
)
from training.likeness.labels import Likeness, LikenessLabel

MARGINS = Margins(0.005, 0.05)
NOBODY = Named(frozenset(), frozenset(), frozenset())


def close(*creators: str) -> Named:
    return Named(frozenset(creators), frozenset(creators), frozenset())


def asked(
    role: Role, before: Sequence[Named], after: Sequence[Named], creator: str = ""
) -> list[Asked]:
    rows = (
        Row(line=i, name=f"{role}{i}.png", path=Path("x"), label="human", creator=f"{role} {i}")
        for i in range(len(before))
    )
    both = zip(rows, before, after, strict=True)
    return [Asked(row, f"{role} {row.line}", role, creator, old, new) for row, old, new in both]


def strangers(n: int, before: int, after: int) -> list[Asked]:
    """Strangers of whom the first are called close."""
    named = [[close("Dot")] * some + [NOBODY] * (n - some) for some in (before, after)]
    return asked(Role.STRANGER, *named)


def standings(of: Sequence[Asked]) -> dict[tuple[str, str], Compared]:
    found = compare_likeness(of, MARGINS)
    return {(one.what, one.label): one for one in found if one.what != "source"}


def reasons(of: Sequence[Asked]) -> tuple[str, ...]:
    return likeness_reasons(tuple(compare_likeness(of, MARGINS)), MARGINS)


def test_strangers_must_be_proven_to_be_called_close_no_more() -> None:
    assert reasons(strangers(800, 0, 0)) == ()
    assert standings(strangers(800, 8, 8))[ALL, "stranger"].standing is Standing.NO_WORSE
    (worse,) = {one.split(":")[0] for one in reasons(strangers(800, 0, 20)) if "source" not in one}
    assert worse == "strangers' works (800)"
    (few,) = reasons(strangers(100, 0, 0))
    assert "too few to prove that it is no worse, 736 are needed" in few
    assert "0.00 % are called close instead of 0.00 %" in few
    (unproven,) = reasons(strangers(800, 0, 3))
    assert "it is not proven to be no worse" in unproven


def test_what_people_called_no_imitation_must_not_come_back() -> None:
    many = strangers(800, 0, 0)
    kept = asked(Role.REFUSED, [close("Dot"), NOBODY], [close("Dot"), close("Lyn")], "Dot")
    assert reasons(many + kept) == ()
    back = asked(Role.REFUSED, [NOBODY], [close("Dot")], "Dot")
    (why,) = reasons(many + back)
    assert why.startswith("uploads that people called no imitation (1): it is worse")
    assert standings(many + back)[REFUSED, "stranger"].standing is Standing.WORSE


def test_what_is_like_a_creator_must_not_be_missed_more_often() -> None:
    many = strangers(800, 0, 0)
    found, lost = [close("Dot")] * 40, [NOBODY] * 40
    for role, what, label in (
        (Role.OWN, ALL, "own"),
        (Role.PROMPTED, ALL, "imitation"),
        (Role.CONFIRMED, CONFIRMED, "imitation"),
    ):
        missing = many + asked(role, found, lost, "Dot")
        assert standings(missing)[what, label].standing is Standing.WORSE
        assert len(reasons(missing)) == 1
        assert reasons(many + asked(role, lost, found, "Dot")) == ()
        # A few prove nothing, and stop nothing.
        assert reasons(many + asked(role, found[:2], [found[0], NOBODY], "Dot")) == ()


def test_copies_of_nothing_count_too() -> None:
    said = Named(frozenset(), frozenset(), frozenset({"Dot"}))
    wrong = asked(Role.STRANGER, [NOBODY] * 800, [said] * 40 + [NOBODY] * 760)
    assert standings(wrong)[COPIES, "stranger"].standing is Standing.WORSE
    assert standings(wrong)[ALL, "stranger"].standing is Standing.NO_WORSE


def test_more_than_is_stated_is_told_however_often_the_champion_does_it() -> None:
    assert list(beyond_stated(strangers(800, 40, 12), 0.01)) == []
    (why,) = beyond_stated(strangers(800, 40, 40), 0.01)
    assert "which is more than the stated 1 %" in why


def test_without_strangers_there_is_no_gate() -> None:
    with pytest.raises(TooFewImages, match="artists who are not enrolled"):
        list(compare_likeness([], MARGINS))


@dataclass
class Search:
    """Calls close to Dot what is red enough, and a copy of Lyn what is green.

    Attributes:
        gallery: What is enrolled.
        least: How red.
        found: How often it was asked.
    """

    gallery: MemoryGallery
    least: float
    name: str = "state"
    found: list[str] = field(default_factory=list)

    def search(self, features: Any, sketch: Any, *, sha256: str, **_: Any) -> SimilarityEvidence:
        self.found.append(sha256)
        red, green, _ = (features.embedding[0] / features.embedding[0].sum()).tolist()
        creators: tuple[CreatorMatch, ...] = (near("Dot", "close" if red > self.least else "none"),)
        copies: tuple[CopyMatch, ...] = (copied("Lyn"),) if green > 0.8 else ()
        return SimilarityEvidence(copies, creators, self.name)


@dataclass(frozen=True)
class World:
    """A regression set, and who searches for it."""

    manifest: Path
    gallery: MemoryGallery
    artefacts: dict[str, SimilarityArtefact]

    def gate(self, out: Path, least: float, **more: Any) -> GateReport:
        return run_likeness_gate(
            self.manifest,
            out,
            champion=(self.artefacts["old"], Search(self.gallery, 0.7)),  # type: ignore[arg-type]
            challenger=(self.artefacts["new"], Search(self.gallery, least)),  # type: ignore[arg-type]
            encoder=FakeEncoder(id="fake"),
            margins=Margins(0.2, 0.2),
            **more,
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    lines = ["path,label,creator,prompted_artist,split"]
    gallery = MemoryGallery()

    def picture(name: str, colour: tuple[int, int, int], rest: str) -> bytes:
        image = np.random.default_rng(len(lines)).integers(0, 20, (64, 64, 3)) + np.array(colour)
        Image.fromarray(image.clip(0, 255).astype(np.uint8)).save(folder / f"{name}.png")
        lines.append(f"{name}.png,{rest}")
        return (folder / f"{name}.png").read_bytes()

    for i in range(30):
        picture(f"blue{i}", (20, 20, 200), f"human,artist {i},,dev")
    for i in range(3):
        picture(f"reddish{i}", (130, 50, 50), f"human,odd {i},,dev")
    for i in range(6):
        picture(f"dot{i}", (220, 10, 10), "human,Dot,,dev")
        picture(f"prompted{i}", (220, 20, 10), "ai,,Dot,dev")
    enrolled = picture("enrolled", (230, 0, 0), "human,Dot,,dev")
    picture("nobody", (230, 0, 0), "ai,,,dev")
    picture("kept", (230, 0, 0), "human,kept,,train")
    lines.append("broken.png,human,x,,dev")
    digest = hashlib.sha256(enrolled).hexdigest()
    enrol(gallery, "Dot", consent(), [new_work("a", sha256=digest)])
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    artefacts = {}
    for name in ("old", "new"):
        save(folder / name, name=name)
        artefacts[name] = SimilarityArtefact.load(folder / name)
    return World(folder / "manifest.csv", gallery, artefacts)


def test_a_challenger_that_accuses_no_more_may_follow(world: World, tmp_path: Path) -> None:
    report = world.gate(tmp_path, 0.65, splits=("dev",))
    assert report.reasons == ()
    assert GateReport.model_validate_json((tmp_path / REPORT).read_bytes()) == report
    assert (report.champion, report.challenger, report.index) == ("old", "new", "state")
    found = {(one.what, one.label): one for one in report.compared if one.what != "source"}
    assert {key: one.n for key, one in found.items()} == {
        ("all", "stranger"): 33,
        ("copies", "stranger"): 33,
        ("all", "own"): 6,
        ("all", "imitation"): 6,
    }
    page = lxml.html.fromstring((tmp_path / PAGE).read_text())
    assert "new may follow old" in page.text_content()
    assert "1 could not be read" in page.text_content()


def test_one_that_accuses_strangers_may_not_and_they_are_shown(
    world: World, tmp_path: Path
) -> None:
    refused = hashlib.sha256((world.manifest.parent / "reddish0.png").read_bytes()).hexdigest()
    confirmed = hashlib.sha256((world.manifest.parent / "reddish1.png").read_bytes()).hexdigest()
    label = LikenessLabel(
        refused, "Dot", Likeness.STYLE, False, "mia", later(), 1.0, Origin.MODERATOR
    )
    yes = replace(label, sha256=confirmed, confirmed=True)
    gone = replace(label, creator="not enrolled")
    report = world.gate(tmp_path, 0.4, splits=("dev",), labels=[label, yes, gone])
    found = {(one.what, one.label): one for one in report.compared if one.what != "source"}
    assert (found["refused", "stranger"].standing, found["refused", "stranger"].n) == ("worse", 1)
    assert (found["confirmed", "imitation"].challenger, found["all", "stranger"].n) == (0.0, 32)
    assert any("people called no imitation" in why for why in report.reasons)
    page = lxml.html.fromstring((tmp_path / PAGE).read_text())
    shown = page.xpath("//figcaption/text()")
    assert len(shown) == 2
    assert "a person called it no imitation" in shown[0]
    assert all((tmp_path / src).is_file() for src in page.xpath("//figure/img/@src"))


def test_another_encoder_is_refused(world: World, tmp_path: Path) -> None:
    save(tmp_path / "other", name="other", encoder="another")
    other = SimilarityArtefact.load(tmp_path / "other")
    with pytest.raises(EncoderDiffers):
        replace(world, artefacts=world.artefacts | {"new": other}).gate(tmp_path / "out", 0.6)
    assert not (tmp_path / "out").exists()
