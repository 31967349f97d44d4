"""The model card of a similarity artefact."""

from collections.abc import Mapping
from pathlib import Path

from models.artefact.artefact import CARD
from models.artefact.manifest import SimilarityManifest
from training.evaluation.intervals import Estimate
from training.similarity.style_figures import StyleFigures
from training.similarity.style_fit import StyleRecipe
from training.similarity.trials import HeldOut

_NAMES = {
    "recall_at_1": "the right creator is first",
    "recall_at_5": "the right creator is among the first five",
    "open_set_auroc": "AUROC, enrolled against not enrolled creators",
    "named_at_1_percent": "rightly named, where 1 % of others are wrongly named",
    "named_at_0.1_percent": "rightly named, where 0.1 % of others are wrongly named",
    "accused_at_stated_5_percent": "others named at a stated rate of 5 % (`review`)",
    "accused_at_stated_1_percent": "others named at a stated rate of 1 % (`close`)",
    "accused_at_stated_0.1_percent": "others named at a stated rate of 0.1 %",
    "named_at_stated_5_percent": "rightly named at a stated rate of 5 %",
    "named_at_stated_1_percent": "rightly named at a stated rate of 1 %",
}


def write_card(
    folder: Path,
    manifest: SimilarityManifest,
    figures: Mapping[HeldOut, StyleFigures],
    recipe: StyleRecipe,
) -> None:
    """Write `README.md` into the folder of the artefact."""
    members = ", ".join(f"{name} ({weight:g})" for name, weight in recipe.members.items())
    lines = [
        f"# {manifest.name}",
        "",
        "Describes pictures for the search of enrolled works: a style vector (how it is drawn), a"
        " copy vector (what it shows), and a cohort of other people's works by which likeness to a"
        " creator is judged.",
        "",
        f"- Encoder: `{manifest.encoder}`",
        f"- Made {manifest.created} from {manifest.data.images:,} images; styles from the works of"
        f" {manifest.data.creators:,} named creators.",
        f"- Style: {members}, each standardised, whitened by the covariance within creators over"
        f" five views of every work (shrinkage {recipe.shrinkage:g}), unit norm, weighed, and"
        f" brought to {recipe.length} components. Pictures by AIs after one named artist count as"
        " one creator's: what tells two generators apart is not style.",
        "- Copies: whitened mean of the patch tokens, of the whole for a work, and of the whole"
        " and of nine parts that stand out for an upload.",
        "- Proof of copies: where vectors and perceptual hashes propose a work, its pixels are laid"
        f" over the upload; a score (0 to 1) from {manifest.copies.proven:g} is proof, from"
        f" {manifest.copies.review:g} for a person to look. Weights and scores stand in"
        " `manifest.json`; `python -m training.similarity.proof_fit` fits others.",
        f"- Licence: {manifest.licence}. Licences of the images: "
        + ", ".join(f"{name} ({count:,})" for name, count in manifest.data.licences.items())
        + ".",
        "",
        *(line for held_out, found in figures.items() for line in _figures(held_out, found)),
        "A p-value is the larger of two shares: of works of a cohort of strangers, and of enrolled"
        " works against other enrolled creators, that come as near. The head has seen the cohort,"
        " and other ground differs from it: p-values are multiplied by"
        f" {manifest.cohort_correction:g}, with which strangers are named no oftener than stated at"
        " 1 %, on average, with a confidence of 95 % (resampling sources), on the worse ground of"
        " those above, whose figure at 1 % is so by construction. The figures at stated rates are"
        " those after it.",
        "",
        "## Whose works the cohort holds",
        "",
        "The cohort is the style vectors of all human works among these images and of at most 1,000"
        " of the pictures by AIs, with a number in place of each maker's name. A style vector is no"
        " picture, and nobody is ever named by it: the cohort only says how near other people's"
        " works come. Its people have not enrolled; whether their works may be used so, the"
        " licences above say. An operator may ask for a cohort of cleared works, and can make one"
        " by training on works of the operator's choice.",
        "",
        "## What it cannot do",
        "",
        "- A style is a judgement about a body of work: with fewer than three works, or where a"
        " creator's works do not stand out from other people's, nobody is called `close`.",
        "- Genres that the cohort hardly has, such as renders, may be accused more often than"
        " the stated rate says.",
        "- The cohort is of one collection of works. A platform that knows its own uploads should"
        " train on them: `rakkan train MANIFEST --out OUT --similarity`.",
        "",
    ]
    (folder / CARD).write_text("\n".join(lines), "utf-8")


def _figures(held_out: HeldOut, figures: StyleFigures) -> list[str]:
    return [
        f"## Figures on {held_out} that no head had seen",
        "",
        f"{figures.trials} trials with {figures.enrolled:.0f} creators enrolled on average; 95 %"
        " intervals from resampling creators. The baseline is the mean cosine of the three nearest"
        " works in the last layer, in the same trials. Recipes were compared on these, so the"
        " figures are a little optimistic.",
        "",
        "| | this model | last-layer cosine |",
        "|---|---|---|",
        *(
            f"| {words} | {_cell(figures.head.get(name))} | {_cell(figures.baseline.get(name))} |"
            for name, words in _NAMES.items()
        ),
        "",
    ]


def _cell(one: Estimate | None) -> str:
    return "" if one is None else f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"
