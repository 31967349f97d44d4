"""How many cores a platform needs: from images a second here to uploads a day and waiting times.

Uploads are taken to come independently of each other, to take a random time that is distributed
exponentially, and to be served in order by the first core that is free: the queue M/M/c. Erlang,
Solution of some problems in the theory of probabilities of significance in automatic telephone
exchanges, Elektroteknikeren 13 (1917). An image's true time varies less, so that the true waits are
a little shorter.
"""

import math
from dataclasses import dataclass

SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class Queue:
    """Uploads that wait for cores.

    Attributes:
        arrivals: Uploads a second.
        per_core: Uploads that one core judges in a second.
        cores: How many there are.
    """

    arrivals: float
    per_core: float
    cores: int

    def __post_init__(self) -> None:
        """Refuse a queue that is none.

        Raises:
            ValueError: A rate is not positive, or there is no core.
        """
        if self.arrivals <= 0 or self.per_core <= 0 or self.cores < 1:
            raise ValueError("a queue needs arrivals, and at least one core that judges something")

    @property
    def utilisation(self) -> float:
        """Share of the time in which a core is busy; from 1 on the queue grows without end."""
        return self.arrivals / (self.per_core * self.cores)

    @property
    def waiting(self) -> float:
        """The chance that an upload has to wait, 0 to 1 (Erlang's C formula)."""
        if self.utilisation >= 1:
            return 1.0
        load = self.arrivals / self.per_core
        # Erlang's B by its recurrence, which stays in range for any number of cores.
        blocked = 1.0
        for core in range(1, self.cores + 1):
            blocked = load * blocked / (core + load * blocked)
        return blocked / (1 - self.utilisation * (1 - blocked))

    @property
    def mean_wait(self) -> float:
        """Seconds until an upload's turn, on average."""
        if self.utilisation >= 1:
            return math.inf
        return self.waiting / (self.per_core * self.cores - self.arrivals)

    def wait(self, share: float) -> float:
        """Seconds within which the turn of such a share of uploads comes (0.99: of 99 in 100).

        Raises:
            ValueError: The share is not in 0 to 1, 1 excluded.
        """
        if not 0 <= share < 1:
            raise ValueError(f"a share of {share} of uploads is never reached")
        if self.utilisation >= 1:
            return math.inf
        left = self.waiting / (1 - share)
        return max(0.0, math.log(left) / (self.per_core * self.cores - self.arrivals))


def arrivals(uploads_a_day: float, busiest: float = 1.0) -> float:
    """Uploads a second, in a time that is `busiest` times as busy as the average of the day."""
    return uploads_a_day * busiest / SECONDS_A_DAY


def cores_for(arrivals: float, per_core: float, *, wait: float, share: float = 0.99) -> int:
    """The fewest cores with which a share of uploads waits no longer than allowed.

    Args:
        arrivals: Uploads a second.
        per_core: Uploads that one core judges in a second.
        wait: Seconds, above 0.
        share: Of uploads, 0 to 1.

    Raises:
        ValueError: A rate, the wait or the share is out of its range.
    """
    if wait <= 0:
        raise ValueError("no number of cores takes waiting away altogether")
    cores = max(1, math.ceil(arrivals / per_core))
    while Queue(arrivals, per_core, cores).wait(share) > wait:
        cores += 1
    return cores
