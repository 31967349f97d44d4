"""Everything that is said of an image besides its pixels, gathered: the file's word and others'."""

from collections.abc import Sequence

from detector.readers.aigc import AigcReader
from detector.readers.bytedance import ByteDanceReader
from detector.readers.c2pa import C2paReader
from detector.readers.camera import CameraReader
from detector.readers.contract import Reader
from detector.readers.iptc import IptcReader
from detector.readers.own_label import OwnLabelReader
from detector.readers.parameters import GenerationParametersReader
from detector.readers.plain_words import PlainWordsReader
from detector.readers.programs import GENERATOR_NAMES
from detector.readers.software import SoftwareReader
from detector.readers.stealth import StealthReader
from detector.readers.watermark import WatermarkReader
from detector.statements.contradictions import contradictions
from detector.verdict import strongest_first
from evidence.reasons import reason
from evidence.signals import Claim, EvidenceKind, Signal
from imaging import DecodedImage, Limits


def default_readers(
    *, trust_anchors: str | None = None, limits: Limits | None = None, decode_again: bool = True
) -> tuple[Reader, ...]:
    """All readers, the cheap ones first: metadata, then signatures, then the pixels' lowest bits.

    Args:
        trust_anchors: Certificates, in PEM, whose signatures prove what they sign; None for none,
            so that nothing signed is more than stated.
        limits: Of images that a reader decodes itself.
        decode_again: Whether a JPEG is decoded once more for its watermark, where it was decoded
            at another size; for scans where time matters, it need not be.

    Raises:
        ValueError: The trust anchors hold no certificate, or one that is unreadable.
    """
    return (
        GenerationParametersReader(),
        IptcReader(),
        AigcReader(),
        ByteDanceReader(),
        OwnLabelReader(),
        SoftwareReader(),
        PlainWordsReader(),
        CameraReader(),
        C2paReader(trust_anchors),
        StealthReader(limits),
        WatermarkReader(decode_again=decode_again, limits=limits),
    )


def read_statements(
    data: bytes,
    image: DecodedImage,
    readers: Sequence[Reader],
    *,
    declared_ai: bool | None = None,
    expects_metadata: bool = False,
) -> tuple[Signal, ...]:
    """Gather what a file and its uploader say, and where that does not fit together.

    Args:
        data: The whole file.
        image: The same, decoded.
        readers: From `default_readers`.
        declared_ai: Whether the uploader declares that an AI made it; None where nothing is
            declared.
        expects_metadata: See `contradictions`.

    Returns:
        The strongest first.
    """
    found = [*_declaration(declared_ai)]
    for reader in readers:
        found += _read(reader, data, image)
    ordered = strongest_first(_without_bare_names(tuple(dict.fromkeys(found))))
    doubts = contradictions(ordered, image.metadata, expects_metadata=expects_metadata)
    return strongest_first(ordered + doubts)


def _read(reader: Reader, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
    try:
        return reader.read(data, image)
    except Exception:  # a fault of ours, which must neither end a scan nor go unseen
        failed = Signal(
            reader=reader.name,
            kind=EvidenceKind.STATED,
            claim=Claim.NOTED,
            reason=reason("reader_failed", reader=reader.name),
        )
        return (failed,)


def _without_bare_names(found: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """Leave out that a generator put its name into a file where it also says what it did there.

    The name stands in each of its files, in those too where it only repainted another image; so do
    plain words such as NovelAI's title "AI generated image".
    """
    tools = {one.tool for one in found if one.tool}
    told = {one.generator for one in found if one.tool} | tools
    told |= {GENERATOR_NAMES.find(tool) for tool in tools}

    def bare(one: Signal) -> bool:
        if one.claim is not Claim.AI_MADE:
            return False
        if one.reader == PlainWordsReader.name:
            return bool(tools) or one.generator in told
        return one.reader == SoftwareReader.name and one.generator in told

    return tuple(one for one in found if not bare(one))


def _declaration(declared_ai: bool | None) -> tuple[Signal, ...]:
    if declared_ai is None:
        return ()
    declared = Signal(
        reader="declaration",
        kind=EvidenceKind.DECLARED,
        claim=Claim.AI_MADE if declared_ai else Claim.HUMAN_MADE,
        reason=reason("declared_ai" if declared_ai else "declared_human"),
    )
    return (declared,)
