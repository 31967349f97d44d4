"""Models that are chosen for something besides being in use, one of each kind and encoder.

The anchor (`anchors.json`) is the fixed model with which every later one is compared: steps that
are each within a margin add up, but what is compared with one model that stays the same cannot
creep away from it. The shadow (`shadows.json`) judges live uploads beside the one in use, and
decides nothing.
"""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from core.files import write_whole
from models.artefact.manifest import Kind, Record
from models.errors import BrokenArtefact

ANCHORS = "anchors.json"
SHADOWS = "shadows.json"


class Choice(Record):
    """A model that was chosen.

    Attributes:
        kind: Of the artefact.
        encoder: Id of the encoder that it is made for.
        name: Of the artefact.
    """

    kind: Kind
    encoder: str
    name: str


class _Choices(Record):
    """One of each kind and encoder at most."""

    chosen: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """What is remembered in a file of the user's folder.

    Attributes:
        path: Of the file; need not exist.
    """

    path: Path

    def name(self, kind: Kind, encoder: str) -> str | None:
        """Name of what was chosen; None for nothing.

        Raises:
            BrokenArtefact: What is remembered cannot be read.
        """
        for one in self.all():
            if (one.kind, one.encoder) == (kind, encoder):
                return one.name
        return None

    def set(self, new: Choice) -> None:
        """Remember a choice in place of the one before.

        Raises:
            BrokenArtefact: What is remembered cannot be read.
        """
        place = (new.kind, new.encoder)
        self._write((*(one for one in self.all() if (one.kind, one.encoder) != place), new))

    def clear(self) -> tuple[Choice, ...]:
        """Remember nothing any more; says what was chosen.

        Raises:
            BrokenArtefact: What is remembered cannot be read.
        """
        found = self.all()
        self.path.unlink(missing_ok=True)
        return found

    def all(self) -> tuple[Choice, ...]:
        """All choices.

        Raises:
            BrokenArtefact: What is remembered cannot be read.
        """
        try:
            return _Choices.model_validate_json(self.path.read_bytes()).chosen
        except FileNotFoundError:
            return ()
        except (OSError, ValidationError) as error:
            raise BrokenArtefact(
                f"{self.path} cannot be read: mend it, or delete it and choose anew"
            ) from error

    def _write(self, chosen: tuple[Choice, ...]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        text = _Choices(chosen=chosen).model_dump_json(indent=2) + "\n"
        write_whole(self.path, text.encode())
