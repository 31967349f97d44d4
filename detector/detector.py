"""The detector: signals in, `AiEvidence` out. So far the pixels are the one signal."""

from dataclasses import dataclass

from detector.evidence import AiEvidence, EvidenceKind
from detector.pixels import read_pixels
from models.artefact import Artefact
from models.features import Features


@dataclass(frozen=True)
class Detector:
    """Judges images by one artefact.

    Attributes:
        artefact: The head, its calibration and its thresholds.
    """

    artefact: Artefact

    @property
    def name(self) -> str:
        """Name of the artefact, for the records."""
        return self.artefact.manifest.name

    @property
    def encoder(self) -> str:
        """Id of the encoder whose features it reads."""
        return self.artefact.manifest.encoder

    def assess(self, features: Features, *, short_side: int | None = None) -> AiEvidence:
        """Judge one image.

        Args:
            features: Of the N >= 1 views of one image.
            short_side: Shorter side of the original in pixels, if known.

        Raises:
            EncoderDiffers: The features are another encoder's.
            ValueError: There is no view.
        """
        pixels = read_pixels(features, self.artefact, short_side=short_side)
        return AiEvidence(
            verdict=pixels.verdict,
            probability=pixels.probability,
            evidence=EvidenceKind.INFERRED,
            generator=None,
            pixel_probability=pixels.probability,
            pixel_score=pixels.score,
            reasons=(pixels.reason,),
        )
