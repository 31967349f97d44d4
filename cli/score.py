"""`rakkan score`: a few images, for a person or for a program."""

import json
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.declared import DeclaredOption, declares_ai
from cli.findings import closing, findings, likeness
from cli.heat import HeatMapPath, write_heat_map
from cli.index import Account, OptionalIndexPlace
from cli.paths import require_another_file, uploads
from cli.policies import Service, find_policy
from cli.reading import answers
from cli.terminal import AsJson, AsJsonLines, item, log
from cli.trust import TrustAnchors
from core.text import percent, printable, valid
from evidence import EvidenceKind, Judgement
from evidence.document import to_document
from evidence.wording.ai import answer, decoding_note
from labelling import Context, Decision, ResolvedPolicy, decide
from labelling.announcement import actions
from labelling.document import decision_document
from labelling.statement import facts
from serving.judge import Examined, Judge
from serving.opening import open_judge


def score(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", callback=uploads, help="The images; - for standard input."
        ),
    ],
    as_json: AsJson = False,
    as_jsonl: AsJsonLines = False,
    model: Annotated[
        str | None, typer.Option("--model", help="Name of the model; by default the one in use.")
    ] = None,
    declared: DeclaredOption = None,
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
    service: Service = None,
) -> None:
    """Judge one image, or a few; with --service also decide about them.

    Of several images, one that cannot be judged does not end the run: it is told, with --jsonl as
    a line with `error`. The command fails if none could be judged.
    """
    if as_json and (as_jsonl or len(files) > 1):
        raise typer.BadParameter(
            "prints one document: use --jsonl for several", param_hint="--json"
        )
    if heat_map is not None:
        if len(files) > 1:
            raise typer.BadParameter("is of one image", param_hint="--heat-map")
        require_another_file(heat_map, files[0], "--heat-map")
    declared_ai = declares_ai(declared)
    policy = None if service is None else find_policy(service)
    with ExitStack() as stack:

        @cache
        def judge() -> Judge:
            # Only when it is needed: whoever names a wrong file need not wait for the encoder.
            started = time.monotonic()
            opened = open_judge(model=model, index=index, trust_anchors=trust_anchors)
            made_by = opened.made_by
            log.debug(
                f"Model {made_by.detector.name}, encoder {made_by.encoder}, precision"
                f" {made_by.precision}, opened in {time.monotonic() - started:.1f} s"
            )
            return stack.enter_context(opened)

        def examine(data: bytes) -> Examined:
            return judge().examine(
                data,
                declared_ai=declared_ai,
                expects_metadata=expects_metadata,
                account=account,
            )

        for number, (file, examined) in enumerate(answers(files, examine, as_jsonl=as_jsonl)):
            judgement = examined.judgement
            more: dict[str, Any] = {}
            decision = None if policy is None else _decided(judgement, policy, declared_ai)
            if decision is not None:
                more["decision"] = decision_document(decision)
            if heat_map is not None:
                write_heat_map(heat_map, examined, judge())
                more["heat_map"] = str(heat_map)
            if as_jsonl:
                path = valid(str(file))
                typer.echo(json.dumps({"path": path, **to_document(judgement), **more}))
            elif as_json:
                typer.echo(json.dumps({**to_document(judgement), **more}, indent=2))
            else:
                typer.echo("\n" * (number > 0) + _told(file, judgement, decision))
                if heat_map is not None:
                    typer.echo(f"Heat map {printable(str(heat_map))}")


def _decided(judgement: Judgement, policy: ResolvedPolicy, declared_ai: bool | None) -> Decision:
    context = Context(service=policy.own.name, at=datetime.now(UTC), declared_ai=declared_ai)
    return decide(judgement, context, None, policy)


def _told(file: Path, judgement: Judgement, decision: Decision | None) -> str:
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
        *(() if decision is None else (*_asked(decision), "")),
        f"Model {judgement.made_by.detector.name}",
        *(() if found is None else (f"Index {printable(found.index)}",)),
    ]
    return "\n".join(lines)


def _asked(decision: Decision) -> list[str]:
    """What the policy asks for: its own words alone, as the evidence is told already."""
    known = facts(decision)
    said = [why for why in decision.reasons if why not in known]
    lines = [f"Decision:     {actions(decision.actions, decision.label)}"]
    return [*lines, "", *(line for why in said for line in item(why.text))]
