"""Why a judgement is as it is, in the words of a moderator."""

from evidence.judgement import Judgement
from evidence.wording.ai import decoding_note
from evidence.wording.catalogue import ENGLISH, translated
from evidence.wording.similarity import findings


def reasons(judgement: Judgement, language: str = ENGLISH) -> tuple[str, ...]:
    """Everything that is said of an image, one sentence each, the deciding ones first."""
    found = judgement.similarity
    return (
        *(translated(why, language) for why in judgement.ai.reasons),
        *(decoding_note(note, language) for note in judgement.image.notes),
        *(findings(found, language) if found else ()),
    )
