"""One dask cluster for the tests of a process, and the small packages behind a server.

The long tests run in `make test-fleet` only, which says so by SYMVER_PIN_FLEET=all.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .packages import small_packages
from .serving import PackageServer, serving

collect_ignore = (
    [] if os.environ.get("SYMVER_PIN_FLEET") == "all" else ["test_clusters.py", "test_object_store.py", "test_scale.py"]
)


@pytest.fixture(scope="package")
def scheduler() -> Iterator[str]:
    """The address of a dask scheduler. Its two workers end with these tests: idle they take a tenth of a core."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(scope="session")
def packages() -> list[Path]:
    """Some thirty small real packages: wheels, .debs and npm packages."""
    return small_packages()


@pytest.fixture
def server(packages: list[Path], tmp_path: Path) -> Iterator[PackageServer]:
    """A server with these packages; its folder may be changed."""
    folder = tmp_path / "served"
    folder.mkdir()
    for package in packages:
        shutil.copy2(package, folder / package.name)
    with serving(folder) as served:
        yield served
