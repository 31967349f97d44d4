"""Drift and alarms for Prometheus, as a file that its node exporter reads."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from training.monitoring.drift import Week


def write_metrics(path: Path, weeks: Iterable[tuple[str, Week]], alarms: Counter[str]) -> None:
    """Write the newest week of each model and service, and the alarms of each model.

    Args:
        path: Of the file, which ends in `.prom`; written whole.
        weeks: Names of models, with their weeks.
        alarms: How many each model has; 0 for one that has none.
    """
    registry = CollectorRegistry()
    names = ("model", "service")
    gauges = {
        "drift": Gauge(
            "rakkan_drift",
            "Share of uploads that would have to lie elsewhere, in the newest week.",
            names,
            registry=registry,
        ),
        "by_chance": Gauge(
            "rakkan_drift_by_chance",
            "What the drift of 99 in 100 weeks without drift is below.",
            names,
            registry=registry,
        ),
        "far": Gauge(
            "rakkan_unlike_share",
            "Share of uploads that are too far from everything in training.",
            names,
            registry=registry,
        ),
    }
    groups = Gauge(
        "rakkan_new_generator_alarms",
        "Groups of uploads that look alike, are new, and of which the detector is sure.",
        ("model",),
        registry=registry,
    )
    newest = {(model, week.service): week for model, week in sorted(weeks, key=_monday)}
    for labels, week in newest.items():
        gauges["drift"].labels(*labels).set(week.drift)
        gauges["by_chance"].labels(*labels).set(week.by_chance)
        gauges["far"].labels(*labels).set(week.far.value)
    for model, count in alarms.items():
        groups.labels(model).set(count)
    write_to_textfile(str(path), registry)


def _monday(one: tuple[str, Week]) -> str:
    return one[1].monday.isoformat()
