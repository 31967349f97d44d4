"""The application: routes over a service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from api import problems, webhooks
from api.bounds import BoundedBody
from api.console import console
from api.console.carrying_out import CarryingOut
from api.examples import Exemplified
from api.observing import Observed
from api.outbox_metrics import OutboxMetrics
from api.public import public
from api.routes import (
    archive,
    creators,
    decisions,
    health,
    labels,
    links,
    outbox,
    reports,
    reviews,
    scans,
    scores,
)
from api.service import Service
from api.takeover import Takeover

DESCRIPTION = """Tells whether an upload was made by an AI and whose work it is like, and decides
about it under a platform's policy. A score is not a verdict: every answer says what it rests on."""


def create_app(service: Service) -> FastAPI:
    """The application over a service, which it closes at its end.

    Args:
        service: Opened by `open_service`.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.ready = await run_in_threadpool(service.online.answers)
        takeover = Takeover(service)
        carrying_out = CarryingOut(service)
        mine = (takeover, carrying_out)
        for worker in (service.watcher, service.courier, service.scans, service.learning, *mine):
            if worker is not None:
                worker.start()
        yield
        service.draining = True
        if service.scans is not None:
            await run_in_threadpool(service.scans.stop)
        if service.watcher is not None:
            await run_in_threadpool(service.watcher.stop)
        await service.drained()
        await run_in_threadpool(takeover.stop)
        await run_in_threadpool(carrying_out.stop)
        if service.courier is not None:
            await run_in_threadpool(service.courier.stop)
        await run_in_threadpool(service.close)

    app = Exemplified(
        title="Rakkan",
        version=version("rakkan"),
        description=DESCRIPTION,
        lifespan=lifespan,
        # The pages of the documentation would load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        webhooks=webhooks.router,
        # Nothing of its own: no metrics beside ours, and traces only where they were asked for.
        telemetry={
            "tracing": service.traces is not None,
            "tracer_provider": None if service.traces is None else service.traces.provider,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    app.state.service = service
    service.metrics.registry.register(OutboxMetrics(service.store))
    app.add_middleware(BoundedBody, seconds=service.body_seconds)
    app.add_middleware(Observed, metrics=service.metrics)
    problems.install(app)
    acting = (labels, reports, reviews, archive, scans, outbox)
    for room in (health, scores, decisions, creators, links, *acting):
        app.include_router(room.router)
    app.mount("/console", console(service))
    app.mount("/public", public(service))
    return app
