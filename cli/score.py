"""`rakkan score`: one image, for a person or for a program."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.findings import closing, findings, likeness
from cli.heat import HeatMapPath, require_another_file, write_heat_map
from cli.index import Account, OptionalIndexPlace
from cli.terminal import item
from cli.trust import TrustAnchors
from core.text import percent, printable
from evidence import EvidenceKind, Judgement
from evidence.document import to_document
from evidence.wording.ai import answer, decoding_note
from imaging import Limits
from serving.opening import open_judge
from serving.sources.files import read_image_file


class Declared(StrEnum):
    """What an uploader says."""

    AI = "ai"
    HUMAN = "human"


def score(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The image.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document.")] = False,
    model: Annotated[
        str | None, typer.Option("--model", help="Name of the model; by default the one in use.")
    ] = None,
    declared: Annotated[
        Declared | None, typer.Option("--declared", help="What the uploader says of it.")
    ] = None,
    trust_anchors: TrustAnchors = None,
    expects_metadata: Annotated[
        bool,
        typer.Option(
            "--expects-metadata",
            help="The file came on a way that keeps metadata: say so if it has none.",
        ),
    ] = False,
    heat_map: HeatMapPath = None,
    index: OptionalIndexPlace = None,
    account: Account = None,
) -> None:
    """Judge one image."""
    require_another_file(heat_map, file)
    data = read_image_file(file, Limits())
    with open_judge(model=model, index=index, trust_anchors=trust_anchors) as judge:
        examined = judge.examine(
            data,
            declared_ai=None if declared is None else declared is Declared.AI,
            expects_metadata=expects_metadata,
            account=account,
        )
    if heat_map is not None:
        write_heat_map(heat_map, examined, judge)
    if as_json:
        drawn = {} if heat_map is None else {"heat_map": str(heat_map)}
        typer.echo(json.dumps(to_document(examined.judgement) | drawn, indent=2))
    else:
        typer.echo(_told(file, examined.judgement))
        if heat_map is not None:
            typer.echo(f"Heat map {printable(str(heat_map))}")


def _told(file: Path, judgement: Judgement) -> str:
    image, evidence, found = judgement.image, judgement.ai, judgement.similarity
    facts = f"{image.width} x {image.height}, {image.format.upper()}"
    said = {one.reason for one in evidence.signals if one.kind is not EvidenceKind.INFERRED}
    further = [why.text for why in evidence.reasons if why not in said]
    further += [decoding_note(note) for note in image.notes]
    generator = [f"Generator:    {printable(evidence.generator)}"] if evidence.generator else []
    lines = [
        f"{printable(file.name)} ({facts})",
        "",
        f"Verdict:      {evidence.verdict}. {answer(evidence)}",
        f"Probability:  {percent(evidence.probability)} that an AI made it",
        *generator,
        "",
        *findings(evidence),
        "",
        "What the pixels say, and how all was weighed:",
        *(line for words in further for line in item(words)),
        "",
        *closing(evidence),
        "",
        *(() if found is None else ("Enrolled works:", "", *likeness(found), "")),
        f"Model {judgement.made_by.detector.name}",
        *(() if found is None else (f"Index {printable(found.index)}",)),
    ]
    return "\n".join(lines)
