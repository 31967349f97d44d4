"""A hint that an image is primarily a photograph, for platforms that do not accept those.

"Photograph" is what the image looks like: an AI picture of a photographic kind and a photorealistic
render look like one too. The hint is for a person, who also knows the exemptions (covers, ...).
"""

from dataclasses import dataclass

from evidence.ai import Photo, PhotoAnswer
from evidence.reasons import Reason, reason
from models.artefact.detector import PHOTO, DetectorArtefact
from models.artefact.manifest import PhotoThresholds
from models.encoder.features import Features
from models.errors import EncoderDiffers
from models.heads import Head, load_head


@dataclass(frozen=True)
class PhotoModel:
    """The photo head with what its scores mean.

    Attributes:
        encoder: Id of the encoder whose features the head reads.
        head: Features to raw scores; higher is more like a photograph.
        thresholds: What the scores mean.
    """

    encoder: str
    head: Head
    thresholds: PhotoThresholds

    @classmethod
    def of(cls, artefact: DetectorArtefact) -> "PhotoModel | None":
        """The photo head of an artefact; None if the artefact has none.

        Raises:
            BrokenArtefact: The head cannot be read.
        """
        manifest = artefact.manifest
        if manifest.photo is None:
            return None
        return cls(manifest.encoder, load_head(artefact.path(PHOTO)), manifest.photo)

    def read(self, features: Features) -> Photo:
        """Say whether an image looks like a photograph.

        Args:
            features: Of the global view of one image, as the levels were set on; of several views
                the mean score is taken.

        Raises:
            EncoderDiffers: The features are another encoder's.
            ValueError: There is no view.
        """
        if features.encoder != self.encoder:
            raise EncoderDiffers(
                f"the photo head was made with the encoder {self.encoder}, not with "
                f"{features.encoder}"
            )
        if not len(features):
            raise ValueError("an image without views cannot be judged")
        score = float(self.head.score(features).astype("float64").mean())
        answer = _answer(score, self.thresholds)
        return Photo(score, self.thresholds.calibration.probability(score), answer)

    @property
    def hint(self) -> Reason:
        """What is said of an image that looks like a photograph."""
        level = self.thresholds.photo
        return reason("photo", share=level.measured, n=level.n, low=level.low, high=level.high)


def _answer(score: float, thresholds: PhotoThresholds) -> PhotoAnswer:
    # Kinds that hardly overlap let the thresholds change places; between them neither answer holds.
    above, below = score > thresholds.photo.threshold, score < thresholds.not_photo.threshold
    if above == below:
        return PhotoAnswer.UNSURE
    return PhotoAnswer.PHOTO if above else PhotoAnswer.NOT_PHOTO
