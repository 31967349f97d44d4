"""Drift and alarms as a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pages.environment import render
from training.monitoring.alarms import Cluster
from training.monitoring.drift import Week
from training.monitoring.seen import Seen

PAGE = "drift.html"


@dataclass(frozen=True)
class Alarm:
    """A cluster that is an alarm.

    Attributes:
        model: Name of the detector.
        cluster: It.
        uploads: Its examples, the most typical first.
    """

    model: str
    cluster: Cluster
    uploads: tuple[Seen, ...]


def drift_page(weeks: Sequence[tuple[str, Week]], alarms: Sequence[Alarm], since: date) -> str:
    """The page.

    Args:
        weeks: Names of models, with their weeks; the newest is shown first.
        alarms: Of all models.
        since: Where the days begin that alarms are looked for in.

    Returns:
        An HTML document.
    """
    newest = sorted(weeks, key=lambda one: (one[1].monday, one[1].uploads), reverse=True)
    return render("drift/page.html.j2", weeks=newest, alarms=alarms, since=since.isoformat())
