"""The search alone: whose works an image copies, and whose style it is near to."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evidence import SimilarityEvidence
from imaging import DecodedImage
from serving.closing import Closing
from serving.judge import NEAREST, Judge

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
        judge: Judges each image, of which one that an AI made is compared with others of these.
        similarity: The index, which the judge searches.
    """

    judge: Judge
    similarity: "Similarity"

    def one(
        self,
        data: bytes,
        *,
        declared_ai: bool | None = None,
        account: str | None = None,
        top: int = NEAREST,
    ) -> Searched:
        """Search for one image.

        Args:
            data: The whole file.
            declared_ai: As in `Judge.one`.
            account: Whose upload it is; works of its own creator do not count.
            top: Copies and creators that are named at most.

        Raises:
            ImagingError: It is no image, or is refused.
        """
        examined = self.judge.examine(data, declared_ai=declared_ai, account=account, top=top)
        found = examined.judgement.similarity
        if found is None:
            raise ValueError("the judge of a searcher searches an index")
        return Searched(found, examined.image)

    def close(self) -> None:
        """Let go of the index."""
        self.judge.close()
