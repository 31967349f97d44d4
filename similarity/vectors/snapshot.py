"""Snapshots: the vectors and hashes of all works at one moment, in a folder that never changes.

The folder's name is a digest of the identity and the content. Of each space it holds
`SPACE.ids.npy` (int64 [N], rising), `SPACE.rows.npy` (float16 [N, D], or uint8 [N, B] for hashes;
memory-mapped) and, for many vectors, `SPACE.faiss`; `manifest.json` says how they are searched and
has the digests of all files.

Sizes and digests are checked when a snapshot is opened: they find damage, and nothing damaged
reaches the parser of FAISS. The digests of the rows are checked on demand only, or every command
would first read the whole index from the disk; a damaged row can do no more than score wrong.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from similarity.description import HASH_BYTES
from similarity.errors import BrokenIndex, IndexDiffers
from similarity.gallery.gallery import Identity
from similarity.vectors.base import VectorIndex
from similarity.vectors.fast import FaissIndex, Plan
from similarity.vectors.folders import drafting, publish
from similarity.vectors.hamming import FaissHammingIndex

MANIFEST = "manifest.json"
SCHEMA = 1

Batches = NDArray[Any] | Iterable[NDArray[Any]]
"""Rows at once, or in batches: float16 or float32 [n, D], unit norm, or uint8 [n, B]."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class File(_Record):
    """A file of the snapshot.

    Attributes:
        size: In bytes.
        sha256: Hex digest.
    """

    size: int
    sha256: str


class Space(_Record):
    """One kind of rows.

    Attributes:
        count: How many.
        plan: How they are searched; None for hashes.
    """

    count: int
    plan: Plan | None


class Manifest(_Record):
    """The manifest of a snapshot.

    Attributes:
        schema_version: Of this document and of the files.
        identity: What the rows were made with.
        spaces: By name.
        files: By name.
    """

    schema_version: Literal[1] = 1
    identity: Identity
    spaces: dict[Annotated[str, Field(pattern="^(style|copy|hash)$")], Space]
    files: dict[str, File]


@dataclass(frozen=True)
class Snapshot:
    """A snapshot as opened. Its files may be deleted while it is in use.

    Attributes:
        name: Digest of identity and content.
        path: Its folder.
        manifest: What it says of itself.
        indices: By space.
    """

    name: str
    path: Path
    manifest: Manifest
    indices: Mapping[str, VectorIndex]


def write_snapshot(
    parent: Path,
    identity: Identity,
    spaces: Mapping[str, tuple[NDArray[np.int64], Batches]],
) -> Path:
    """Write a snapshot, whole or not at all; nothing is done if it is there already.

    Args:
        parent: Folder of the snapshots; made if need be.
        identity: What the rows were made with.
        spaces: `style`, `copy` or `hash` -> ids (int64 [N], rising, 0 or above) and rows.

    Returns:
        Its folder in `parent`.

    Raises:
        IndexBusy: Another process is writing there.
        ValueError: A space, its ids or its rows are not as they should be.
    """
    with drafting(parent) as draft:
        for space, (ids, rows) in spaces.items():
            _write_ids(draft / f"{space}.ids.npy", ids)
            _write_rows(draft / f"{space}.rows.npy", len(ids), *_layout(space, identity), rows)
        content = _files(draft)
        name = _name(identity, content)
        with suppress(BrokenIndex, IndexDiffers):  # As a rule, because it is not there.
            return open_snapshot(parent / name, identity, verify=True).path
        facts = {
            space: Space(count=len(ids), plan=_build(draft, space, identity, len(ids)))
            for space, (ids, _) in spaces.items()
        }
        files = content | _files(draft, "*.faiss")
        manifest = Manifest(identity=identity, spaces=facts, files=files)
        (draft / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n")
        return publish(draft, name)


def open_snapshot(path: Path, identity: Identity, *, verify: bool = False) -> Snapshot:
    """Open a snapshot.

    Args:
        path: Its folder.
        identity: What the queries are made with.
        verify: Also check the digests of the rows, which reads all of them.

    Raises:
        BrokenIndex: A file is missing, damaged, or of another version.
        IndexDiffers: It was made with another encoder or other heads.
    """
    try:
        manifest = Manifest.model_validate_json((path / MANIFEST).read_bytes())
    except (OSError, ValidationError) as error:
        raise BrokenIndex(f"the snapshot {path.name} has no valid manifest") from error
    if manifest.identity != identity:
        raise IndexDiffers(
            f"the index was made with the encoder {manifest.identity.encoder} and the heads "
            f"{manifest.identity.heads}, not with {identity.encoder} and {identity.heads}: "
            "enrol the works anew"
        )
    if _name(identity, manifest.files) != path.name or set(manifest.files) != _expected(manifest):
        raise BrokenIndex(f"the content of the snapshot {path.name} is not what its name says")
    for name, file in manifest.files.items():
        _check(path / name, file, digest=verify or not name.endswith(".rows.npy"))
    indices = {space: _open(path, space, manifest) for space in manifest.spaces}
    return Snapshot(path.name, path, manifest, indices)


def _layout(space: str, identity: Identity) -> tuple[type[np.generic], int]:
    """Type and width of the rows of a space."""
    match space:
        case "style":
            return np.float16, identity.style
        case "copy":
            return np.float16, identity.copy
        case "hash":
            return np.uint8, HASH_BYTES
    raise ValueError(f"there is no space {space}")


def _write_ids(path: Path, ids: NDArray[np.int64]) -> None:
    if ids.dtype != np.int64 or ids.ndim != 1 or (ids[:1] < 0).any() or (np.diff(ids) <= 0).any():
        raise ValueError("the ids are not int64, rising, and 0 or above")
    with path.open("wb") as file:
        file.write(_header(np.int64, ids.shape))
        file.write(np.ascontiguousarray(ids).data)


def _write_rows(path: Path, count: int, kind: type[np.generic], width: int, rows: Batches) -> None:
    """Write rows as they come, so that they need not be in memory at once."""
    written = 0
    with path.open("wb") as file:
        file.write(_header(kind, (count, width)))
        for batch in (rows,) if isinstance(rows, np.ndarray) else rows:
            same = batch.dtype.kind == np.dtype(kind).kind
            if not same or batch.ndim != 2 or batch.shape[1] != width:
                raise ValueError(f"wanted rows of {width} values, not {batch.dtype} {batch.shape}")
            if not np.isfinite(batch).all():
                raise ValueError("a row is not finite")
            file.write(np.ascontiguousarray(batch, kind).data)
            written += len(batch)
    if written != count:
        raise ValueError(f"{count} ids for {written} rows")


def _header(kind: type[np.generic], shape: tuple[int, ...]) -> bytes:
    """The first bytes of an `.npy` file."""
    out = BytesIO()
    facts = {"descr": np.dtype(kind).str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(out, facts)
    return out.getvalue()


def _build(draft: Path, space: str, identity: Identity, count: int) -> Plan | None:
    """Build and write the index of a space; returns how it is to be searched."""
    kind, width = _layout(space, identity)
    rows = _map(draft / f"{space}.rows.npy", kind, (count, width))
    if rows.dtype == np.uint8:
        return None
    index = FaissIndex.build(np.arange(count), rows)
    if index.plan.kind == "ivf":
        index.write(draft / f"{space}.faiss")
    return index.plan


def _open(path: Path, space: str, manifest: Manifest) -> VectorIndex:
    count, plan = manifest.spaces[space].count, manifest.spaces[space].plan
    kind, width = _layout(space, manifest.identity)
    if (plan is None) != (kind is np.uint8):
        raise BrokenIndex(f"the snapshot {path.name} does not say how to search {space}")
    ids = _map(path / f"{space}.ids.npy", np.int64, (count,))
    rows = _map(path / f"{space}.rows.npy", kind, (count, width))
    if plan is None:
        return FaissHammingIndex(ids, rows)
    return FaissIndex.open(ids, rows, plan, path / f"{space}.faiss")


def _map(path: Path, kind: type[np.generic], shape: tuple[int, ...]) -> NDArray[Any]:
    """Map an `.npy` file that we wrote into memory.

    What NumPy's reader of headers raises on damaged ones is anybody's guess; here it is known what
    the header must be.
    """
    header = _header(kind, shape)
    with path.open("rb") as file:
        if file.read(len(header)) != header:
            raise BrokenIndex(f"{path.name} of the snapshot {path.parent.name} is damaged")
    if not shape[0]:  # An empty file cannot be mapped.
        return np.empty(shape, kind)
    return np.memmap(path, kind, "r", len(header), shape)


def _expected(manifest: Manifest) -> set[str]:
    """Names of the files that there must be."""
    names = set()
    for space, facts in manifest.spaces.items():
        names |= {f"{space}.ids.npy", f"{space}.rows.npy"}
        if facts.plan is not None and facts.plan.kind == "ivf":
            names.add(f"{space}.faiss")
    return names


def _check(path: Path, file: File, *, digest: bool) -> None:
    where = f"{path.name} of the snapshot {path.parent.name}"
    try:
        if path.stat().st_size != file.size:
            raise BrokenIndex(f"{where} is not whole")
        if digest and _sha256(path) != file.sha256:
            raise BrokenIndex(f"{where} is damaged")
    except OSError as error:
        raise BrokenIndex(f"{where} cannot be read") from error


def _files(folder: Path, pattern: str = "*") -> dict[str, File]:
    return {
        path.name: File(size=path.stat().st_size, sha256=_sha256(path))
        for path in sorted(folder.glob(pattern))
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _name(identity: Identity, files: Mapping[str, File]) -> str:
    """Digest over schema, identity and content, the same wherever and whenever it is written."""
    content = {name: file.sha256 for name, file in files.items() if name.endswith(".npy")}
    facts = {"schema": SCHEMA, "identity": asdict(identity), "content": content}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
