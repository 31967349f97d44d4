"""The claims that the records hold: of reviews, appeals, moderators and declarations."""

from collections.abc import Iterator

from storage import Reader
from training.errors import AutomaticLabel
from training.labels.claim import Claim, Origin

UPLOADER = "uploader"
"""Who makes a declaration: whoever uploaded the image, by no name."""


def recorded_claims(reader: Reader) -> Iterator[Claim]:
    """The labels of the records, the oldest first.

    Those of accounts that were erased are not among them. What Rakkan decided by itself is not
    either: there is no event by which it could become a label.

    Raises:
        AutomaticLabel: A label has another origin than those that people have.
    """
    for one in reader.labels():
        if one.sha256 is None:
            continue
        try:
            origin = Origin(one.source)
        except ValueError:
            raise AutomaticLabel(
                f"a label in the records comes from {one.source!r}, which no person is: it is "
                "never learnt from"
            ) from None
        by = UPLOADER if origin is Origin.DECLARATION else one.by
        if one.certainty > 0:
            yield Claim(one.sha256, one.label, by, one.at, one.certainty, origin)
