"""A creator's works out of an archive that somebody sent, while they wait."""

import io
import struct
import tempfile
import zipfile
from pathlib import Path

from serving.enrol import Enrolled, Enroller, Enrolment
from serving.errors import SourceError
from serving.sources import archives
from serving.sources.item import File
from similarity.gallery.creators import Consent

MOST_FILES = 1000
"""In one archive."""

DIRECTORY_BYTES = 1 << 20
"""Of a zip's directory, which is read whole: some thousand names of any sensible length."""

_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_LOCATOR = b"PK\x06\x07"


def enrol_archive(enroller: Enroller, creator: str, consent: Consent, data: bytes) -> Enrolled:
    """Enrol the images of an archive; works are named by their paths in it.

    Args:
        enroller: Of the index.
        creator: Whose works they are.
        consent: To the enrolment.
        data: A whole zip or tar, by its content.

    Raises:
        SourceError: It cannot be read, or has too many files.
        SimilarityError: The index cannot be changed.
    """
    zipped = zipfile.is_zipfile(io.BytesIO(data))
    if zipped:
        _require_short_directory(data)
    with tempfile.TemporaryDirectory() as folder:
        # Archives are told apart by their suffix; what compresses a tar, by its content.
        path = Path(folder, "works.zip" if zipped else "works.tar")
        path.write_bytes(data)
        _require_few_files(path, enroller)
        asked = Enrolment(creator, (path,), consent, within=path)
        (done,) = enroller.enrol([asked])
    if done.creator is None and [name for name, _ in done.unreadable] == [""]:
        raise SourceError(done.unreadable[0][1])
    return done


def _require_short_directory(data: bytes) -> None:
    at = data.rfind(_END_MARK)
    if at < 0 or len(data) - at < _END.size:
        raise SourceError("This is not a readable zip archive.")
    length = _END.unpack_from(data, at)[5]
    # A record of the 64-bit kind goes before what was just read; archives this small need none.
    if length > DIRECTORY_BYTES or data[max(0, at - 20) : at].startswith(_LOCATOR):
        raise SourceError(_too_many())


def _require_few_files(path: Path, enroller: Enroller) -> None:
    file = File(str(path), str(path), path.stat().st_size)
    for number, _ in enumerate(archives.members(file, enroller.limits)):
        if number >= MOST_FILES:
            raise SourceError(_too_many())


def _too_many() -> str:
    return f"The archive has more than {MOST_FILES:,} files: send several."
