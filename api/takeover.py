"""Deciding about uploads whose process has died, for as long as this one lives."""

from concurrent.futures import Future, wait
from functools import partial

from api.deciding import decide
from api.service import Service
from evidence import Judgement
from serving.errors import Overloaded
from serving.online import Upload
from serving.rounds import Rounds
from storage.accepted import AcceptedUpload

LOOKS = 10
"""At what is left, within a lease; and as many signs of life."""

TOGETHER = 8
"""Uploads that are taken over at once, at most."""


class Takeover:
    """Takes over what others have left, and says that this process lives."""

    def __init__(self, service: Service) -> None:
        """Take a service.

        Args:
            service: Judges and records.
        """
        self._service = service
        self._every = service.lease.total_seconds() / LOOKS
        failed = "what was accepted cannot be read or written"
        self._rounds = Rounds(self.all_left, self._every, "takeover", failed)

    def start(self) -> None:
        """Begin, in a thread."""
        self._rounds.start()

    def stop(self) -> None:
        """End after what is being judged; others may take over at once what is left."""
        self._rounds.stop()
        self._service.accepted.release()

    def all_left(self) -> None:
        """Decide about all that is left."""
        while self.once() and not self._rounds.stopping:
            pass

    def once(self) -> int:
        """Decide about some of what is left; says how many were taken over.

        Uploads whose uploaders wait go before: half of the places are left to them.
        """
        service = self._service
        service.accepted.renew()
        free = max(1, service.online.most // 2) - service.online.waiting
        if service.draining or free < 1:
            return 0
        found = service.accepted.take_over(min(free, TOGETHER))
        judging = {one.id: self._judge(one) for one in found}
        while wait(judging.values(), self._every).not_done:
            service.accepted.renew()
        for one in found:
            self._decide(one, judging[one.id])
        return len(found)

    def _judge(self, upload: AcceptedUpload) -> "Future[Judgement]":
        said = upload.context
        read = partial(self._service.accepted.image, upload)
        try:
            return self._service.online.submit(Upload(read, said.declared_ai, said.account))
        except Overloaded as error:
            refused: Future[Judgement] = Future()
            refused.set_exception(error)
            return refused

    def _decide(self, upload: AcceptedUpload, judged: "Future[Judgement]") -> None:
        service = self._service
        try:
            policy = service.policy(upload.context.service)
            judgement = judged.result()
            image = service.accepted.image(upload)  # it leaves when its decision is recorded
            decide(
                *(service, judgement, upload.context, policy, upload.key),
                image=lambda: image,
                late=lambda: True,
            )
            service.accepted.left(upload.id)
        # Whatever it is, the others are to be decided about.
        except Exception as error:
            service.accepted.failed(upload, error)
