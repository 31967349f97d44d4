"""The anchor of each encoder: the fixed model with which every later one is compared.

Steps that are each within a margin add up. What is compared with one model that stays the same
cannot creep away from it.
"""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from core.files import write_whole
from models.artefact.manifest import Kind, Record
from models.errors import BrokenArtefact

ANCHORS = "anchors.json"


class Anchor(Record):
    """A model that stays the measure.

    Attributes:
        kind: Of the artefact.
        encoder: Id of the encoder that it is made for.
        name: Of the artefact.
    """

    kind: Kind
    encoder: str
    name: str


class _Anchors(Record):
    """One of each kind and encoder at most."""

    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True)
class Anchors:
    """The anchors that are remembered in the user's folder.

    Attributes:
        folder: Of the user's artefacts; need not exist.
    """

    folder: Path

    def name(self, kind: Kind, encoder: str) -> str | None:
        """Name of the anchor; None where none is remembered.

        Raises:
            BrokenArtefact: What is remembered cannot be read.
        """
        for one in self._read():
            if (one.kind, one.encoder) == (kind, encoder):
                return one.name
        return None

    def set(self, new: Anchor) -> None:
        """Remember an anchor in place of the one before.

        Raises:
            BrokenArtefact: What is remembered cannot be read.
        """
        place = (new.kind, new.encoder)
        others = [one for one in self._read() if (one.kind, one.encoder) != place]
        self.folder.mkdir(parents=True, exist_ok=True)
        text = _Anchors(anchors=(*others, new)).model_dump_json(indent=2) + "\n"
        write_whole(self.folder / ANCHORS, text.encode())

    def _read(self) -> tuple[Anchor, ...]:
        path = self.folder / ANCHORS
        try:
            return _Anchors.model_validate_json(path.read_bytes()).anchors
        except FileNotFoundError:
            return ()
        except (OSError, ValidationError) as error:
            raise BrokenArtefact(
                f"{path} cannot be read: mend it, or delete it and name the anchor anew"
                " (`rakkan models anchor`)"
            ) from error
