"""What Prometheus reads of a process."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from api.accepted import Accepted
from evidence import Judgement
from labelling import Decision
from models.artefact.detector import RANGES
from serving.current import CurrentJudge
from serving.judge import Judge
from serving.stages import STAGES

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
        uncounted: How often what counts the requests of each key did not answer.
        replacements: How often another judge took the place of the one in use, or could not.
        judge: 1, with what is in use as its labels.
        stages: How long the stages of uploads took, by stage.
        scores: Uploads by policy, model and the range of ten that their probability lies in.
        held_out: The share that each range had of the images that the model was measured on.
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
        self.uncounted = Counter(
            "rakkan_rates_unreachable",
            "How often what counts the requests of each key did not answer: they passed.",
            registry=self.registry,
        )
        self.replacements = Counter(
            "rakkan_replacements",
            "Judges that took the place of the one in use, or could not be opened.",
            ("outcome",),
            registry=self.registry,
        )
        for outcome in ("replaced", "refused"):
            self.replacements.labels(outcome)
        self.judge = Gauge(
            "rakkan_judge",
            "1, with what is in use as labels.",
            ("model", "model_sha256", "encoder", "similarity"),
            registry=self.registry,
        )
        self.stages = Histogram(
            "rakkan_stage_seconds",
            "How long the stages of uploads took.",
            ("stage",),
            buckets=SECONDS,
            registry=self.registry,
        )
        for stage in STAGES:
            self.stages.labels(stage)
        self.scores = Counter(
            "rakkan_pixel_scores",
            "Uploads by the range that the probability of their pixels lies in.",
            ("policy", "model", "range"),
            registry=self.registry,
        )
        self.held_out = Gauge(
            "rakkan_held_out_share",
            "Share of the images that the model was measured on, by the same ranges.",
            ("model", "range"),
            registry=self.registry,
        )

    def watch(self, online: CurrentJudge) -> None:
        """Tell which judge is in use, and how many uploads are accepted and not answered yet."""
        self._in_use(online.judge)
        waiting = Gauge(
            "rakkan_uploads_waiting",
            "Uploads that are accepted and not answered yet.",
            registry=self.registry,
        )
        waiting.set_function(lambda: online.waiting)

    def watch_accepted(self, accepted: Accepted) -> None:
        """Tell how many uploads were answered as undecided and are not decided about yet."""
        undecided = Gauge(
            "rakkan_uploads_undecided",
            "Uploads that were answered as undecided, by any process, and are not decided about.",
            registry=self.registry,
        )
        undecided.set_function(accepted.count)

    def reopened(self, judge: Judge | None) -> None:
        """Count that a judge took the place of another; None where it could not be opened."""
        self.replacements.labels("refused" if judge is None else "replaced").inc()
        if judge is not None:
            self._in_use(judge)

    def _in_use(self, judge: Judge) -> None:
        made_by = judge.made_by
        searched = "" if made_by.similarity is None else made_by.similarity.name
        self.judge.clear()
        self.judge.labels(
            made_by.detector.name, made_by.detector.sha256, made_by.encoder, searched
        ).set(1)
        self.held_out.clear()
        for place, share in enumerate(judge.model.shares):
            self.held_out.labels(judge.model.name, str(place)).set(share)

    def stage(self, stage: str, seconds: float) -> None:
        """Count a stage of an upload."""
        self.stages.labels(stage).observe(seconds)

    def decided(self, judgement: Judgement, decision: Decision) -> None:
        """Count a decision."""
        names = (decision.policy.name, decision.action, judgement.ai.verdict)
        self.decisions.labels(*names).inc()
        of = (decision.policy.name, judgement.made_by.detector.name)
        # All ranges, from the first on: one that nothing came to counts as nothing, not as unknown.
        ranges = [self.scores.labels(*of, str(place)) for place in range(RANGES)]
        ranges[min(int(judgement.ai.pixels.probability * RANGES), RANGES - 1)].inc()
