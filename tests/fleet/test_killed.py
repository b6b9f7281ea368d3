"""Whatever is killed, a second run completes the survey: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import REPO, need_tool
from symver_pin.errors import UsageError
from symver_pin.fleet.dataset import Dataset, DatasetWriter
from symver_pin.fleet.survey import Cluster, Counts, survey
from symver_pin.fleet.task import Judged, Task, WorkerError
from symver_pin.glibc.maps import default_maps

from . import stub
from .rows import packages_of, surveyed, verified
from .serving import PackageServer

_CLIENT = """
import sys
from pathlib import Path
from symver_pin.fleet.survey import Cluster, survey
from symver_pin.glibc.maps import default_maps
source, dataset, scheduler = sys.argv[1:]
survey([source], Path(dataset), ["2.17"], default_maps(), Cluster(scheduler), batch=4)
"""
_CLUSTER = """
import sys, time
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50)
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    """Wait until a condition holds; the test fails when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def partitions(dataset: Path) -> list[Path]:
    return sorted(dataset.glob("part-*"))


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


def rerun(server: PackageServer, dataset: Path, scheduler: str) -> Counts:
    return survey([server.index], dataset, ["2.17"], default_maps(), Cluster(scheduler), batch=4)


def check_complete(server: PackageServer, dataset: Path) -> None:
    """Every package is there once, with the rows of a few as `verify` has them, and nothing is left over."""
    names = sorted(server.url(path.name) for path in server.folder.iterdir())
    assert packages_of(dataset) == names
    found = surveyed(dataset)
    for path in sorted(server.folder.iterdir())[::8]:
        assert found[server.url(path.name)] == verified(path, server.url(path.name), ["2.17"])
    assert not [path.name for path in dataset.iterdir() if path.name.startswith((".new", ".old"))]


def test_a_killed_client_goes_on_where_it_was(server: PackageServer, scheduler: str, tmp_path: Path) -> None:
    dataset = tmp_path / "data"
    words = [sys.executable, "-c", _CLIENT, server.index, str(dataset), scheduler]
    with subprocess.Popen(words) as client:
        wait_for(lambda: len(partitions(dataset)) >= 2)
        client.kill()
    before = {path: path.stat().st_ino for path in partitions(dataset)}
    kept = packages_of(dataset)
    assert len(kept) >= 4
    counts = rerun(server, dataset, scheduler)
    assert counts.judged + len(kept) == len(list(server.folder.iterdir())) and counts.unchanged == len(kept)
    assert before.items() <= {path: path.stat().st_ino for path in partitions(dataset)}.items()
    check_complete(server, dataset)


def test_a_killed_worker_is_replaced(server: PackageServer, tmp_path: Path) -> None:
    from distributed import Client

    with own_cluster(tmp_path) as (scheduler, _process):
        words = [sys.executable, "-c", _CLIENT, server.index, str(tmp_path / "data"), scheduler]
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
        words = ["symver-pin", "survey", server.index, "-o", str(dataset), "--glibc", "2.17", "--scheduler", lost]
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as client:
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


def test_a_full_disk_is_one_line_and_leaves_no_half_partition(
    server: PackageServer, scheduler: str, tmp_path: Path
) -> None:
    dataset = tmp_path / "data"
    dataset.mkdir()
    survey_words = f"symver-pin survey {server.index} -o {dataset} --glibc 2.17 --scheduler {scheduler}"
    script = (
        f"mount -t tmpfs -o size=100k tmpfs {dataset} && {{ {survey_words}; echo status $?; ls -A {dataset}; "
        f"mount -o remount,size=100m {dataset}; {survey_words}; echo status $?; cp -r {dataset}/. {tmp_path}/copy; }}"
    )
    done = subprocess.run(
        [need_tool("unshare"), "--mount", "--map-root-user", "sh", "-c", script], capture_output=True, text=True
    )
    first, _, second = done.stdout.partition("status 2\n")
    assert first == "" and "status 0\n" in second, done.stdout + done.stderr
    assert "a partition cannot be written: " in done.stderr and "No space left on device" in done.stderr
    assert not [line for line in second.partition("status")[0].splitlines() if line.startswith((".new", ".old"))]
    check_complete(server, tmp_path / "copy")


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


@pytest.mark.parametrize("moment", ["before", "between", "behind"])
def test_a_dataset_is_repaired_whenever_the_exchange_of_a_partition_was_killed(moment: str, tmp_path: Path) -> None:
    def answer(name: str, size: int) -> Judged:
        return stub.judge(Task(name, stub.SETTINGS), size)

    with DatasetWriter(tmp_path) as dataset:
        dataset.add([answer("a", 1), answer("b", 1)])
        dataset.add([answer("a", 2)], replaced="part-000001")
    assert {(row["package"], row["size"]) for row in stub.rows(tmp_path)} == {("a", 2), ("b", 1)}
    assert [path.name for path in partitions(tmp_path)] == ["part-000002"]
    with DatasetWriter(tmp_path) as dataset:  # the state in which a kill leaves the next exchange
        dataset.add([answer("a", 3), answer("b", 3)])
    new, old = tmp_path / "part-000003", tmp_path / "part-000002"
    if moment == "before":
        new.rename(tmp_path / ".new-000003")
    elif moment == "between":
        old.rename(tmp_path / ".old-000002-by-000003")
        new.rename(tmp_path / ".new-000003")
    else:
        old.rename(tmp_path / ".old-000002-by-000003")
    with DatasetWriter(tmp_path):
        sizes = {("a", 3), ("b", 3)} if moment == "behind" else {("a", 2), ("b", 1)}
        assert sorted((row["package"], row["size"]) for row in stub.rows(tmp_path)) == sorted(sizes)
        assert len(list(tmp_path.glob(".new*"))) == len(list(tmp_path.glob(".old*"))) == 0
        with pytest.raises(UsageError, match="another survey is writing"):
            DatasetWriter(tmp_path)
    assert Dataset(tmp_path).known()["a"].partition in ("part-000002", "part-000003")
