"""Synthetic packages and judges that need no package: for the scheduler, the dataset and scale."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from symver_pin.fleet.schema import FILES, FINDINGS, PACKAGES, REQUIREMENTS, Row, stream_of
from symver_pin.fleet.sources import Listed
from symver_pin.fleet.survey import Cluster, Counts, survey
from symver_pin.fleet.task import Judged, JudgePackage, Settings, Task
from symver_pin.glibc.maps import default_maps

from .rows import read

SETTINGS = Settings(("2.17",), None, "tables")
_DEADLY = 7


def name_of(number: int) -> str:
    return f"stub://host/package{number:06}_1.0.deb"


def judge(task: Task, size: int = 1000) -> Judged:
    """The answer on a package: two files with ten requirements each, as many as a small real one has."""
    row: Row = dict.fromkeys(PACKAGES.names)
    row |= {"package": task.package, "project": "stub", "status": "judged", "size": size, "fetched": 10, "unread": 0}
    row |= {"files": 2, "identity": str(size), "tables": task.settings.tables, "targets": list(task.settings.targets)}
    row["judged_at"] = datetime(2026, 1, 1, tzinfo=timezone.utc)
    files = [_file(task.package, member) for member in ("bin/a", "lib/b.so")]
    requirements = [_requirement(task.package, file["member"], number) for file in files for number in range(10)]
    tables = {"files": stream_of(files, FILES), "requirements": stream_of(requirements, REQUIREMENTS)}
    return Judged(task.package, row, tables | {"findings": stream_of([], FINDINGS)})


def deadly(task: Task) -> Judged:
    """One package kills the worker each time."""
    if task.package == name_of(_DEADLY):
        os.kill(os.getpid(), signal.SIGKILL)
    return judge(task)


def broken(_task: Task) -> Judged:
    """A worker that lacks a module."""
    raise ModuleNotFoundError("No module named 'pyarrow'")


def _file(package: str, member: str) -> Row:
    row: Row = dict.fromkeys(FILES.names)
    row |= {"package": package, "member": member, "architecture": "x86_64", "verdict": "judged"}
    return row | {"lowest_glibc": "2.28", "lowest_glibc_number": 2028, "loads_on": [f"2.{n}" for n in range(28, 44)]}


def _requirement(package: str, member: str, number: int) -> Row:
    row: Row = dict.fromkeys(REQUIREMENTS.names)
    row |= {"package": package, "member": member, "architecture": "x86_64", "symbol": f"symbol{number}"}
    return row | {"version": "GLIBC_2.28", "library": "libc.so.6", "weak": False, "since": "2.28", "since_number": 2028}


def listed(count: int) -> Callable[[str], Iterator[Listed]]:
    """A listing of synthetic packages, in place of `list_packages`."""

    def list_packages(_source: str) -> Iterator[Listed]:
        return (Listed(name_of(number), "1000") for number in range(count))

    return list_packages


def run(dataset: Path, count: int, cluster: Cluster, judged_by: JudgePackage = judge) -> Counts:
    """A survey of synthetic packages."""
    return survey(["stub"], dataset, ["2.17"], default_maps(), cluster, judge=judged_by, list_source=listed(count))


def rows(dataset: Path) -> list[dict[str, Any]]:
    return read(dataset, "packages")
