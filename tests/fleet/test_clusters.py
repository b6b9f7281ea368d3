"""Killed workers and schedulers: nothing is lost, nothing is there twice. Each test has a cluster of its own. Long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import REPO
from pinning import COMMAND, IMPORTABLE
from symver_pin.fleet.survey import Cluster
from symver_pin.fleet.task import WorkerError

from . import stub
from .rows import packages_of
from .serving import PackageServer
from .test_killed import CLIENT, check_complete, partitions, rerun, wait_for

_CLUSTER = """
import sys, time
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50)
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""


@contextmanager
def own_cluster(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A cluster in a process of its own: its address and the process."""
    script = folder / "cluster.py"
    script.write_text(_CLUSTER)
    words = [sys.executable, str(script)]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (REPO / "tests", REPO / "tools")))}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


def test_a_killed_worker_is_replaced(server: PackageServer, tmp_path: Path) -> None:
    from distributed import Client

    with own_cluster(tmp_path) as (scheduler, _process):
        words = [sys.executable, "-c", CLIENT, server.index, str(tmp_path / "data"), scheduler]
        with subprocess.Popen(words) as client, Client(scheduler, set_as_default=False) as observer:
            wait_for(lambda: partitions(tmp_path / "data"))
            pid = next(iter(observer.run(os.getpid).values()))
            os.kill(pid, signal.SIGKILL)
            assert client.wait(240) == 0
        check_complete(server, tmp_path / "data")


def test_a_lost_scheduler_is_one_line_and_keeps_what_is_judged(
    server: PackageServer, scheduler: str, tmp_path: Path
) -> None:
    dataset = tmp_path / "data"
    server.hangs.add(sorted(path.name for path in server.folder.iterdir())[-1])
    with own_cluster(tmp_path) as (lost, process):
        words = [*COMMAND, "survey", server.index, "-o", str(dataset), "--glibc", "2.17", "--scheduler", lost]
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env={**os.environ, **IMPORTABLE}) as client:
            wait_for(lambda: len(server.sent) > 15)
            process.kill()
            said = client.communicate(timeout=240)[1]
    assert client.returncode == 2
    assert "the dask scheduler has gone; run the same command again" in said, said
    assert "Traceback" not in said
    kept = packages_of(dataset)
    assert len(kept) > 5
    server.hangs.clear()
    server.release()
    counts = rerun(server, dataset, scheduler)
    assert counts.unchanged == len(kept)
    check_complete(server, dataset)


def test_a_package_that_kills_the_worker_itself_is_a_row(tmp_path: Path) -> None:
    with own_cluster(tmp_path) as (scheduler, _process):
        found = stub.run(tmp_path / "data", 40, Cluster(scheduler), stub.deadly)
    assert (found.judged, found.failed) == (39, 1)
    (row,) = [row for row in stub.rows(tmp_path / "data") if row["status"] == "error"]
    assert row["package"] == stub.name_of(7) and row["error"].startswith("a worker died of it")


def test_workers_without_the_program_are_one_error_and_no_rows(tmp_path: Path) -> None:
    with own_cluster(tmp_path) as (scheduler, _process), pytest.raises(WorkerError, match="same version of symver-pin"):
        stub.run(tmp_path / "data", 5, Cluster(scheduler), stub.broken)
    assert not partitions(tmp_path / "data")
