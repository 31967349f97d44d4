"""What bad requests cost a service, beside a good upload: CPU seconds and memory of each.

    python -m benchmarks.api_refusals --out out/refusals.json

Each kind is sent some times in turns with a good upload, to a service of its own. Bars: a request
that is refused takes no more CPU than one that is scored, and no memory stays held for it.
"""

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks.archives import jpeg_archive
from benchmarks.command import Out, Rounds, run, write
from benchmarks.service import Running, running

MIB = 1 << 20
JSON = "application/json"
FORM = "multipart/form-data; boundary=line"
PART = b'--line\r\nContent-Disposition: form-data; name="%s"\r\n\r\n'
FILE = b'--line\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
END = b"\r\n--line--\r\n"


def sent(
    service: Running, path: str, kind: str, body: Iterator[bytes], length: int | None = None
) -> str:
    """Send a request by hand; its status, or how it ended without one.

    Args:
        service: It is sent there.
        path: That is asked for.
        kind: Content type.
        body: Its pieces, until the server wants no more.
        length: That it says it has; None for pieces of their own lengths.
    """
    url = service.http.base_url
    head = [
        f"POST {path} HTTP/1.1",
        "Host: x",
        f"Authorization: {service.http.headers['Authorization']}",
        f"Content-Type: {kind}",
        "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}",
        "Connection: close",
    ]
    with socket.create_connection((url.host, url.port or 80), timeout=120) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        with suppress(ConnectionError):
            for piece in body:
                frame = b"%x\r\n%s\r\n" % (len(piece), piece) if length is None else piece
                connection.sendall(frame)
            if length is None:
                connection.sendall(b"0\r\n\r\n")
        with suppress(ConnectionError):
            answer = connection.recv(100)
            return answer.split(b" ")[1].decode() if answer else "closed"
    return "closed"


def cut(service: Running) -> str:
    """An upload whose client goes away in the middle."""
    url = service.http.base_url
    with socket.create_connection((url.host, url.port or 80)) as connection:
        key = service.http.headers["Authorization"]
        head = f"POST /v1/scores HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\n"
        head += f"Content-Type: {FORM}\r\nContent-Length: {8 * MIB}\r\n\r\n"
        connection.sendall(head.encode() + FILE + b"x" * 4 * MIB)
    return "gone"


def slow(service: Running) -> str:
    """A client that sends the head of a request byte by byte for a second, and goes away."""
    url = service.http.base_url
    with socket.create_connection((url.host, url.port or 80)) as connection:
        for byte in b"POST /v1/scores HTTP/1.1\r\n"[:20]:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)
    return "gone"


def zeros(length: int) -> Iterator[bytes]:
    """A body without anything in it."""
    for _ in range(length // MIB):
        yield bytes(MIB)


def fields() -> Iterator[bytes]:
    """A form of 10,000 fields."""
    """A form of 10,000 fields."""
    for number in range(10_000):
        yield PART % (b"f%d" % number) + b"x\r\n"
    yield END


def kinds(image: bytes) -> Mapping[str, Callable[[Running], str]]:
    """What is sent, by name; a good upload is the first.

    Args:
        image: That is uploaded; another one each time.
    """
    scores, creator = "/v1/scores", "/v1/creators/Ann"

    def good(service: Running) -> str:
        return str(service.http.post(scores, files={"image": image}).status_code)

    def form(*pieces: bytes, length: int | None = None) -> Callable[[Running], str]:
        return lambda service: sent(service, scores, FORM, iter(pieces), length)

    return {
        "a good upload": good,
        "no image": form(FILE, b"words" * 1000, END),
        "an image cut short": lambda service: sent(
            service, scores, FORM, iter([FILE, image[:9000], END])
        ),
        "says it has 1 GB": form(FILE, length=1 << 30),
        "a form of 1 GB, in pieces": lambda service: sent(
            service, scores, FORM, chain([FILE], zeros(1 << 30))
        ),
        "JSON of 1 GB, in pieces": lambda service: sent(service, creator, JSON, zeros(1 << 30)),
        "10,000 fields": lambda service: sent(service, scores, FORM, fields()),
        "JSON, deep": lambda service: sent(service, creator, JSON, iter([b"[" * 900_000])),
        "another content type": lambda service: sent(
            service, scores, "image/jpeg", iter([bytes(MIB)])
        ),
        "a head of 1 MB": lambda service: sent(service, scores, "a" * MIB, iter([])),
        "says less than it sends": form(FILE, b"x" * 100_000, END, length=100),
        "cut off in the middle": cut,
        "a head, byte by byte": slow,
    }


def main(rounds: Rounds = 5, out: Out = None) -> None:
    """Measure, print, and write JSON."""
    found: dict[str, list[tuple[str, float, float, int]]] = {}
    with TemporaryDirectory() as scratch, running() as service:
        images = sorted(jpeg_archive(Path(scratch, "images"), rounds + 1).iterdir())
        for turn, path in enumerate(images):
            for name, send in kinds(path.read_bytes()).items():
                before, held, began = service.cpu(), service.memory(), time.perf_counter()
                status = send(service)
                wall = time.perf_counter() - began
                time.sleep(0.2)  # until what it was left with is cleared away
                if turn:  # the first is for everything that is loaded once
                    grown = service.memory() - held
                    found.setdefault(name, []).append((status, service.cpu() - before, wall, grown))
    table = Table("sent", "answer", "CPU s", "wall s", "memory", title=f"{rounds} turns, medians")
    record = {}
    for name, times in found.items():
        statuses = sorted({status for status, *_ in times})
        cpu, wall, more = (median(float(one[at]) for one in times) for at in (1, 2, 3))
        figures = (f"{cpu:.3f}", f"{wall:.3f}", f"{more / MIB:+.1f} MiB")
        table.add_row(name, ", ".join(statuses), *figures)
        record[name] = {"answers": statuses, "cpu": cpu, "wall": wall, "grown": more}
    Console().print(table, f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    write(out, {"load": os.getloadavg(), "sent": record})


if __name__ == "__main__":
    run(main)
