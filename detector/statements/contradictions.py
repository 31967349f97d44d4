"""Where what was found does not fit together: for a moderator to look at, never to decide by."""

from collections.abc import Iterator
from dataclasses import replace

from detector.readers.camera import CameraReader
from detector.verdict import weaker
from evidence.reasons import Reason, reason
from evidence.signals import CONTRADICTIONS, Claim, EvidenceKind, Signal
from imaging import Metadata

_NOT_OF_A_FILE = frozenset({EvidenceKind.DECLARED, EvidenceKind.INFERRED})


def contradictions(
    signals: tuple[Signal, ...], metadata: Metadata, *, expects_metadata: bool = False
) -> tuple[Signal, ...]:
    """Compare the statements of a file with each other and with what its uploader declares.

    Args:
        signals: What the file says and what the uploader declares, the strongest first.
        metadata: Of the file.
        expects_metadata: Files come to the platform on a way that keeps metadata, so a file
            without any has lost them somewhere else.

    Returns:
        One note for each contradiction.
    """
    found = list(_between(signals))
    # A colour profile says nothing of how a picture was made, and is what strippers keep.
    bare = replace(metadata, icc=None) == Metadata() and not _of_file(signals)
    if expects_metadata and bare:
        found.append(_note(EvidenceKind.INFERRED, reason("metadata_removed")))
    return tuple(found)


def _between(signals: tuple[Signal, ...]) -> Iterator[Signal]:
    file = _of_file(signals)
    declared = {one.claim: one for one in signals if one.kind is EvidenceKind.DECLARED}
    made = _first(file, Claim.AI_MADE)
    by_ai = made or _first(file, Claim.AI_EDITED)
    by_hand = _first(file, Claim.HUMAN_MADE)
    camera = next((one for one in file if one.reader == CameraReader.name), None)

    if by_ai and Claim.HUMAN_MADE in declared:
        said = reason(
            "declared_human_but_ai",
            says=_says(by_ai),
            generator=by_ai.generator,
            did="made" if by_ai is made else "worked_on",
        )
        yield _contradiction(declared[Claim.HUMAN_MADE], by_ai, said)
    if by_hand and Claim.AI_MADE in declared:
        said = reason("declared_ai_but_human", says=_says(by_hand))
        yield _contradiction(declared[Claim.AI_MADE], by_hand, said)
    if made and by_hand:
        said = reason(
            "file_says_both",
            says=_says(made),
            generator=made.generator,
            reader=made.reader,
            says_human=_says(by_hand),
            reader_human=by_hand.reader,
        )
        yield _contradiction(made, by_hand, said)
    if made and camera and not by_hand:
        said = reason("camera_but_ai", says=_says(made), generator=made.generator)
        yield _contradiction(made, camera, said)


def _of_file(signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
    return tuple(one for one in signals if one.kind not in _NOT_OF_A_FILE)


def _first(signals: tuple[Signal, ...], claim: Claim) -> Signal | None:
    return next((one for one in signals if one.claim is claim), None)


def _says(signal: Signal) -> str:
    return "proves" if signal.kind is EvidenceKind.PROVEN else "says"


def _contradiction(one: Signal, other: Signal, said: Reason) -> Signal:
    return _note(weaker(one.kind, other.kind), said)


def _note(kind: EvidenceKind, why: Reason) -> Signal:
    return Signal(reader=CONTRADICTIONS, kind=kind, claim=Claim.NOTED, reason=why)
