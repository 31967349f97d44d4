"""How often each key may ask."""

import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter


class Rates:
    """Counts the requests of each key, in the memory of this process."""

    def __init__(self, rate: str | None) -> None:
        """Begin at zero.

        Args:
            rate: As `600/minute`; None for no limit.
        """
        self._rate: RateLimitItem | None = None if rate is None else parse(rate)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def wait(self, key: str) -> float | None:
        """Count a request.

        Args:
            key: Id of the key that asks.

        Returns:
            None where it may pass; else the seconds after which the next one may.
        """
        if self._rate is None or self._limiter.hit(self._rate, key):
            return None
        return max(1.0, self._limiter.get_window_stats(self._rate, key).reset_time - time.time())
