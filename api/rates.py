"""How often each key may ask, counted by one process or by all together."""

import logging
import time
from collections.abc import Callable

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from core.extras import require_extra

SECONDS = 0.25
"""After which Redis is taken not to answer."""

REST = 5.0
"""Seconds for which it is not asked again then: requests do not wait for it, and pass."""

_LOG = logging.getLogger("rakkan.api")


class Rates:
    """Counts the requests of each key, in the memory of this process or in Redis.

    Threads share it.
    """

    def __init__(
        self,
        rate: str | None,
        address: str | None = None,
        *,
        on_failure: Callable[[], object] = lambda: None,
    ) -> None:
        """Begin at zero, or where others have come.

        Args:
            rate: As `600/minute`; None for no limit.
            address: Of Redis, as `redis://HOST:PORT`; None for the memory of this process.
            on_failure: Told whenever Redis does not answer.

        Raises:
            MissingExtra: What Redis needs is not installed.
        """
        self._rate: RateLimitItem | None = None if rate is None else parse(rate)
        self._limiter = SlidingWindowCounterRateLimiter(_storage(address))
        self._on_failure = on_failure
        self._resting_until = 0.0

    def wait(self, key: str) -> float | None:
        """Count a request.

        Args:
            key: Id of the key that asks.

        Returns:
            None where it may pass, as all may that cannot be counted; else the seconds after which
            the next one may.
        """
        if self._rate is None or time.monotonic() < self._resting_until:
            return None
        try:
            if self._limiter.hit(self._rate, key):
                return None
            reset = self._limiter.get_window_stats(self._rate, key).reset_time
        except StorageError as error:
            self._resting_until = time.monotonic() + REST
            self._on_failure()
            _LOG.warning("requests pass uncounted: RAKKAN_RATES does not answer: %s", error)
            return None
        return max(1.0, reset - time.time())


def _storage(address: str | None) -> Storage:
    if address is None:
        return MemoryStorage()
    require_extra("redis", "RAKKAN_RATES", "redis")
    # A storage as the strategy wants it, which the library's own annotation does not tell.
    storage = storage_from_string(
        address, wrap_exceptions=True, socket_timeout=SECONDS, socket_connect_timeout=SECONDS
    )
    assert isinstance(storage, Storage)  # noqa: S101 - for the type: asynchronous ones differ
    return storage
