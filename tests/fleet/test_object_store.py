"""A survey of packages in an object store: s3, by moto's server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import s3fs
from moto.server import ThreadedMotoServer

from symver_pin.errors import UsageError
from symver_pin.fleet.survey import Cluster, Counts, survey
from symver_pin.glibc.maps import default_maps

from .rows import packages_of, surveyed, verified

TARGET = "2.17"


@pytest.fixture
def store(packages: list[Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Path]]:
    """The packages in the folder `pool/main` of a store: address -> the same package on this machine."""
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in (
        ("AWS_ENDPOINT_URL", f"http://{host}:{port}"),
        ("AWS_ACCESS_KEY_ID", "nobody"),
        ("AWS_SECRET_ACCESS_KEY", "nothing"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="pool")
    client.put_object(Bucket="pool", Key="main/Packages.txt", Body=b"no package")
    for path in packages:
        client.upload_file(str(path), "pool", f"main/{path.name}")
    yield {f"s3://pool/main/{path.name}": path for path in packages}
    server.stop()


def run(dataset: Path, *sources: str) -> Counts:
    """A survey as in a process of its own: s3fs keeps its connections and listings in the process."""
    s3fs.S3FileSystem.clear_instance_cache()
    return survey(sources, dataset, (TARGET,), default_maps(), Cluster(jobs=1))


def test_a_folder_of_a_store_is_judged_as_verify_does_and_fetched_once(store: dict[str, Path], tmp_path: Path) -> None:
    assert run(tmp_path / "data", "s3://pool/main") == Counts(len(store), 0, 0, ())
    found = surveyed(tmp_path / "data")
    assert sorted(found) == packages_of(tmp_path / "data") == sorted(store)
    for address, path in store.items():
        assert found[address] == verified(path, address, (TARGET,)), path.name

    wheels = sum(address.endswith(".whl") for address in store)
    assert wheels
    assert run(tmp_path / "data", "s3://pool/main/*.whl") == Counts(0, 0, wheels, ())
    a_wheel = next(address for address in store if address.endswith(".whl"))
    key = a_wheel.removeprefix("s3://pool/")
    boto3.client("s3").put_object(Bucket="pool", Key=key, Body=store[a_wheel].read_bytes() + b"\0")
    assert run(tmp_path / "data", "s3://pool/main") == Counts(1, 0, len(store) - 1, ())


def test_a_bucket_that_is_not_there_is_one_line(store: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"s3://nowhere/main: cannot be listed: .*bucket does not exist"):
        run(tmp_path / "data", "s3://nowhere/main")
    assert not (tmp_path / "data").exists()
