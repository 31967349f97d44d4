"""Which artefacts there are, and which one of a kind is in use for an encoder.

Artefacts come with the product (`models/artefacts/`), or from the user's own training. The user's
folder remembers promotions in order, so that each can be undone.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from core.files import published, write_whole
from models.artefact.artefact import MANIFEST, Artefact, open_any
from models.artefact.chosen import ANCHORS, SHADOWS, Choice, Chosen
from models.artefact.manifest import AnyManifest, Kind, Record
from models.errors import (
    ArtefactError,
    ArtefactNotFound,
    BrokenArtefact,
    NothingToRollBack,
)

SHIPPED = Path(__file__).parent.parent / "artefacts"
DEFAULTS = "defaults.json"
PROMOTIONS = "promotions.json"

Check = Callable[[Path], None]
"""Told the folder of an artefact; raises `BrokenArtefact` if it does not do what it promises."""


class Promotion(Record):
    """One artefact that was put into use.

    Attributes:
        kind: Of the artefact.
        encoder: Id of the encoder that it is made for.
        name: Of the artefact.
        gate: Digest of the gate's report that let it; None without one.
    """

    kind: Kind
    encoder: str
    name: str
    gate: str | None = None


class _Promotions(Record):
    """All promotions that were not undone, the last one last."""

    promotions: tuple[Promotion, ...] = ()


@dataclass(frozen=True)
class Entry:
    """An artefact in the registry.

    Attributes:
        artefact: It.
        shipped: It came with the product.
        in_use: It is the one in use of its kind for its encoder.
    """

    artefact: Artefact[AnyManifest]
    shipped: bool
    in_use: bool

    @property
    def name(self) -> str:
        """Name of the artefact."""
        return self.artefact.name

    @property
    def kind(self) -> Kind:
        """Kind of the artefact."""
        return self.artefact.manifest.kind

    @property
    def encoder(self) -> str:
        """Id of the encoder that it is made for."""
        return self.artefact.manifest.encoder


@dataclass(frozen=True)
class Registry:
    """The shipped artefacts and the user's own, of all kinds.

    Attributes:
        user: Folder of the user's artefacts; need not exist.
        shipped: Folder of the artefacts that came with the product.
    """

    user: Path
    shipped: Path = SHIPPED

    def list(self) -> tuple[Entry, ...]:
        """All artefacts, by kind and name; numbers in names count as numbers.

        Raises:
            BrokenArtefact: One of them cannot be read.
        """
        entries = [self._entry(open_any(folder)) for folder in self._folders()]
        return tuple(sorted(entries, key=lambda entry: (entry.kind, natural(entry.name))))

    def find(self, name: str) -> Path:
        """The folder of the artefact of a name.

        Raises:
            ArtefactNotFound: There is none; says which there are.
        """
        folders = {folder.name: folder for folder in self._folders()}
        if name in folders:
            return folders[name]
        known = ", ".join(sorted(folders, key=natural)) or "none"
        raise ArtefactNotFound(f"no model is named {name}; there are: {known}")

    def entry(self, name: str) -> Entry:
        """The artefact of a name.

        Raises:
            ArtefactNotFound: There is none; says which there are.
        """
        return self._entry(open_any(self.find(name)))

    def in_use(self, kind: Kind, encoder: str) -> Path:
        """The folder of the artefact in use: the last one promoted, or else the shipped default.

        Raises:
            ArtefactNotFound: There is none of that kind for that encoder; says for which there are.
            BrokenArtefact: What is remembered cannot be read.
        """
        name = self._name_in_use(kind, encoder)
        if name is not None:
            return self.find(name)
        others = [entry for entry in self.list() if entry.kind is kind]
        known = "; ".join(f"{entry.name} is made for {entry.encoder}" for entry in others)
        raise ArtefactNotFound(
            f"no {kind} model is in use for the encoder {encoder} ({known or 'there is none'}): "
            "train one (`rakkan train`) and promote it (`rakkan models promote`)"
        )

    def anchor(self, kind: Kind, encoder: str) -> Path:
        """The folder of the fixed model with which every later one is compared.

        It is the one that was in use before the first promotion, or that the operator names.

        Raises:
            ArtefactNotFound: It is gone, or there never was one; says what there is.
            BrokenArtefact: What is remembered cannot be read.
        """
        name = self._anchors.name(kind, encoder)
        if name is None:
            of_it = (p.name for p in self._promotions() if (p.kind, p.encoder) == (kind, encoder))
            name = next(of_it, None)
        return self.in_use(kind, encoder) if name is None else self.find(name)

    def set_anchor(self, name: str) -> Entry:
        """Compare every later model with this one.

        Raises:
            ArtefactNotFound: There is none of that name.
        """
        entry = self.entry(name)
        self._anchors.set(Choice(kind=entry.kind, encoder=entry.encoder, name=entry.name))
        return entry

    def shadow(self, kind: Kind, encoder: str) -> Path | None:
        """The folder of the model that judges live uploads beside the one in use; None for none.

        Raises:
            ArtefactNotFound: It is gone.
            BrokenArtefact: What is remembered cannot be read.
        """
        name = self._shadows.name(kind, encoder)
        return None if name is None else self.find(name)

    def begin_shadow(self, artefact: str | Path, checks: Mapping[Kind, Check]) -> Entry:
        """Have an artefact judge live uploads beside the one in use.

        Args:
            artefact: As for `promote`; so the following, and what is raised.
            checks: By kind.
        """
        found = self._checked(artefact, checks)
        entry = self._entry(found)
        self._shadows.set(Choice(kind=entry.kind, encoder=entry.encoder, name=entry.name))
        return entry

    def end_shadow(self) -> tuple[str, ...]:
        """Have nothing judge beside what is in use; says which models did."""
        return tuple(one.name for one in self._shadows.clear())

    def digest(self) -> str:
        """Names what the user has put into use, or beside it: hex digits that change with it.

        Raises:
            BrokenArtefact: What is remembered cannot be read.
        """
        sha256 = hashlib.sha256()
        for promotion in self._promotions():
            sha256.update(promotion.model_dump_json().encode())
            manifest = self.user / promotion.name / MANIFEST
            if manifest.is_file():
                sha256.update(manifest.read_bytes())
        for shadow in self._shadows.all():
            sha256.update(shadow.model_dump_json().encode())
        return sha256.hexdigest()

    def promote(
        self, artefact: str | Path, checks: Mapping[Kind, Check], gate: str | None = None
    ) -> Entry:
        """Put an artefact into use for its encoder.

        Args:
            artefact: Name of one in the registry, or a folder that `rakkan train` wrote, which is
                copied into the user's folder.
            checks: By kind, that an artefact gives its golden values; kinds that are not among
                them cannot be promoted.
            gate: Digest of the gate's report that lets it; None without one.

        Raises:
            ArtefactNotFound: No such name, or the folder is no artefact.
            BrokenArtefact: It cannot be read, or does not give its golden values.
            ArtefactError: Another artefact has the same name, or its kind is not for promotion.
        """
        found = self._checked(artefact, checks)
        kind = found.manifest.kind
        encoder = found.manifest.encoder
        before = self._name_in_use(kind, encoder)
        if before != found.name:
            if not any((p.kind, p.encoder) == (kind, encoder) for p in self._promotions()):
                self._keep_anchor(Choice(kind=kind, encoder=encoder, name=before or found.name))
            new = Promotion(kind=kind, encoder=encoder, name=found.name, gate=gate)
            self._write((*self._promotions(), new))
        return self._entry(found)

    def rollback(self, kind: Kind | None = None, encoder: str | None = None) -> Promotion:
        """Undo the last promotion.

        Args:
            kind: The last one of this kind; None for any.
            encoder: The last one for this encoder; None for any.

        Returns:
            What was undone.

        Raises:
            NothingToRollBack: Nothing of that kind was promoted for that encoder.
        """
        promotions = self._promotions()
        for i in reversed(range(len(promotions))):
            last = promotions[i]
            if kind in (None, last.kind) and encoder in (None, last.encoder):
                self._write((*promotions[:i], *promotions[i + 1 :]))
                return last
        of = "" if kind is None else f" of a {kind} model"
        for_ = "" if encoder is None else f" for the encoder {encoder}"
        raise NothingToRollBack(f"no promotion{of}{for_} is left to undo")

    def _checked(self, artefact: str | Path, checks: Mapping[Kind, Check]) -> Artefact[AnyManifest]:
        """An artefact that gives its golden values, in the registry; see `promote`."""
        folder = artefact if isinstance(artefact, Path) else self.find(artefact)
        found = open_any(folder)
        kind = found.manifest.kind
        if kind not in checks:
            raise ArtefactError(f"{found.name} is an {kind}: it is used without being promoted")
        checks[kind](folder)
        return self._adopt(found) if isinstance(artefact, Path) else found

    @property
    def _anchors(self) -> Chosen:
        return Chosen(self.user / ANCHORS)

    @property
    def _shadows(self) -> Chosen:
        return Chosen(self.user / SHADOWS)

    def _keep_anchor(self, first: Choice) -> None:
        """Remember the first anchor; one that is remembered already stays."""
        if self._anchors.name(first.kind, first.encoder) is None:
            self._anchors.set(first)

    def _folders(self) -> Iterator[Path]:
        """The folders of all artefacts; one that is being copied is hidden."""
        for place in (self.shipped, self.user):
            for folder in place.iterdir() if place.is_dir() else ():
                if not folder.name.startswith(".") and (folder / MANIFEST).is_file():
                    yield folder

    def _entry(self, found: Artefact[AnyManifest]) -> Entry:
        manifest = found.manifest
        in_use = self._name_in_use(manifest.kind, manifest.encoder) == found.name
        return Entry(found, found.folder.parent == self.shipped, in_use)

    def _name_in_use(self, kind: Kind, encoder: str) -> str | None:
        for promotion in reversed(self._promotions()):
            if (promotion.kind, promotion.encoder) == (kind, encoder):
                return promotion.name
        path = self.shipped / DEFAULTS
        if not path.is_file():
            return None
        defaults: dict[str, dict[str, str]] = json.loads(path.read_text("utf-8"))
        return defaults.get(kind, {}).get(encoder)

    def _promotions(self) -> tuple[Promotion, ...]:
        path = self.user / PROMOTIONS
        try:
            return _Promotions.model_validate_json(path.read_bytes()).promotions
        except FileNotFoundError:
            return ()
        except (OSError, ValidationError) as error:
            raise BrokenArtefact(
                f"{path} cannot be read: mend or delete it (the shipped defaults hold then)"
            ) from error

    def _write(self, promotions: tuple[Promotion, ...]) -> None:
        self.user.mkdir(parents=True, exist_ok=True)
        # Without what is not known, so that an older version reads it too.
        document = _Promotions(promotions=promotions)
        text = document.model_dump_json(indent=2, exclude_none=True) + "\n"
        write_whole(self.user / PROMOTIONS, text.encode())

    def _adopt(self, found: Artefact[AnyManifest]) -> Artefact[AnyManifest]:
        """Copy an artefact into the user's folder; nothing to do if it lies there already."""
        target = self.user / found.name
        for place in (self.shipped / found.name, target):
            if place.is_dir():
                known = open_any(place)
                if known.sha256 != found.sha256:
                    raise ArtefactError(
                        f"another model is named {found.name} already: rename this one"
                    )
                return known
        with published(target) as draft:
            for name in (*found.manifest.files, MANIFEST):
                shutil.copyfile(found.folder / name, draft / name)
        return open_any(target)


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """What names are sorted by, so that `v10` comes after `v9`."""
    parts = re.findall("[0-9]+|[^0-9]+", name)
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)
