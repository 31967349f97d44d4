"""Where policies lie: those that ship, and before them those of a user's folder."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from labelling.errors import BadPolicy, UnknownPolicy
from labelling.policy.inheritance import resolve, together, with_parents
from labelling.policy.loading import MAX_BYTES, load_policy
from labelling.policy.problems import LoadedPolicy, quoted
from labelling.policy.resolved import ResolvedPolicy

SUFFIX = ".yaml"

_load = lru_cache(maxsize=64)(load_policy)
"""Files are read whenever a policy is asked for; only one that has changed is parsed again."""


class PolicyLibrary(Mapping[str, LoadedPolicy]):
    """Policies by their names, each read when it is first asked for.

    A policy lies in a file of its name. One of the folder stands in the place of one that ships.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Look what there is.

        Args:
            folder: With policies of the user's own; None for none.

        Raises:
            UnknownPolicy: The folder is none.
        """
        if folder is not None and not folder.is_dir():
            raise UnknownPolicy(f"There is no folder {quoted(folder)} with policies.")
        self._files = _policies(files("labelling") / "policies")
        if folder is not None:
            self._files |= _policies(folder)
        self._read: dict[str, LoadedPolicy] = {}

    def __getitem__(self, name: str) -> LoadedPolicy:
        """A policy, read; see `read_policy` for its errors."""
        if name not in self._read:
            self._read[name] = read_policy(self._files[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._files))

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def document(self, name: str) -> str:
        """The text of a policy's file.

        Raises:
            KeyError: There is none of this name.
        """
        return self._files[name].read_text("utf-8")


def _policies(folder: Traversable) -> dict[str, Traversable]:
    return {
        one.name.removesuffix(SUFFIX): one
        for one in folder.iterdir()
        if one.name.endswith(SUFFIX) and one.is_file()
    }


def read_policy(file: Traversable) -> LoadedPolicy:
    """Read a policy out of its file, which has its name.

    Raises:
        BadPolicy: It is no policy, or has another name than its file.
        OSError: It cannot be read.
    """
    with file.open("rb") as stream:
        loaded = _load(stream.read(MAX_BYTES + 1), str(file))
    name = loaded.policy.name
    if file.name != name + SUFFIX:
        sentence = f"A policy lies in a file of its name: call the file {quoted(name + SUFFIX)}."
        raise BadPolicy((loaded.places.problem(("name",), sentence),))
    return loaded


def open_policy(name: str, folder: Path | None = None) -> ResolvedPolicy:
    """A policy with all that it inherits, out of those that ship and those of a folder.

    Args:
        name: Of the policy.
        folder: With policies of the user's own, which stand before those that ship.

    Raises:
        UnknownPolicy: None has this name.
        BadPolicy: It, or one that it inherits, cannot be used.
    """
    return resolve(name, PolicyLibrary(folder))


def open_policy_file(file: Path, folder: Path | None = None) -> ResolvedPolicy:
    """The policy of a file, wherever it lies, with all that it inherits.

    Args:
        file: The document.
        folder: As in `open_policy`: where policies lie that it may inherit.

    Raises:
        BadPolicy: It, or one that it inherits, cannot be used.
        OSError: It cannot be read.
    """
    return together(with_parents(read_policy(file), PolicyLibrary(folder)))
