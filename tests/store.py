"""An S3-compatible store that answers on loopback, and an instance that keeps its files there."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer
from pytest_django import Settings

NAME = "files"
KEYS = {"aws_access_key_id": "key", "aws_secret_access_key": "a secret of the store"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def store(server: str) -> Iterator[Any]:
    """Return an empty bucket."""
    found = boto3.resource("s3", endpoint_url=server, region_name="us-east-1", **KEYS).Bucket(NAME)
    found.create()
    yield found
    found.objects.all().delete()
    found.delete()


def described(endpoint: str) -> dict[str, Any]:
    options = {
        "bucket_name": NAME,
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "access_key": KEYS["aws_access_key_id"],
        "secret_key": KEYS["aws_secret_access_key"],
        "file_overwrite": True,
        "client_config": Config(retries={"total_max_attempts": 1}, connect_timeout=2),
    }
    store = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    return {"bucket": store, "probe": store}


@pytest.fixture
def shared(settings: Settings, store: Any, server: str) -> Any:
    """Have the instance keep its files in the bucket."""
    settings.S3_BUCKET = NAME
    settings.STORAGES = {**settings.STORAGES, **described(server)}
    return store


@pytest.fixture
def away(shared: Any, settings: Settings, server: str) -> Callable[..., None]:
    """Return what has the store go away, and come back."""

    def go(*, is_away: bool) -> None:
        endpoint = "http://127.0.0.1:9" if is_away else server
        settings.STORAGES = {**settings.STORAGES, **described(endpoint)}

    return go
