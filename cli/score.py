"""`rakkan score`: one image, for a person or for a program."""

import json
import textwrap
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.opening import Opened, open_model
from cli.settings import Settings
from detector import AiEvidence, Verdict
from imaging import DecodedImage, Limits, UnsupportedFormat, decode_for_view, global_view
from scan.sources import read_file
from scan.wording import percent, printable

ANSWERS = {
    Verdict.AI: "The pixels look like a picture made by an AI.",
    Verdict.HUMAN: "The pixels look like a work made by a person.",
    Verdict.INCONCLUSIVE: "The pixels do not tell. That is a full answer.",
}

CAUTION = (
    "This is inferred from the pixels alone. It is not a proof, and it is wrong for some works by"
    " people, for some kinds of art more often than for others: let a person decide."
)


def score(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The image.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document.")] = False,
    model: Annotated[
        str | None, typer.Option("--model", help="Name of the model; by default the one in use.")
    ] = None,
) -> None:
    """Judge one image."""
    settings = Settings.of()
    data = read_file(file, Limits())
    if data is None:
        raise UnsupportedFormat(f"{printable(file.name)} is not an image in a format that is read.")
    opened = open_model(settings, model)
    size = opened.encoder.size
    image = decode_for_view(data, size)
    features = opened.encoder.encode(global_view(image, size)[None])
    evidence = opened.detector.assess(features, short_side=min(image.width, image.height))
    if as_json:
        typer.echo(json.dumps(document(image, evidence, opened), indent=2))
    else:
        typer.echo(_told(file, image, evidence, opened))


def document(image: DecodedImage, evidence: AiEvidence, opened: Opened) -> dict[str, Any]:
    """The answer as a JSON document, in the shape of the service's answers."""
    return {
        "image": {
            "sha256": image.sha256,
            "width": image.width,
            "height": image.height,
            "format": image.format,
            "notes": list(image.notes),
        },
        "ai": {
            "verdict": evidence.verdict,
            "probability": evidence.probability,
            "evidence": evidence.evidence,
            "generator": evidence.generator,
            "signals": [
                {
                    "name": "pixels",
                    "evidence": "inferred",
                    "probability": evidence.pixel_probability,
                    "score": evidence.pixel_score,
                }
            ],
            "reasons": list(evidence.reasons),
        },
        "model": {"name": opened.facts.name, "encoder": opened.facts.encoder},
    }


def _told(file: Path, image: DecodedImage, evidence: AiEvidence, opened: Opened) -> str:
    facts = f"{image.width} x {image.height}, {image.format.upper()}"
    notes = [f"When decoding: {note}." for note in image.notes]
    why = [textwrap.fill(f"- {line}", 78, subsequent_indent="  ") for line in evidence.reasons]
    lines = [
        f"{printable(file.name)} ({facts})",
        "",
        f"Verdict:      {evidence.verdict}. {ANSWERS[evidence.verdict]}",
        f"Probability:  {percent(evidence.probability)} that an AI made it",
        "",
        *why,
        *(textwrap.fill(f"- {note}", 78, subsequent_indent="  ") for note in notes),
        "",
        textwrap.fill(CAUTION, 78),
        "",
        f"Model {opened.facts.name}",
    ]
    return "\n".join(lines)
