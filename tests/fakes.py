"""Deterministic stand-ins for the encoder and the detector: features and scores from pixels."""

import time
from dataclasses import dataclass, field

import numpy as np

from detector import AiEvidence, EvidenceKind, Verdict
from detector.low_information import LowInformation
from models import Features
from models.features import Views


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
    looked: list[tuple[int, bool | None]] = field(default_factory=list)

    def in_doubt(self, first: Features) -> bool:
        return float(first.class_tokens[0, 0, 0]) > self.doubt

    def assess(
        self,
        features: Features,
        *,
        short_side: int | None = None,
        information: LowInformation | None = None,
    ) -> AiEvidence:
        self.looked.append((len(features), information and information.too_plain))
        red = float(features.class_tokens[:, 0, 0].mean())
        verdict = Verdict.AI if red > 0.8 else Verdict.HUMAN if red < 0.2 else Verdict.INCONCLUSIVE
        return AiEvidence(
            verdict=verdict,
            probability=red,
            evidence=EvidenceKind.INFERRED,
            generator=None,
            pixel_probability=red,
            pixel_score=10 * red - 5,
            reasons=(f"The red is {red:.2f}.",),
        )
