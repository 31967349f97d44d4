"""Settings to a service: everything that it needs is opened here, once for a process."""

import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from api.learning import open_learning
from api.metrics import Metrics
from api.rates import Rates
from api.service import Service
from api.stages import Stages
from core.extras import require_extra
from databases.connections import room_for
from models import Registry
from moderation.links import Links
from moderation.webhooks.courier import Courier
from moderation.webhooks.webhook import Webhook
from scan.jobs import open_queue
from serving.current import CurrentJudge
from serving.judge import Judge
from serving.online import Learn
from serving.opening import open_judge, open_shadow
from serving.settings import Settings, traces_are_wanted
from serving.watching import Watcher, in_use
from similarity.errors import IndexNotFound
from storage import Store, open_store

if TYPE_CHECKING:
    from api.console.openid import Provider
    from api.traces import Traces

_LOG = logging.getLogger("rakkan.api")

UPLOADS = 3
"""For each core, that are accepted and not answered: more would wait longer, and none would be
answered sooner."""


def open_service(
    settings: Settings | None = None, *, database: str | None = None, index: str | None = None
) -> Service:
    """Open all that the service needs; makes the records and the index if there are none.

    Args:
        settings: Where everything lies; None for what the environment says.
        database: Address of the records, before that of the settings.
        index: Place of the index, before that of the settings.

    Raises:
        RakkanError: Something that it needs cannot be opened.
    """
    settings = settings or Settings.of()
    webhook = settings.webhook
    links = None if settings.links is None else Links(*settings.links)
    store = open_store(database or settings.records, connections=settings.connections)
    say_if_narrow(store, settings.connections)
    metrics = Metrics()
    traces = _traces()
    stages = Stages(metrics.stage) if traces is None else Stages(metrics.stage, traces.stage)
    place = index or settings.searched
    learning = open_learning(settings, store)
    online, watcher = _watched(settings, place, metrics, stages, learning.learners)
    return Service(
        online,
        store,
        settings.policies,
        rates=Rates(settings.rate, settings.counter, on_failure=metrics.uncounted.inc),
        courier=None if webhook is None else Courier(store, Webhook(*webhook, links=links)),
        models=Registry(settings.models),
        links=links,
        metrics=metrics,
        stages=stages,
        traces=traces,
        watcher=watcher,
        scans=open_queue(settings, place),
        learning=learning,
        preview_days=settings.preview_days,
        openid=_provider(settings),
    )


def say_if_narrow(store: Store, connections: int) -> None:
    """Say it where the database may come to refuse connections to the processes of the service.

    Args:
        store: The records.
        connections: That each process may open.
    """
    room = room_for(store.database)
    if room is not None and room.processes * connections > room.allowed:
        _LOG.warning(
            "%d processes that may open %d connections each to the records share a database that"
            " allows them %d: raise its max_connections, or lower RAKKAN_CONNECTIONS",
            room.processes,
            connections,
            room.allowed,
        )


def _provider(settings: Settings) -> "Provider | None":
    """By which people sign in, where that is set.

    Raises:
        SettingsError: Only some of it is set.
        MissingExtra: What asks it is not installed.
    """
    wanted = settings.openid
    if wanted is None:
        return None
    require_extra("oidc", "sign-in by OpenID Connect", "authlib")
    from api.console.openid import Provider  # only here: an extra

    return Provider(wanted)


def _traces() -> "Traces | None":
    """Traces, where OpenTelemetry's own variables ask for them.

    Raises:
        MissingExtra: What exports them is not installed.
    """
    if not traces_are_wanted():
        return None
    require_extra("traces", "the export of traces", "opentelemetry")
    from api.traces import Traces  # only here: an extra

    return Traces.exported()


def _watched(
    settings: Settings, place: str, metrics: Metrics, stages: Stages, learn: Sequence[Learn]
) -> tuple[CurrentJudge, Watcher]:
    """A judge that is searched with, and what puts another into use."""

    def reopened(beside: Judge | None = None) -> Judge:
        judge = open_judge(settings, index=place, create=True, beside=beside)
        return replace(judge, shadow=open_shadow(settings, judge.encoder.id))

    # Before the judge is opened: a change meanwhile is seen then. Only an index that is not there
    # yet cannot be looked at.
    since = None
    with suppress(IndexNotFound):
        since = in_use(settings, place)
    online = CurrentJudge(
        reopened(),
        most=settings.uploads or UPLOADS * (os.cpu_count() or 1),
        on_batch=metrics.batches.observe,
        on_stage=stages,
        on_judged=learn,
    )
    look = partial(in_use, settings, place)
    return online, Watcher(online, look, reopened, since=since or look(), told=metrics.reopened)
