"""The detector: features of an image in, `AiEvidence` out."""

from dataclasses import dataclass

from detector.pixels.information import LowInformation
from detector.pixels.novelty import NoveltyModel, load_novelty_model
from detector.pixels.photo import PhotoModel, load_photo_model
from detector.pixels.score import in_doubt, read_pixels
from detector.pixels.views import views_of
from evidence.ai import AiEvidence, EvidenceKind, Verdict
from evidence.signals import Claim, Signal
from imaging import DecodedImage
from models import Encoder
from models.artefact.artefact import Artefact
from models.encoder.features import Features, join


@dataclass(frozen=True)
class Detector:
    """Judges the pixels of images by one artefact.

    Attributes:
        artefact: The head, its calibration and its thresholds.
        novelty: Tells images that are unlike all that the head was made from; None for artefacts
            that cannot.
        photo: Tells photographs; None for artefacts that cannot.
    """

    artefact: Artefact
    novelty: NoveltyModel | None = None
    photo: PhotoModel | None = None

    @classmethod
    def of(cls, artefact: Artefact) -> "Detector":
        """The detector with all that the artefact's folder holds.

        Raises:
            BrokenArtefact: A part of it cannot be read.
        """
        folder = artefact.folder
        return cls(artefact, load_novelty_model(folder), load_photo_model(folder))

    @property
    def name(self) -> str:
        """Name of the artefact, for the records."""
        return self.artefact.manifest.name

    @property
    def encoder(self) -> str:
        """Id of the encoder whose features it reads."""
        return self.artefact.manifest.encoder

    def in_doubt(self, first: Features) -> bool:
        """Whether an image's other views shall be looked at, by the features of its first.

        Raises:
            EncoderDiffers: The features are another encoder's.
        """
        return in_doubt(first, self.artefact)

    def look(self, image: DecodedImage, encoder: Encoder) -> Features:
        """Encode an image: its first view, and its others where that leaves doubt.

        Raises:
            EncoderDiffers: It is another encoder than the artefact was made with.
        """
        views = views_of(image, encoder.size)
        first = encoder.encode(views[:1])
        return join(first, encoder.encode(views[1:])) if self.in_doubt(first) else first

    def assess(
        self,
        features: Features,
        *,
        short_side: int | None = None,
        information: LowInformation | None = None,
    ) -> AiEvidence:
        """Judge one image.

        No verdict is published where the image is too small, too plain or unlike anything that the
        artefact was made from; the score and the probability are given all the same.

        Args:
            features: Of its first view, or of all views of `detector.pixels.views`.
            short_side: Shorter side of the original in pixels, if known.
            information: How much there is to see in it, if measured.

        Raises:
            EncoderDiffers: The features are another encoder's.
            ValueError: There is another number of views.
        """
        pixels = read_pixels(features, self.artefact, short_side=short_side)
        first = features[:1]
        withheld = [
            information.reason if information else None,
            self.novelty.read(first).reason if self.novelty else None,
        ]
        why = tuple(reason for reason in withheld if reason)
        hints = self._hints(first, information)
        return AiEvidence(
            verdict=Verdict.INCONCLUSIVE if why else pixels.verdict,
            probability=pixels.probability,
            evidence=EvidenceKind.INFERRED,
            generator=None,
            pixel_probability=pixels.probability,
            pixel_score=pixels.score,
            reasons=(*(why or (pixels.reason,)), *(hint.text for hint in hints)),
            signals=hints,
            stability=pixels.stability,
        )

    def _hints(self, first: Features, information: LowInformation | None) -> tuple[Signal, ...]:
        """What else the pixels show that a platform's rules may ask for."""
        found = {
            "photo": self.photo.read(first).hint if self.photo else None,
            "low-information": information.material_note if information else None,
        }
        return tuple(
            Signal(reader=reader, kind=EvidenceKind.INFERRED, claim=Claim.NOTED, text=text)
            for reader, text in found.items()
            if text
        )
