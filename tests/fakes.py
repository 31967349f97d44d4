"""Deterministic stand-ins for what judges: features, scores and likenesses from pixels."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from detector import Measures
from detector.readers.contract import Reader
from evidence import (
    ArtefactId,
    CopyMatch,
    CopyVerdict,
    CreatorMatch,
    CreatorVerdict,
    PixelEvidence,
    Provenance,
    Reason,
    Signal,
    SimilarityEvidence,
    Verdict,
    Withheld,
)
from imaging import Limits
from models import Features
from models.encoder.features import Views
from serving.figures import ModelDescription
from serving.judge import Judge
from similarity.description import HASH_BYTES, Description
from similarity.gallery.gallery import NewWork, State
from similarity.upload import Upload
from tests.similarity.fakes import IDENTITY, MemoryGallery


@dataclass
class FakeEncoder:
    """Features that depend on the pixels alone.

    Attributes:
        id: As an encoder's.
        size: Side of a view.
        seconds: Time that one view takes, to give a test the time to kill.
        seen: How many views were encoded, per call.
    """

    id: str = "fake:1"
    size: int = 32
    seconds: float = 0.0
    seen: list[int] = field(default_factory=list)

    def encode(self, views: Views) -> Features:
        self.seen.append(len(views))
        time.sleep(self.seconds * len(views))
        means = views.reshape(len(views), -1, 3).mean(axis=1).astype(np.float32) / 255
        embedding = means + np.float32(1e-3)
        embedding /= np.linalg.norm(embedding, axis=1, keepdims=True)
        blocks = np.repeat(means[:, None], 2, axis=1)
        return Features(embedding, blocks, blocks, blocks * 0, encoder=self.id)


@dataclass
class FakeDetector:
    """The redder, the more AI-like.

    Attributes:
        doubt: Images redder than this in their first view are in doubt.
        looked: How many views each image was judged by, and whether it was too plain.
    """

    doubt: float = 2.0
    looked: list[tuple[int, bool]] = field(default_factory=list)

    def in_doubt(self, first: Features) -> bool:
        return float(first.class_tokens[0, 0, 0]) > self.doubt

    def assess(self, features: Features, measures: Measures) -> PixelEvidence:
        self.looked.append((len(features), measures.information.too_plain))
        red = float(features.class_tokens[:, 0, 0].mean())
        verdict = Verdict.AI if red > 0.8 else Verdict.HUMAN if red < 0.2 else Verdict.INCONCLUSIVE
        return PixelEvidence(
            score=10 * red - 5,
            probability=red,
            scored=verdict,
            verdict=verdict,
            withheld=() if verdict is not Verdict.INCONCLUSIVE else (Withheld.OVERLAPPING,),
            reasons=(Reason("red", f"The red is {red:.2f}."),),
            information=measures.information,
        )


@dataclass
class FakeDescriber:
    """Describes a work by the mean colour of its view."""

    described: list[str] = field(default_factory=list)

    def new_work(
        self, name: str, sha256: str, features: Features, sketch: NDArray[np.uint8]
    ) -> NewWork:
        self.described.append(name)
        style = np.zeros(IDENTITY.style, np.float32)
        style[:3] = features.embedding[0]
        copy = np.zeros((1, IDENTITY.copy), np.float32)
        copy[0, :3] = features.embedding[0]
        hash_ = np.full(HASH_BYTES, sketch.mean(), np.uint8)
        return NewWork(name, sha256, Description(style, copy, hash_, 100), b"local")


@dataclass
class FakeEnrolment:
    """What an enroller needs of an index: who describes works, and where they go."""

    gallery: MemoryGallery
    describer: FakeDescriber = field(default_factory=FakeDescriber)
    settled: int = 0
    alike: Mapping[str, dict[str, float]] = field(default_factory=dict)

    def at(self, state: State) -> "FakeEnrolment":
        assert state.name == self.gallery.state().name
        return self

    def lookalikes(self, name: str) -> dict[str, float]:
        return self.alike.get(name, {})

    def settle(self) -> None:
        self.settled += 1


@dataclass(frozen=True)
class FakeIndex:
    """An index that is in one state."""

    name: str

    def state(self, *, newest: bool = False) -> "FakeIndex":
        return self

    def creators(self) -> tuple[()]:
        return ()

    def close(self) -> None:
        pass


@dataclass
class FakeSearcher:
    """Finds a copy in what is redder than green and blue, and a style in what is bluest.

    Attributes:
        name: Of the index's state.
        asked: The SHA-256 and account of each search.
        told_plain: Whether each was said to show too little.
        told_signals: What the file of each says.
        told_ai: Whether each was said to be by an AI.
    """

    name: str = "index-1"
    asked: list[tuple[str | None, str | None]] = field(default_factory=list)
    told_plain: list[bool] = field(default_factory=list)
    told_signals: list[tuple[Signal, ...]] = field(default_factory=list)
    told_ai: list[bool] = field(default_factory=list)

    @property
    def gallery(self) -> FakeIndex:
        return FakeIndex(self.name)

    def at(self, state: FakeIndex) -> "FakeSearcher":
        assert state.name == self.name
        return self

    def search_all(self, uploads: Sequence[Upload], top: int = 5) -> list[SimilarityEvidence]:
        return [
            self.search(
                one.features,
                one.sketch,
                sha256=one.sha256,
                account=one.account,
                top=top,
                too_plain=one.too_plain,
                signals=one.signals,
                by_ai=one.by_ai,
            )
            for one in uploads
        ]

    def search(
        self,
        features: Features,
        sketch: NDArray[np.uint8],
        *,
        sha256: str | None = None,
        account: str | None = None,
        top: int = 5,
        too_plain: bool = False,
        signals: Sequence[Signal] = (),
        by_ai: bool = False,
    ) -> SimilarityEvidence:
        self.told_ai.append(by_ai)
        self.told_signals.append(tuple(signals))
        self.told_plain.append(too_plain)
        assert len(features) == 1
        assert sketch.ndim == 2
        self.asked.append((sha256, account))
        red, _, blue = features.embedding[0].tolist()
        strongest = int(features.embedding[0].argmax())
        copies = (
            (
                CopyMatch(
                    work="works/<red>.png",
                    creator="Scarlett & Co",
                    score=red,
                    verdict=CopyVerdict.COPY if red > 0.8 else CopyVerdict.REVIEW,
                    in_upload=None,
                    in_work=None,
                    mirrored=False,
                    sha256="0" * 64,
                    reason=Reason("red", "It is red."),
                    work_id=1,
                    creator_id=1,
                ),
            )
            if strongest == 0
            else ()
        )
        verdict = CreatorVerdict.CLOSE if strongest == 2 else CreatorVerdict.NONE
        nearest = CreatorMatch(
            creator="Azure",
            likeness=blue,
            score=blue,
            p_value=0.01,
            verdict=verdict,
            references=3,
            works=(),
            reason=Reason("blue", "It is blue."),
            creator_id=2,
        )
        return SimilarityEvidence(copies, (nearest,), self.name)


MADE_BY = Provenance("1.0", "fake:1", "fp32", ArtefactId("fake", "f" * 64), readers=())
"""What the judgements of `fake_judge` are made by."""


def fake_judge(
    encoder: FakeEncoder | None = None,
    detector: FakeDetector | None = None,
    *,
    readers: Sequence[Reader] = (),
    limits: Limits | None = None,
    similarity: FakeSearcher | None = None,
    held: int = 2 << 20,
    made_by: Provenance = MADE_BY,
) -> Judge:
    """A judge whose parts are fakes."""
    found = ArtefactId("fake-search", "e" * 64) if similarity else None
    return Judge(
        encoder=encoder or FakeEncoder(),
        detector=detector or FakeDetector(),  # type: ignore[arg-type]
        readers=readers,
        model=ModelDescription("fake", "fake:1", "fp32", (("AUROC", "0.970"),)),
        made_by=replace(made_by, readers=tuple(reader.id for reader in readers), similarity=found),
        limits=limits or Limits(),
        similarity=similarity,  # type: ignore[arg-type]
        held=held,
    )
