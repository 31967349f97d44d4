"""What Prometheus reads of a process."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from evidence import Judgement
from labelling import Decision
from serving.online import OnlineJudge

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Bounds of the buckets of durations."""

IMAGES = (1, 2, 4, 8, 16)
"""Bounds of the buckets of batches."""


class Metrics:
    """Counts of one process; each process has its own, which Prometheus adds up.

    Attributes:
        registry: All of them.
        requests: Requests that were answered, by method, route and status.
        seconds: How long they took, by route.
        decisions: Decisions that were made, by policy, action and verdict.
        batches: Images that were encoded at once.
    """

    def __init__(self) -> None:
        """Begin at zero."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "rakkan_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "rakkan_request_seconds",
            "How long requests took.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.decisions = Counter(
            "rakkan_decisions",
            "Decisions that were made.",
            ("policy", "action", "verdict"),
            registry=self.registry,
        )
        self.batches = Histogram(
            "rakkan_batch_images",
            "Images that were encoded at once.",
            buckets=IMAGES,
            registry=self.registry,
        )

    def watch(self, online: OnlineJudge) -> None:
        """Tell how many uploads are accepted and not answered yet."""
        waiting = Gauge(
            "rakkan_uploads_waiting",
            "Uploads that are accepted and not answered yet.",
            registry=self.registry,
        )
        waiting.set_function(lambda: online.waiting)

    def decided(self, judgement: Judgement, decision: Decision) -> None:
        """Count a decision."""
        names = (decision.policy.name, decision.action, judgement.ai.verdict)
        self.decisions.labels(*names).inc()
