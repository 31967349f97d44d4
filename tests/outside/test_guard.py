"""The guard itself: what reaches outside is seen, whoever does it, and what does not goes on."""

import socket
from pathlib import Path

import pytest

from tests.outside.guard import Guard

CONNECTS = """
import socket
try:
    socket.create_connection(("127.0.0.1", int(__import__("sys").argv[1])), timeout=5)
except OSError:
    pass
"""
DATAGRAM = """
import socket
for family, host in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
    with socket.socket(family, socket.SOCK_DGRAM) as one:
        try:
            one.sendto(b"hello", (host, 53))
        except OSError:
            pass
"""
NATIVE = """
import ctypes, struct, sys
libc = ctypes.CDLL(None)
fd = libc.socket(2, 1, 0)
address = struct.pack("=H", 2) + struct.pack(">H", 80) + bytes([192, 0, 2, 1]) + bytes(8)
assert libc.connect(fd, address, 16) == -1
"""
OLD = "import ctypes; ctypes.CDLL(None).gethostbyname(b'example.org')"
CHILD = """
import subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1], *sys.argv[2:]], check=True)
"""


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_connection_is_refused_and_told(guard: Guard, tmp_path: Path, port: int) -> None:
    done = guard.python(CONNECTS, port, cwd=tmp_path, environment={})
    assert done.returncode == 0, done.stderr
    assert "lookup 127.0.0.1" in done.reached


@pytest.mark.parametrize(
    ("code", "reached"),
    [
        (DATAGRAM, {"send 192.0.2.1:53", "send 2001:db8::1:53"}),
        (NATIVE, {"connect 192.0.2.1:80"}),
        (OLD, {"lookup example.org"}),
        ("import socket; socket.getaddrinfo('example.org', 80)", {"lookup example.org"}),
    ],
    ids=["datagrams", "native code", "an old look-up", "a look-up"],
)
def test_what_reaches_out_is_told(
    guard: Guard, tmp_path: Path, code: str, reached: set[str]
) -> None:
    assert reached <= set(guard.python(code, cwd=tmp_path, environment={}).reached)
    assert reached <= set(guard.python(CHILD, code, cwd=tmp_path, environment={}).reached)


def test_what_stays_in_the_machine_goes_on(guard: Guard, tmp_path: Path) -> None:
    code = (
        "import socket, threading\n"
        "here, there = socket.socketpair()\n"
        "here.sendall(b'hello'); here.sendmsg([b' ', b'you']); here.close()\n"
        "print(there.makefile().read())"
    )
    done = guard.python(code, cwd=tmp_path, environment={})
    assert (done.returncode, done.stdout, done.reached) == (0, "hello you\n", ())


def test_files_are_told_and_written(guard: Guard, tmp_path: Path) -> None:
    inside, elsewhere = tmp_path / "inside", tmp_path / "elsewhere"
    inside.mkdir()
    code = (
        "import os, pathlib, sys, tempfile\n"
        "os.mkdir(sys.argv[1])\n"
        "pathlib.Path('a.txt').write_text('a')\n"
        "os.rename('a.txt', sys.argv[1] + '/b.txt')\n"
        "folder = os.open(sys.argv[1], os.O_RDONLY)\n"
        "os.close(os.open('c.txt', os.O_WRONLY | os.O_CREAT, dir_fd=folder))\n"
        "open(os.devnull, 'w').write('nothing')\n"
        "tempfile.TemporaryFile().write(b'x')\n"
        "print(pathlib.Path(sys.argv[1], 'b.txt').read_text())\n"
    )
    done = guard.python(code, elsewhere, cwd=inside, environment={})
    assert (done.returncode, done.stdout) == (0, "a\n"), done.stderr
    assert done.outside(inside, guard.temporary) == {
        elsewhere,
        elsewhere / "b.txt",
        elsewhere / "c.txt",
    }
    assert done.outside(tmp_path, guard.temporary) == set()


def test_threads_are_watched(guard: Guard, tmp_path: Path) -> None:
    code = (
        "import threading\n"
        f"thread = threading.Thread(target=exec, args=({DATAGRAM!r},))\n"
        "thread.start(); thread.join()"
    )
    assert "send 192.0.2.1:53" in guard.python(code, cwd=tmp_path, environment={}).reached


def test_openvino_as_it_comes_would_be_caught(guard: Guard, tmp_path: Path) -> None:
    done = guard.python("import openvino", cwd=tmp_path, environment={})
    assert done.returncode == 0, done.stderr
    assert done.reached or done.outside(guard.temporary)
