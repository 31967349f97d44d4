"""The detector: features and measures of an image in, `PixelEvidence` out."""

from collections.abc import Iterator
from dataclasses import dataclass

from detector.pixels.information import material_note, too_plain
from detector.pixels.measures import Measures
from detector.pixels.novelty import NoveltyModel
from detector.pixels.photo import PhotoModel
from detector.pixels.score import PixelScore, in_doubt, score_pixels
from detector.pixels.views import first_view, other_views
from evidence.ai import (
    Information,
    Novelty,
    Photo,
    PhotoAnswer,
    PixelEvidence,
    Verdict,
    Withheld,
)
from evidence.reasons import Reason, reason
from evidence.signals import Claim, EvidenceKind, Signal
from imaging import DecodedImage
from models import Encoder
from models.artefact.detector import DetectorArtefact
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

    artefact: DetectorArtefact
    novelty: NoveltyModel | None = None
    photo: PhotoModel | None = None

    @classmethod
    def of(cls, artefact: DetectorArtefact) -> "Detector":
        """The detector with all that the artefact's folder holds.

        Raises:
            BrokenArtefact: A part of it cannot be read.
        """
        return cls(artefact, NoveltyModel.of(artefact), PhotoModel.of(artefact))

    @property
    def name(self) -> str:
        """Name of the artefact, for the records."""
        return self.artefact.name

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

    def encode(self, image: DecodedImage, encoder: Encoder) -> Features:
        """Encode an image: its first view, and its others where that leaves doubt.

        Raises:
            EncoderDiffers: It is another encoder than the artefact was made with.
        """
        first = encoder.encode(first_view(image, encoder.size))
        if not self.in_doubt(first):
            return first
        return join(first, encoder.encode(other_views(image, encoder.size)))

    def assess(self, features: Features, measures: Measures) -> PixelEvidence:
        """Judge the pixels of one image.

        No verdict is published where the image is too small, too plain or unlike anything that the
        artefact was made from; the score and the probability are given all the same.

        Args:
            features: Of its first view, or of all views of `detector.pixels.views`.
            measures: Of the image, as `detector.pixels.measures.measure` gives them.

        Raises:
            EncoderDiffers: The features are another encoder's.
            ValueError: There is another number of views.
        """
        found = score_pixels(features, self.artefact)
        first = features[:1]
        novelty = self.novelty.read(first) if self.novelty else None
        photo = self.photo.read(first) if self.photo else None
        withheld = dict(self._withheld(found, measures, novelty))
        # What is said of the image stands before what is said of its score.
        of_image = tuple(withheld[why] for why in _OF_THE_IMAGE if why in withheld)
        return PixelEvidence(
            score=found.score,
            probability=found.probability,
            scored=found.verdict,
            verdict=Verdict.INCONCLUSIVE if withheld else found.verdict,
            withheld=tuple(withheld),
            reasons=of_image or (next(iter(withheld.values()), found.reason),),
            information=measures.information,
            novelty=novelty,
            photo=photo,
            stability=found.stability,
            hints=tuple(self._hints(measures.information, photo)),
        )

    def _withheld(
        self, found: PixelScore, measures: Measures, novelty: Novelty | None
    ) -> Iterator[tuple[Withheld, Reason]]:
        """Why no verdict is published, the weightiest first."""
        smallest = self.artefact.manifest.smallest_side
        plain = too_plain(measures.information)
        if plain:
            yield Withheld.TOO_PLAIN, plain
        if self.novelty and novelty and novelty.far:
            yield Withheld.NOVEL, self.novelty.reason
        if measures.short_side < smallest:
            small = reason("too_small", side=measures.short_side, smallest=smallest)
            yield Withheld.TOO_SMALL, small
        if not found.stable:
            yield Withheld.UNSTABLE, reason("pixels_unstable")
        if found.verdict is Verdict.INCONCLUSIVE:
            yield Withheld.OVERLAPPING, found.reason

    def _hints(self, information: Information, photo: Photo | None) -> Iterator[Signal]:
        """What else the pixels show that a platform's rules may ask for."""
        if self.photo and photo and photo.answer is PhotoAnswer.PHOTO:
            yield _hint("photo", self.photo.hint)
        note = material_note(information)
        if note:
            yield _hint("low-information", note)


_OF_THE_IMAGE = (Withheld.TOO_PLAIN, Withheld.NOVEL)


def _hint(reader: str, why: Reason) -> Signal:
    return Signal(reader=reader, kind=EvidenceKind.INFERRED, claim=Claim.NOTED, reason=why)
