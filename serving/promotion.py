"""Which model is in use: who may follow it, shown by the gate's report."""

import hashlib
from pathlib import Path

from pydantic import ValidationError

from models import Kind, Registry
from models.artefact.artefact import open_any
from models.artefact.gate import GateReport, require_passed
from models.artefact.golden import check_folder
from models.artefact.registry import Entry
from models.errors import ArtefactNotFound, GateNotPassed

CHECKS = {Kind.DETECTOR: check_folder}
"""That an artefact gives its golden values, of kinds whose check is quick to load."""


def passed(registry: Registry, challenger: Path, report: GateReport) -> str:
    """The digest of a report that lets a model follow the one in use.

    Args:
        registry: Knows which is in use.
        challenger: Folder of the model that is to follow.
        report: Of the gate.

    Raises:
        GateNotPassed: It does not let it, or is about other models.
    """
    found = open_any(challenger)
    place = found.manifest.kind, found.manifest.encoder
    try:
        champion = open_any(registry.in_use(*place)).sha256
    except ArtefactNotFound:
        champion = None
    # What likeness is held to is absolute, a stated rate: its steps cannot add up.
    compared = champion is not None and found.manifest.kind is Kind.DETECTOR
    anchor = open_any(registry.anchor(*place)).sha256 if compared else None
    require_passed(report, champion, found.sha256, anchor)
    return hashlib.sha256(report.model_dump_json().encode()).hexdigest()


def promote_detector(registry: Registry, name: str, report: bytes) -> Entry:
    """Put a detector into use that has passed the gate, or that came with the product.

    Args:
        registry: Of the models.
        name: Of a detector in it.
        report: The gate's `gate.json`; empty for none.

    Raises:
        GateNotPassed: It has not passed, or there is no report that can be read.
        BrokenArtefact: The model does not give its golden values.
        ArtefactNotFound: There is none of that name.
        ArtefactError: It is no detector.
    """
    digest = None
    if report:
        try:
            read = GateReport.model_validate_json(report)
        except ValidationError:
            raise GateNotPassed(
                "this is no report of the gate: hand in the gate.json of `rakkan models gate`"
            ) from None
        digest = passed(registry, registry.find(name), read)
    elif not registry.entry(name).shipped:
        raise GateNotPassed(
            f"{name} has not passed the gate: run `rakkan models gate`, and hand in its gate.json"
        )
    return registry.promote(name, CHECKS, digest)
