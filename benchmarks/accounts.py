"""How many uploads until an imitator's account is named, and how often a stranger's is.

    python -m benchmarks.accounts --data FOLDER [--seeds 1] [--out FILE] [--calibrate FILE]
    python -m benchmarks.accounts --data FOLDER --by-ai [--enrolled 20] [--seeds 1] [--out FILE]

Creators whom no head has seen are enrolled, or have accounts as strangers, in turn
(`training.similarity.accounts`). Strangers are named by what was measured on other strangers than
they: half of them calibrate, the other half is asked, and the other way round. `--calibrate` writes
what all of them show, which ships as `labelling/account/imitation.json`. `--shipped SPLIT` asks the
shipped heads and the shipped file about the creators of another split instead.

`--by-ai` asks what pictures by AIs show by the share of *pictures by AIs* that come as near. The
strangers are then accounts of what one source has of one generator, asked for in no enrolled
creator's style; an interval is of sources. An imitator posts pictures like those few that were
asked for in an enrolled creator's style, drawn with replacement; an interval resamples these
creators. One work is each of these pictures by itself.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.command import Data, Out, run, write
from labelling.account.innocent import InnocentAccounts, document_of, shipped
from labelling.account.surprise import surprise
from models import Kind, Registry, load_encoder
from models.artefact.manifest import images_sha256
from serving.settings import Settings
from similarity.artefact import SimilarityArtefact
from training.data.augmentation import CLEAN
from training.data.features import FeatureTable, compute_features
from training.data.manifest import in_split, read_manifest, read_training_rows
from training.evaluation.intervals import Estimate, GroupBootstrap, clopper_pearson
from training.similarity.accounts import (
    SIZES,
    Account,
    Naming,
    deal_accounts,
    deal_by_ai,
    deal_unseen,
    innocent_accounts,
    naming,
    some_works,
)
from training.similarity.style_fit import RECIPE
from training.similarity.trials import TrainingSet

RATES = (0.05, 0.01, 0.005)

DRAWS = 1_000
"""Imitators that are made up of pictures in enrolled creators' styles."""

COMMAND = "python -m benchmarks.accounts --data FOLDER --seeds {seeds} --calibrate FILE"


def _set(table: FeatureTable) -> TrainingSet:
    return TrainingSet(table.rows, (table.features,))


def _strangers(
    accounts: Sequence[Account], measured: InnocentAccounts | None, size: int, rate: float
) -> Estimate:
    """The share of strangers that are named, by what other strangers show if nothing is given."""
    strangers = [one for one in accounts if one.imitates is None]
    people = sorted({one.person for one in strangers})
    halves = set(people[::2]), set(people[1::2])
    shares: dict[str, list[float]] = {}
    for asked, known in (halves, halves[::-1]):
        others = [one for one in strangers if one.person in known]
        innocent = measured or innocent_accounts(others, {})
        for one in strangers:
            if one.person in asked and len(one.p_values) >= size:
                found = naming(one, innocent, size, rate)
                shares.setdefault(one.person, []).append(found.anybody)
    share = float(np.mean([np.mean(each) for each in shares.values()]))
    # Of people, however many accounts stand for each; rounded up, as no person is a fraction.
    return Estimate(
        share, *clopper_pearson(int(np.ceil(share * len(shares))), len(shares)), len(shares)
    )


def _mean(accounts: Sequence[Account], namings: Sequence[Naming]) -> Estimate:
    drawn = GroupBootstrap([one.person for one in accounts])
    return drawn.mean([one.right for one in namings])


def _figures(
    accounts: Sequence[Account], measured: InnocentAccounts | None = None
) -> dict[str, dict[str, Estimate]]:
    innocent = measured or innocent_accounts(accounts, {})
    found: dict[str, dict[str, Estimate]] = {}
    largest = max(len(one.p_values) for one in accounts if one.imitates is None)
    for size in (size for size in SIZES if size <= largest):
        for rate in RATES:
            row = {"strangers": _strangers(accounts, measured, size, rate)}
            own = [one for one in accounts if one.imitates and len(one.p_values) >= size]
            for name, ai in (("own works", False), ("AI pictures", True)):
                mine = [one for one in own if (one.person != one.imitates) is ai]
                if mine:
                    row[name] = _mean(mine, [naming(one, innocent, size, rate) for one in mine])
            found[_title(size, rate)] = row
    return found


def _title(size: int, rate: float) -> str:
    return f"{size} works, {rate:.1%}"


def _single(accounts: Sequence[Account], rate: float) -> dict[str, Estimate]:
    """How often one picture by an AI is near to anybody, and an imitation to the right one."""
    near: dict[str, list[tuple[str, bool]]] = {"strangers": [], "AI pictures": []}
    for one in accounts:
        if one.imitates is None:
            near["strangers"] += [(one.person, each.min() <= rate) for each in one.p_values]
        else:
            right = one.p_values[:, one.creators.index(one.imitates)] <= rate
            near["AI pictures"] += [(one.imitates, each) for each in right.tolist()]
    return {
        column: GroupBootstrap([group for group, _ in found]).mean([each for _, each in found])
        for column, found in near.items()
        if found
    }


def _imitators(
    accounts: Sequence[Account], innocent: InnocentAccounts, size: int, rate: float
) -> Estimate:
    """How often so many pictures in enrolled creators' styles are named together.

    No creator has enough of them for an account: they are drawn from all of these, each with how
    near it comes to the creator in whose style it was asked for, as if that were one.
    """
    asked: dict[str, list[float]] = defaultdict(list)
    for one in accounts:
        if one.imitates is not None:
            asked[one.imitates] += one.p_values[:, one.creators.index(one.imitates)].tolist()
    rng = np.random.default_rng(size)

    def named(artists: Sequence[str], draws: int) -> float:
        pool = [p_value for artist in artists for p_value in asked[artist]]
        nats = (surprise(some, innocent.least) for some in rng.choice(pool, (draws, size)).tolist())
        return float(np.mean([innocent.share(size, one).p_value <= rate for one in nats]))

    artists = sorted(asked)
    again = [named(rng.choice(artists, len(artists)).tolist(), DRAWS // 5) for _ in range(DRAWS)]
    low, high = np.quantile(again, (0.025, 0.975))
    return Estimate(named(artists, DRAWS), float(low), float(high), len(artists))


def main(
    data: Data,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Rounds of deals.")] = 1,
    calibrate: Annotated[
        Path | None, typer.Option("--calibrate", dir_okay=False, help="Write what strangers show.")
    ] = None,
    by_ai: Annotated[
        bool, typer.Option("--by-ai", help="Of pictures by AIs, compared with pictures by AIs.")
    ] = False,
    enrolled: Annotated[
        int | None, typer.Option("--enrolled", min=1, help="With --by-ai: creators of a deal.")
    ] = None,
    split: Annotated[
        str | None, typer.Option("--shipped", help="Ask what ships about this split.")
    ] = None,
    out: Out = None,
) -> None:
    """Deal, judge, print and write."""
    settings = Settings.of()
    encoder = load_encoder(settings.encoder_cache)
    artefact = SimilarityArtefact.load(
        Registry(settings.models).in_use(Kind.SIMILARITY, encoder.id)
    )
    if split is not None:
        rows = some_works(in_split(read_manifest(data / "manifest.csv"), split))
        works = _set(compute_features(rows, encoder, settings.features, None, CLEAN))
        unseen = tuple(deal_unseen(works, artefact.heads, range(seeds)))
        _show(_figures(unseen, shipped()), f"{len(unseen)} accounts of {split}", out)
        return
    rows = read_training_rows(data / "manifest.csv")
    correction = artefact.manifest.cohort_correction
    if by_ai:
        human, ai = (
            compute_features(part, encoder, settings.features, None, CLEAN)
            for part in (
                [row for row in rows if row.label == "human" and row.creator],
                [row for row in rows if row.label == "ai"],
            )
        )
        dealt = tuple(deal_by_ai(_set(human), _set(ai), RECIPE, range(seeds), correction, enrolled))
        found = {_title(1, rate): _single(dealt, rate) for rate in RATES}
        found |= _figures([one for one in dealt if one.imitates is None])
        innocent = innocent_accounts(dealt, {})
        for size in innocent.measured:
            for rate in RATES:
                found[_title(size, rate)]["AI pictures"] = _imitators(dealt, innocent, size, rate)
        _show(found, f"{len(dealt)} accounts of pictures by AIs in {seeds} rounds", out)
        return
    imitations = [row for row in rows if row.label == "ai" and row.prompted_artist]
    human, ai = (
        compute_features(part, encoder, settings.features, None, CLEAN)
        for part in (some_works(rows), imitations)
    )
    accounts = tuple(deal_accounts(_set(human), _set(ai), RECIPE, range(seeds), correction))
    _show(_figures(accounts), f"{len(accounts)} accounts in {seeds} rounds", out)
    if calibrate is not None:
        origin: dict[str, Any] = {
            "command": COMMAND.format(seeds=seeds),
            "encoder": encoder.id,
            "images_sha256": images_sha256(human.sha256),
            "creators": len({row.creator for row in human.rows}),
            "works": len(human.rows),
        }
        document = document_of(innocent_accounts(accounts, origin))
        calibrate.write_text(json.dumps(document, separators=(",", ":")) + "\n", "utf-8")


def _show(found: Mapping[str, Mapping[str, Estimate]], title: str, out: Path | None) -> None:
    columns = ("strangers", "own works", "AI pictures")
    table = Table("works, rate", *columns, title=title)
    for name, row in found.items():
        table.add_row(name, *(_written(row.get(column)) for column in columns))
    Console().print(table)
    write(out, {name: {c: vars(one) for c, one in row.items()} for name, row in found.items()})


def _written(one: Estimate | None) -> str:
    return "" if one is None else f"{one.value:.1%} [{one.low:.1%}, {one.high:.1%}] of {one.n}"


if __name__ == "__main__":
    run(main)
