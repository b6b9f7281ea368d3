"""A killed client, a full disk, a killed exchange: a second run completes the survey, and nothing is there twice."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import need_tool
from pinning import COMMAND, IMPORTABLE
from symver_pin.errors import UsageError
from symver_pin.fleet.dataset import Dataset, DatasetWriter
from symver_pin.fleet.survey import Cluster, Counts, survey
from symver_pin.fleet.task import Judged, Task
from symver_pin.glibc.maps import default_maps

from . import stub
from .rows import packages_of, surveyed, verified
from .serving import PackageServer

CLIENT = """
import sys
from pathlib import Path
from symver_pin.fleet.survey import Cluster, survey
from symver_pin.glibc.maps import default_maps
source, dataset, scheduler = sys.argv[1:]
survey([source], Path(dataset), ["2.17"], default_maps(), Cluster(scheduler), batch=4)
"""


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    """Wait until a condition holds; the test fails when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def partitions(dataset: Path) -> list[Path]:
    return sorted(dataset.glob("part-*"))


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
    words = [sys.executable, "-c", CLIENT, server.index, str(dataset), scheduler]
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


def test_a_full_disk_is_one_line_and_leaves_no_half_partition(
    server: PackageServer, scheduler: str, tmp_path: Path
) -> None:
    dataset = tmp_path / "data"
    dataset.mkdir()
    survey_words = f"{shlex.join(COMMAND)} survey {server.index} -o {dataset} --glibc 2.17 --scheduler {scheduler}"
    script = (
        f"mount -t tmpfs -o size=100k tmpfs {dataset} && {{ {survey_words}; echo status $?; ls -A {dataset}; "
        f"mount -o remount,size=100m {dataset}; {survey_words}; echo status $?; cp -r {dataset}/. {tmp_path}/copy; }}"
    )
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]  # which nobody may do in a chroot
    done = subprocess.run(
        [need_tool("unshare"), "--mount", *as_root, "sh", "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, **IMPORTABLE},
    )
    first, _, second = done.stdout.partition("status 2\n")
    assert first == "" and "status 0\n" in second, done.stdout + done.stderr
    assert "a partition cannot be written: " in done.stderr and "No space left on device" in done.stderr
    assert not [line for line in second.partition("status")[0].splitlines() if line.startswith((".new", ".old"))]
    check_complete(server, tmp_path / "copy")


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
