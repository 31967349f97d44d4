"""Fit what a proof of a copy weighs.

    python -m training.similarity.proof_fit MANIFEST --model FOLDER --out FOLDER
        --features FOLDER --cache FOLDER

makes a similarity model of another, with the same heads and with the weights that it finds.

Edited copies of works are proven against the works themselves, and against those that look most
like them; pairs of works that share only a frame, a logo or a caption are added.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from core.errors import RakkanError
from core.files import published, write_whole
from imaging import Pixels, decode, sketch
from imaging.perturbations.copy_edits import Inset, Lettering, Line
from imaging.perturbations.web import Chain, Jpeg, Perturbation
from models import Encoder, Precision, load_encoder
from models.artefact.artefact import CARD, GOLDEN
from models.artefact.golden import dump_golden, load_golden
from models.artefact.manifest import CopyThresholds, ProofWeights, code_version, now
from models.artefact.writing import check_new, seal
from models.encoder.spec import SPEC
from similarity.artefact import SimilarityArtefact
from similarity.copies.keypoints import LocalFeatures, extract, pack, unpack
from similarity.copies.verification import NOTHING, prove, terms
from similarity.golden import SimilarityGolden, with_proof
from training.data.augmentation import Treatment
from training.data.copy_edits import EDITS, Edit, Materials, draw_edit
from training.data.features import compute_features
from training.data.manifest import Row, read_training_rows
from training.data.splits import assign_folds
from training.similarity.copy_figures import Truth
from training.similarity.copy_sample import Query, Truths, backgrounds, take_sample

RIVALS = 10
"""Other works that every copy is compared with: the nearest by the cosine of the last layer."""

STRETCHED = "stretched"
"""A copy pasted over a quarter of another picture, in that picture's shape."""

SHARED = ("shared frame", "shared logo", "shared caption")
"""What the pairs of works share that are no copies of each other."""


@dataclass(frozen=True)
class Pair:
    """An upload and a work, and what the proof found.

    Attributes:
        work: Name of the work that the upload is made from.
        kind: Its edit, or what the two share.
        right: Whether the upload is a copy of the work that it is compared with.
        terms: float64 [T], see `similarity.copies.verification.terms`; 0 where no transform was
            plausible.
    """

    work: str
    kind: str
    right: bool
    terms: NDArray[np.float64]


@dataclass(frozen=True)
class Weighing:
    """A logistic regression over the terms.

    Attributes:
        bias: Log odds of a copy where nothing was found.
        weights: float64 [T].
    """

    bias: float
    weights: NDArray[np.float64]

    def __call__(self, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        """Score pairs: float64 [N], 0 to 1."""
        logits = np.stack([pair.terms for pair in pairs]) @ self.weights + self.bias
        return np.asarray(1 / (1 + np.exp(-logits)), np.float64)


def collect(
    rows: Sequence[Row],
    copies: CopyThresholds,
    encoder: Encoder,
    cache: Path,
    *,
    works: int = 60,
) -> tuple[Pair, ...]:
    """Make pairs.

    Works by the same creator, and such as show the same, are compared with none: nobody can say
    whether they are copies.

    Args:
        rows: Of the split that is learnt from.
        copies: Of a model; what is found does not depend on its weights.
        encoder: Whose embeddings choose the rivals.
        cache: Folder of the feature cache.
        works: How many works are copied.

    Raises:
        TrainingError: There are no human works, or none can be read.
    """
    sample = take_sample(rows, copied=works, innocent=works)
    table = compute_features(sample.enrolled, encoder, cache)
    truths = Truths(table, sample.enrolled)
    place = {row.name: i for i, row in enumerate(table.rows)}
    copied = [row for row in sample.copied if row.name in place]
    materials = Materials(backgrounds(sample.innocent), [lambda pixels: pixels])
    kept: dict[str, LocalFeatures] = {}

    def proven(kind: str, row: Row, upload: LocalFeatures, work: Row) -> Pair:
        if work.name not in kept:
            drawn = sketch(decode(work.path.read_bytes()))
            kept[work.name] = unpack(pack(extract(drawn)))
        return _pair(kind, row, upload, kept[work.name], copies, right=row == work)

    pairs = []
    for row in copied:
        likeness = table.features.embedding @ table.features.embedding[place[row.name]]
        nearest = [table.rows[i] for i in np.argsort(-likeness, kind="stable")]
        query = Query(row, Edit.CROP)
        rivals = [other for other in nearest if truths.of(query, other.name) is Truth.WRONG]
        for kind, draw in _copies(materials).items():
            upload = _local(row, Treatment(kind, draw))
            pairs += [proven(kind, row, upload, other) for other in (row, *rivals[:RIVALS])]
    pairs += _sharing(copied, truths, materials, copies)
    return tuple(pairs)


def fit_weights(pairs: Sequence[Pair]) -> Weighing:
    """Fit the weights."""
    model = LogisticRegression(C=100, max_iter=2000)
    model.fit(np.stack([pair.terms for pair in pairs]), [pair.right for pair in pairs])
    return Weighing(float(model.intercept_[0]), np.asarray(model.coef_[0], np.float64))


def cross_fit_weights(pairs: Sequence[Pair], folds: int = 4) -> NDArray[np.float64]:
    """Score every pair by weights that were fitted to other works: float64 [N]."""
    works = [pair.work for pair in pairs]
    folds = min(folds, len(set(works)))
    fold = assign_folds(works, [pair.kind for pair in pairs], folds, 0)
    scores = np.zeros(len(pairs))
    for held in range(folds):
        weighing = fit_weights([pair for pair, k in zip(pairs, fold, strict=True) if k != held])
        mine = np.flatnonzero(fold == held)
        if len(mine):
            scores[mine] = weighing([pairs[int(i)] for i in mine])
    return scores


def _copies(
    materials: Materials,
) -> dict[str, Callable[[np.random.Generator], Perturbation]]:
    """Every edit but the redrawing, which needs autoencoders, and the stretched paste."""

    def draw(edit: Edit) -> Callable[[np.random.Generator], Perturbation]:
        return lambda rng: draw_edit(edit, rng, materials)

    def paste(rng: np.random.Generator) -> Perturbation:
        x, y = (float(part) for part in rng.random(2))
        return Chain((Inset(materials.backgrounds(rng), 0.25, (x, y), elongated=False), Jpeg(85)))

    copies = {str(edit): draw(edit) for edit in EDITS if edit is not Edit.REDRAW}
    return copies | {STRETCHED: paste}


def _sharing(
    rows: Sequence[Row], truths: Truths, materials: Materials, copies: CopyThresholds
) -> Iterator[Pair]:
    """Works side by side that share a frame, a logo or a caption."""
    for number, (row, other) in enumerate(zip(rows, (*rows[1:], *rows[:1]), strict=True)):
        if truths.of(Query(row, Edit.CROP), other.name) is not Truth.WRONG:
            continue
        for kind in SHARED:
            rng = np.random.default_rng([number, SHARED.index(kind)])
            added = _shared(kind, materials.backgrounds(rng), rng)
            upload, work = (_local(one, _always(kind, added)) for one in (row, other))
            yield _pair(kind, row, upload, unpack(pack(work)), copies, right=False)


def _always(name: str, perturbation: Perturbation) -> Treatment:
    return Treatment(name, lambda _: perturbation)


def _shared(kind: str, picture: Pixels, rng: np.random.Generator) -> Perturbation:
    x, y = (float(part) for part in rng.random(2))
    if kind == "shared frame":
        return Inset(picture, 0.7, (0.5, 0.5), elongated=False)
    if kind == "shared logo":
        area = float(rng.uniform(0.03, 0.08))
        return lambda pixels: Inset(pixels, area, (x, y))(picture)
    top = 0.1 + 0.6 * y
    lines = ("Every Friday a new picture", "by your friends of the studio")
    return Lettering(tuple(Line(text, (0.5, top + 0.1 * n), 0.08) for n, text in enumerate(lines)))


def _local(row: Row, treatment: Treatment) -> LocalFeatures:
    return extract(sketch(treatment.view(row.path.read_bytes(), SPEC.size)[1]))


def _pair(
    kind: str,
    row: Row,
    upload: LocalFeatures,
    work: LocalFeatures,
    copies: CopyThresholds,
    *,
    right: bool,
) -> Pair:
    proof = prove(upload, work, copies)
    found = NOTHING if proof is None else proof.signals
    return Pair(row.name, kind, right, np.array(list(terms(found).values())))


def report(
    pairs: Sequence[Pair], copies: CopyThresholds, write: Callable[[str], None]
) -> ProofWeights:
    """Fit the weights and write them, with figures of works that they were not fitted to."""
    levels = proven, review = copies.proven, copies.review
    weighing = fit_weights(pairs)
    weights = dict(zip(terms(NOTHING), weighing.weights.tolist(), strict=True))
    write(f"bias {weighing.bias:.2f}")
    for name, weight in weights.items():
        write(f"{name!r}: {weight:.2f}")
    scores = cross_fit_weights(pairs)
    right = np.array([pair.right for pair in pairs])
    kinds = np.array([pair.kind for pair in pairs])
    write(f"{'':14} copies  >= {proven}  >= {review}   others  >= {proven}  >= {review}")
    for kind in (*dict.fromkeys(kinds.tolist()), "all"):
        mine = (kinds == kind) | (kind == "all")
        copied, others = scores[mine & right], scores[mine & ~right]
        found = [f"{np.mean(copied >= at):7.1%}" if len(copied) else " " * 7 for at in levels]
        accused = [f"{np.sum(others >= at):7}" for at in levels]
        write(f"{kind:14} {len(copied):6} {' '.join(found)} {len(others):8} {' '.join(accused)}")
    return ProofWeights(bias=weighing.bias, weights=weights)


def with_weights(
    artefact: SimilarityArtefact, weights: ProofWeights, out: Path, name: str | None = None
) -> SimilarityArtefact:
    """Make a similarity model with the same heads, which weighs otherwise what proves a copy.

    Args:
        artefact: Whose heads it shall have.
        weights: Of its proof.
        out: Folder of the new model; absent or empty.
        name: Of the new model; the folder's name by default.

    Raises:
        ArtefactError: `out` is taken, or the name is none.
    """
    name = check_new(out, name)
    old = artefact.manifest
    copies = old.copies.model_copy(update={"proof": weights})
    manifest = old.model_copy(
        update={"name": name, "created": now(), "made_by": code_version(), "copies": copies}
    )
    golden = with_proof(load_golden(artefact, SimilarityGolden), copies)
    card = artefact.path(CARD).read_text("utf-8")
    note = f"Made from {old.name}, with other weights of the proof of copies."
    with published(out) as folder:
        for file in old.files:
            shutil.copyfile(artefact.path(file), folder / file)
        write_whole(folder / GOLDEN, dump_golden(golden))
        write_whole(folder / CARD, f"{note}\n\n{card}".encode())
        seal(folder, manifest)
    return SimilarityArtefact.load(out)


def main(
    manifest: Annotated[Path, typer.Argument(help="CSV or Parquet; its split `train` is used.")],
    model: Annotated[Path, typer.Option("--model", help="Folder of the similarity model.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the new model.")],
    features: Annotated[Path, typer.Option("--features", help="Folder of the feature cache.")],
    cache: Annotated[Path, typer.Option("--cache", help="Folder of the fetched encoder.")],
    works: Annotated[int, typer.Option("--works", help="How many works are copied.")] = 60,
) -> None:
    """Fit the weights, say how well they do, and write a similarity model that has them."""
    try:
        check_new(out)
        artefact = SimilarityArtefact.load(model)
        copies = artefact.manifest.copies
        encoder = load_encoder(cache, precision=Precision.INT8)
        rows = read_training_rows(manifest)
        pairs = collect(rows, copies, encoder, features, works=works)
        made = with_weights(artefact, report(pairs, copies, typer.echo), out)
    except RakkanError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{made.name} is in {out}.")


if __name__ == "__main__":
    typer.run(main)
