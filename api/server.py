"""The server of one process: how it begins, what signals do, and how it ends.

SIGHUP  -> look at once whether another model or index is to be in use
SIGTERM -> uploads are refused, /readyz is false -> what was accepted is answered -> end
        -> or the time is over: end, whatever is running
"""

import asyncio
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from api.bounds import HeadInTime
from api.service import Service

LAST = 1.0
"""Seconds at the end of the time, for connections to close and files to be let go of."""

_LOG = logging.getLogger("rakkan.api")


def _end() -> None:
    # What still runs is in threads that nobody can end. Records are safe: a transaction is whole
    # or not at all, as when the machine fails.
    os._exit(1)


class Server(uvicorn.Server):
    """Serves an application, and drains before it ends."""

    def __init__(
        self,
        app: FastAPI,
        service: Service,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        drain: float,
        end: Callable[[], None] = _end,
    ) -> None:
        """Prepare.

        Args:
            app: Over the service.
            service: Told that it drains.
            host: Address to listen on.
            port: Port; 0 for any that is free.
            drain: Seconds from the signal to end until the process has ended.
            end: Ends the process.
        """
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            http=HeadInTime,
            log_config=None,
            access_log=False,
            server_header=False,
        )
        super().__init__(config)
        self._service = service
        self._drain = drain
        self._end = end

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a signal to end; see `uvicorn.Server.run`."""
        main = threading.current_thread() is threading.main_thread()
        if main and self._service.watcher is not None and hasattr(signal, "SIGHUP"):
            watcher = self._service.watcher
            signal.signal(signal.SIGHUP, lambda *_: watcher.soon())
        super().run(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what was accepted, within the time, and end."""
        until = time.monotonic() + self._drain
        timer = threading.Timer(self._drain, self._too_late)
        timer.daemon = True
        timer.start()
        self._service.draining = True
        # Still listening: whoever asks /readyz is told, and answers can be fetched.
        while self._service.busy and time.monotonic() < until - LAST and not self.force_exit:
            await asyncio.sleep(0.05)
        self.config.timeout_graceful_shutdown = max(1, int(until - time.monotonic()))
        await super().shutdown(sockets)
        timer.cancel()

    def _too_late(self) -> None:
        waiting = self._service.online.waiting
        _LOG.error("the time to drain is over: %d uploads are not answered", waiting)
        self._end()
