"""Fixtures: a storage that speaks S3, and a server of files, both on this machine."""

import functools
import http.server
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

KEY, SECRET = "testing-key-of-nobody", "testing-secret-of-nobody"


@dataclass(frozen=True)
class Storage:
    """An S3 of our own.

    Attributes:
        endpoint: Where it answers.
        environment: What `rakkan` needs to reach it.
    """

    endpoint: str
    environment: dict[str, str]

    def put(self, bucket: str, files: Mapping[str, bytes]) -> str:
        """Fill a new bucket; returns its address."""
        client = self.client("s3")
        client.create_bucket(Bucket=bucket)
        for name, data in files.items():
            client.put_object(Bucket=bucket, Key=name, Body=data)
        return f"s3://{bucket}"

    def delete(self, bucket: str, name: str) -> None:
        self.client("s3").delete_object(Bucket=bucket, Key=name)

    def ask_who(self) -> None:
        """From now on requests of unknown keys are denied."""
        httpx2.post(f"{self.endpoint}/moto-api/reset-auth", content=b"0").raise_for_status()

    def ask_nobody(self) -> None:
        """From now on any key will do."""
        httpx2.post(f"{self.endpoint}/moto-api/reset-auth", content=b"inf").raise_for_status()

    def client(self, service: str) -> Any:
        """A client of it, as its owner has."""
        import boto3  # only here, as below: few tests need it, and it takes long to load

        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
        )


def environment_of(endpoint: str) -> dict[str, str]:
    """What reaches a storage at an endpoint, and gives up soon."""
    return {
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture(scope="module")
def storage_server() -> Iterator[Storage]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    try:
        yield Storage(endpoint, environment_of(endpoint))
    finally:
        server.stop()


@pytest.fixture
def storage(storage_server: Storage, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """The storage, reached by what the environment of this process says."""
    from s3fs import S3FileSystem

    for name, value in storage_server.environment.items():
        monkeypatch.setenv(name, value)
    S3FileSystem.clear_instance_cache()  # it keeps what the environment said before
    return storage_server


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a server of files, and the folder that it serves."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", folder
        finally:
            server.shutdown()
