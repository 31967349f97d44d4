"""The search alone: whose works an image copies, and whose style it is near to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detector.pixels.information import too_plain_for_style
from detector.pixels.views import first_view
from detector.readers.contract import Reader
from detector.statements.gather import read_statements
from evidence import SimilarityEvidence
from imaging import DecodedImage, Limits, decode_for_view, sketch
from models import Encoder
from serving.closing import Closing
from serving.judge import NEAREST

if TYPE_CHECKING:
    from similarity.search import Similarity


@dataclass(frozen=True)
class Searched:
    """What a search found, with the image.

    Attributes:
        evidence: What was found.
        image: The decoded image.
    """

    evidence: SimilarityEvidence
    image: DecodedImage = field(repr=False)


@dataclass(frozen=True)
class Searcher(Closing):
    """Searches one index; may be used by many threads. Open one by `serving.open_searcher`.

    Attributes:
        encoder: Encodes views.
        similarity: The index.
        limits: Bounds on what is decoded.
        readers: Of what files say: their prompts may name creators.
    """

    encoder: Encoder
    similarity: "Similarity"
    limits: Limits = field(default_factory=Limits)
    readers: Sequence[Reader] = ()

    def one(self, data: bytes, *, account: str | None = None, top: int = NEAREST) -> Searched:
        """Search for one image, as `serving.Judge.one` does besides.

        Args:
            data: The whole file.
            account: Whose upload it is; works of its own creator do not count.
            top: Copies and creators that are named at most.

        Raises:
            ImagingError: It is no image, or is refused.
        """
        image = decode_for_view(data, self.encoder.size, limits=self.limits)
        features = self.encoder.encode(first_view(image, self.encoder.size))
        evidence = self.similarity.search(
            features,
            sketch(image),
            sha256=image.sha256,
            account=account,
            top=top,
            too_plain=too_plain_for_style(image),
            signals=read_statements(data, image, self.readers),
        )
        return Searched(evidence, image)

    def close(self) -> None:
        """Let go of the index."""
        self.similarity.gallery.close()
