"""Which artefacts there are, and which one is used for an encoder.

Artefacts come with the product (`models/artefacts/`), or from the user's own training. The user's
folder remembers promotions in order, so that each can be undone.
"""

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from core.files import write_whole
from models.artefact.artefact import HEAD, MANIFEST, Artefact, Manifest, file_sha256, load_artefact
from models.artefact.golden import check_rows
from models.errors import (
    ArtefactError,
    ArtefactNotFound,
    BrokenArtefact,
    NothingToRollBack,
)

SHIPPED = Path(__file__).parent.parent / "artefacts"
DEFAULTS = "defaults.json"


class _Defaults(BaseModel):
    """Encoder id -> names of the artefacts promoted for it, the last one in use."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    promoted: dict[str, tuple[str, ...]] = {}


@dataclass(frozen=True)
class Entry:
    """An artefact in the registry.

    Attributes:
        manifest: Its manifest.
        folder: Where it lies.
        shipped: It came with the product.
        default: It is the one in use for its encoder.
    """

    manifest: Manifest
    folder: Path
    shipped: bool
    default: bool

    @property
    def name(self) -> str:
        """Name of the artefact."""
        return self.manifest.name


@dataclass(frozen=True)
class Registry:
    """The shipped artefacts and the user's own.

    Attributes:
        user: Folder of the user's artefacts; need not exist.
        shipped: Folder of the artefacts that came with the product.
    """

    user: Path
    shipped: Path = SHIPPED

    def list(self) -> tuple[Entry, ...]:
        """All artefacts, by name.

        Raises:
            BrokenArtefact: One of them cannot be read.
        """
        entries = []
        for place in (self.shipped, self.user):
            for folder in sorted(place.iterdir()) if place.is_dir() else ():
                # Other things than heads are shipped beside them, and a copy in progress is hidden.
                if folder.name.startswith(".") or not (folder / HEAD).is_file():
                    continue
                manifest = load_artefact(folder).manifest
                default = self._default_name(manifest.encoder) == manifest.name
                entries.append(Entry(manifest, folder, place == self.shipped, default))
        return tuple(sorted(entries, key=lambda entry: entry.name))

    def load(self, name: str) -> Artefact:
        """The artefact of a name.

        Raises:
            ArtefactNotFound: There is none.
            BrokenArtefact: It cannot be read.
        """
        known = []
        for place in (self.shipped, self.user):
            for folder in place.iterdir() if place.is_dir() else ():
                if (folder / HEAD).is_file() and not folder.name.startswith("."):
                    known.append(folder.name)
                    if folder.name == name:
                        return load_artefact(folder)
        raise ArtefactNotFound(
            f"no model is named {name}; there are: {', '.join(sorted(known)) or 'none'}"
        )

    def default(self, encoder: str) -> Artefact:
        """The artefact in use for an encoder: the last one promoted, or else the shipped one.

        Raises:
            ArtefactNotFound: There is none for that encoder.
            BrokenArtefact: It cannot be read.
        """
        name = self._default_name(encoder)
        if name is None:
            raise ArtefactNotFound(
                f"no model is made for the encoder {encoder}: train one (`rakkan train`) and "
                "promote it (`rakkan models promote`)"
            )
        artefact = self.load(name)
        artefact.require(encoder)
        return artefact

    def promote(self, artefact: str | Path) -> Entry:
        """Put an artefact into use for its encoder.

        Args:
            artefact: Name of one in the registry, or a folder that `rakkan train` wrote, which is
                copied into the user's folder.

        Raises:
            ArtefactNotFound: No such name or folder.
            BrokenArtefact: It cannot be read, or its head does not give its golden values.
            ArtefactError: Another artefact has the same name.
        """
        folder = artefact if isinstance(artefact, Path) else None
        if folder is not None and not folder.is_dir():
            raise ArtefactNotFound(f"no folder {folder}")
        loaded = load_artefact(folder) if folder is not None else self.load(str(artefact))
        check_rows(loaded)
        if folder is not None:
            loaded = self._adopt(loaded)
        manifest = loaded.manifest
        history = self._promoted()
        names = history.get(manifest.encoder, ())
        if self._default_name(manifest.encoder) != manifest.name:
            self._write({**history, manifest.encoder: (*names, manifest.name)})
        shipped = loaded.folder.parent == self.shipped
        return Entry(manifest, loaded.folder, shipped=shipped, default=True)

    def rollback(self, encoder: str) -> Entry | None:
        """Undo the last promotion for an encoder.

        Returns:
            The artefact now in use; None if none is.

        Raises:
            NothingToRollBack: Nothing was promoted for it.
        """
        history = self._promoted()
        names = history.get(encoder, ())
        if not names:
            raise NothingToRollBack(f"no promotion is left to undo for the encoder {encoder}")
        self._write({**history, encoder: names[:-1]})
        name = self._default_name(encoder)
        if name is None:
            return None
        loaded = self.load(name)
        shipped = loaded.folder.parent == self.shipped
        return Entry(loaded.manifest, loaded.folder, shipped=shipped, default=True)

    def _default_name(self, encoder: str) -> str | None:
        names = self._promoted().get(encoder, ())
        if names:
            return names[-1]
        path = self.shipped / DEFAULTS
        if not path.is_file():
            return None
        return dict[str, str](json.loads(path.read_text("utf-8"))).get(encoder)

    def _promoted(self) -> dict[str, tuple[str, ...]]:
        path = self.user / DEFAULTS
        try:
            return _Defaults.model_validate_json(path.read_bytes()).promoted
        except FileNotFoundError:
            return {}
        except (OSError, ValidationError) as error:
            raise BrokenArtefact(
                f"{path} cannot be read: mend or delete it (the shipped defaults hold then)"
            ) from error

    def _write(self, promoted: dict[str, tuple[str, ...]]) -> None:
        self.user.mkdir(parents=True, exist_ok=True)
        text = _Defaults(promoted=promoted).model_dump_json(indent=2) + "\n"
        write_whole(self.user / DEFAULTS, text.encode())

    def _adopt(self, artefact: Artefact) -> Artefact:
        """Copy an artefact into the user's folder; nothing to do if it lies there already."""
        name = artefact.manifest.name
        target = self.user / name
        for place in (self.shipped / name, target):
            if place.is_dir():
                if file_sha256(place / MANIFEST) != file_sha256(artefact.folder / MANIFEST):
                    raise ArtefactError(f"another model is named {name} already: rename this one")
                return load_artefact(place)
        self.user.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.user, prefix=".") as temporary:
            copy = Path(temporary) / name
            shutil.copytree(artefact.folder, copy)
            copy.replace(target)
        return load_artefact(target)
