"""Where what was found does not fit together: for a moderator to look at, never to decide by."""

from collections.abc import Iterator
from dataclasses import replace

from detector.readers.camera import CameraReader
from detector.verdict import weaker
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
        found.append(
            _note(
                EvidenceKind.INFERRED,
                "The file has no metadata at all, although uploads keep theirs: they were removed "
                "before, as by a screenshot, a messenger or on purpose.",
            )
        )
    return tuple(found)


def _between(signals: tuple[Signal, ...]) -> Iterator[Signal]:
    file = _of_file(signals)
    declared = {one.claim: one for one in signals if one.kind is EvidenceKind.DECLARED}
    made = _first(file, Claim.AI_MADE)
    by_ai = made or _first(file, Claim.AI_EDITED)
    by_hand = _first(file, Claim.HUMAN_MADE)
    camera = next((one for one in file if one.reader == CameraReader.name), None)

    if by_ai and Claim.HUMAN_MADE in declared:
        what = "made" if by_ai is made else "worked on"
        yield _contradiction(
            declared[Claim.HUMAN_MADE],
            by_ai,
            "the uploader declares that no AI was used, but the file "
            f"{_says(by_ai)} that {_who(by_ai)} {what} it",
        )
    if by_hand and Claim.AI_MADE in declared:
        yield _contradiction(
            declared[Claim.AI_MADE],
            by_hand,
            "the uploader declares that an AI made it, but the file "
            f"{_says(by_hand)} that a person or a camera did",
        )
    if made and by_hand:
        yield _contradiction(
            made,
            by_hand,
            f"the file {_says(made)} that {_who(made)} made it ({made.reader}), and "
            f"{_says(by_hand)} that a person or a camera did ({by_hand.reader})",
        )
    if made and camera and not by_hand:
        yield _contradiction(
            made, camera, f"the file names a camera, and {_says(made)} that {_who(made)} made it"
        )


def _of_file(signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
    return tuple(one for one in signals if one.kind not in _NOT_OF_A_FILE)


def _first(signals: tuple[Signal, ...], claim: Claim) -> Signal | None:
    return next((one for one in signals if one.claim is claim), None)


def _says(signal: Signal) -> str:
    return "proves" if signal.kind is EvidenceKind.PROVEN else "says"


def _who(signal: Signal) -> str:
    return signal.generator or "an AI"


def _contradiction(one: Signal, other: Signal, words: str) -> Signal:
    return _note(weaker(one.kind, other.kind), f"{words[:1].upper()}{words[1:]}.")


def _note(kind: EvidenceKind, text: str) -> Signal:
    return Signal(reader=CONTRADICTIONS, kind=kind, claim=Claim.NOTED, text=text)
