"""Models: which there are and how well they do, what drifts, and which is in use."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Form, Response, UploadFile
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from api.console.audit import VERIFYING
from api.console.visit import ADMINS, Admin, SignedIn, Visit, signed_in
from api.errors import NoModels
from api.service import Service, now
from core.extras import require_extra
from models import DetectorArtefact, Kind, Registry
from models.artefact.artefact import CARD
from moderation.model_changes import tell_model_change
from serving.promotion import promote_detector

if TYPE_CHECKING:
    from training.monitoring.drift import Week

router = APIRouter(prefix="/models")

WEEKS = 4
"""Of which drift is measured."""

MOST_REPORT = 1 << 20
"""Bytes of a report of the gate."""

Measuring = Annotated[Visit, Depends(signed_in(VERIFYING))]
Name = Annotated[str, Form(max_length=200)]


def registry_of(service: Service) -> Registry:
    """The models of a service.

    Raises:
        NoModels: It was opened without any.
    """
    if service.models is None:
        raise NoModels("this service knows no folder of models")
    return service.models


@router.get("")
async def models(visit: SignedIn) -> Response:
    """All there are, by kind and name."""
    registry = registry_of(visit.service)
    return visit.page("models", entries=await run_in_threadpool(registry.list))


@router.get("/drift")
async def drift(visit: Measuring) -> Response:
    """Whether the uploads of the last weeks are what each detector was made on."""
    require_extra("evaluate", "drift", "scipy")
    weeks = await run_in_threadpool(_drift, visit.service)
    return visit.page("drift", weeks=weeks, count=WEEKS)


@router.get("/one/{name}")
async def show(visit: SignedIn, name: str) -> Response:
    """One, with its card and figures."""
    entry = await run_in_threadpool(registry_of(visit.service).entry, name)
    card = await run_in_threadpool((entry.artefact.folder / CARD).read_text, "utf-8")
    metrics: dict[str, float] = getattr(entry.artefact.manifest, "metrics", {})
    figures = {
        key: (value, metrics.get(f"{key}_low"), metrics.get(f"{key}_high"))
        for key, value in metrics.items()
        if not key.endswith(("_low", "_high"))
    }
    may = visit.may(ADMINS) and entry.kind is Kind.DETECTOR
    return visit.page("model", entry=entry, card=card, figures=figures, may_promote=may)


@router.post("/one/{name}/promote")
async def promote(visit: Admin, name: str, gate: UploadFile | None = None) -> Response:
    """Put it into use, by the gate's report; the service takes it over by itself."""
    report = b"" if gate is None else await gate.read(MOST_REPORT)
    registry = registry_of(visit.service)

    def done() -> None:
        entry = promote_detector(registry, name, report)
        _tell(visit, "promoted", entry.name, entry.kind)

    await run_in_threadpool(done)
    return RedirectResponse("/console/models", 303)


@router.post("/rollback")
async def roll_back(visit: Admin, encoder: Name) -> Response:
    """Undo the last promotion of a detector for an encoder."""
    registry = registry_of(visit.service)

    def done() -> None:
        undone = registry.rollback(Kind.DETECTOR, encoder)
        _tell(visit, "rolled back", undone.name, undone.kind)

    await run_in_threadpool(done)
    return RedirectResponse("/console/models", 303)


def _tell(visit: Visit, what: str, model: str, kind: Kind) -> None:
    by = "" if visit.person is None else visit.person.name
    tell_model_change(visit.service.store, what, model, kind.value, by=by, at=now())


def _drift(service: Service) -> "list[tuple[str, Week]]":
    from training.monitoring.drift import drift as weeks_of
    from training.monitoring.drift import reference_of
    from training.monitoring.seen import seen_uploads

    artefacts = {
        one.artefact.sha256: DetectorArtefact.load(one.artefact.folder)
        for one in registry_of(service).list()
        if one.kind is Kind.DETECTOR
    }
    since = now() - timedelta(weeks=WEEKS)
    seen = list(seen_uploads(service.store, since))
    return [
        (artefact.name, week)
        for sha256, artefact in artefacts.items()
        if (mine := [one for one in seen if one.model_sha256 == sha256])
        for week in weeks_of(mine, reference_of(artefact))
    ]
