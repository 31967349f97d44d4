"""How much is to be sent still, as Prometheus reads it: of all processes, out of the records."""

from collections.abc import Iterator
from datetime import UTC, datetime

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from storage import Store
from storage.cases import Backlog


class OutboxMetrics(Collector):
    """Counts the messages of an outbox whenever it is asked."""

    def __init__(self, store: Store) -> None:
        """Take an outbox.

        Args:
            store: Where messages wait.
        """
        self._store = store

    def describe(self) -> Iterator[Metric]:
        """What there is, without counting."""
        return self._told(Backlog(0, 0, None))

    def collect(self) -> Iterator[Metric]:
        """What there is now.

        Raises:
            BrokenRecords: The outbox cannot be read.
        """
        return self._told(self._store.backlog())

    def _told(self, backlog: Backlog) -> Iterator[Metric]:
        messages = GaugeMetricFamily(
            "rakkan_outbox_messages",
            "Messages that are to be sent still; the dead ones wait for a person.",
            labels=("state",),
        )
        messages.add_metric(("waiting",), backlog.waiting)
        messages.add_metric(("dead",), backlog.dead)
        yield messages
        oldest = backlog.oldest
        yield GaugeMetricFamily(
            "rakkan_outbox_oldest_seconds",
            "Age of the oldest message that is to be sent still, of those that are not dead.",
            value=0 if oldest is None else (datetime.now(UTC) - oldest).total_seconds(),
        )
