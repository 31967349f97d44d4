"""What a file says of itself, without a judgement of it."""

from collections.abc import Sequence

from detector.readers.contract import Reader
from detector.statements.gather import read_statements
from evidence import Signal
from imaging import decode_for_view
from models.encoder.spec import SPEC


def file_statements(data: bytes, readers: Sequence[Reader]) -> tuple[Signal, ...]:
    """What a file says of itself, the strongest first.

    Args:
        data: The whole file.
        readers: See `serving.opening.open_readers`.

    Raises:
        ImagingError: It is no image, or is refused.
    """
    return read_statements(data, decode_for_view(data, SPEC.size), readers)
