"""One survey: list the packages, leave out those that have been judged, judge the others on dask, add partitions.

Work is planned in batches, each of which becomes a partition when all its packages are judged: new packages in groups
of ``BATCH``, and the packages that have changed by the partition in which they are. Only a few packages for each
thread of the cluster are submitted at a time, so scheduler and client hold a bounded number however many there are.
What is lost when the client is killed are the packages of the batches that are not full yet.
"""

from __future__ import annotations

import itertools
import logging
from asyncio import CancelledError
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

from symver_pin.errors import SymverPinError, UsageError
from symver_pin.fleet.dataset import DatasetWriter, Known, version_of
from symver_pin.fleet.isolated import judge_package
from symver_pin.fleet.remote import FetchError, project_of
from symver_pin.fleet.schema import PACKAGES, Row
from symver_pin.fleet.sources import Listed, list_packages
from symver_pin.fleet.task import CrashError, Judged, JudgePackage, Settings, Task, WorkerError
from symver_pin.glibc.maps import Maps

BATCH = 200
"""The new packages of a partition."""
_PER_THREAD, _LEAST_SUBMITTED = 4, 16
"""The packages that are submitted at a time for each thread of the cluster, and for all together at least."""
_RETRIES = 1
"""How often dask runs a package again that failed: two tries."""

Progress = Callable[[int, int, str], None]


class Cluster(NamedTuple):
    """Where packages are judged."""

    scheduler: str | None = None
    """The address of a dask scheduler; None for workers of this machine."""
    jobs: int = 0
    """The workers of this machine; 0 for one for each processor."""


class Counts(NamedTuple):
    """What a survey did."""

    judged: int
    failed: int
    """Packages with a row that says why they could not be judged."""
    unchanged: int
    unread: tuple[str, ...]
    """A line for each package that could not be read today; the next survey tries again."""


@dataclass
class _Batch:
    """Packages that become one partition."""

    tasks: list[Task]
    replaced: str | None = None
    """The partition in which they are."""
    open: int = 0
    """Tasks without an answer."""
    judged: list[Judged] = field(default_factory=list)


def survey(
    sources: Iterable[str],
    output: Path,
    targets: Sequence[str],
    maps: Maps,
    cluster: Cluster = Cluster(),  # noqa: B008  (a tuple of constants)
    limits: Settings | None = None,
    progress: Progress | None = None,
    announce: Callable[[str], None] = lambda _line: None,
    judge: JudgePackage = judge_package,
    batch: int = BATCH,
    list_source: Callable[[str], Iterable[Listed]] = list_packages,
) -> Counts:
    """Judge the packages of ``sources``, and add them to the dataset ``output``.

    ``targets`` are the releases or platforms for which findings are kept. ``limits`` has the limits for a package; its
    targets and tables are not looked at. ``announce`` is called with lines about the run: the dashboard's address.
    ``judge`` judges one package in a worker; ``list_source`` lists the packages of a source; ``batch`` is the number of
    new packages of a partition.

    Raises UsageError when a source, target or scheduler is wrong or another survey writes to the dataset, OutputError
    when a partition cannot be written; what was added before stays.
    """
    labels = tuple(dict.fromkeys(maps.target(target).label for target in targets))
    own_maps = None if maps.is_shipped else str(maps.folder)
    limits = limits or Settings((), None, "")
    settings = limits._replace(targets=labels, maps=own_maps, tables=version_of(maps))
    listed: dict[str, Listed] = {}
    for source in sources:
        for package in list_source(source):
            listed.setdefault(package.package, package)
    with DatasetWriter(output) as dataset:
        batches, unchanged = _plan(listed.values(), dataset.known(), settings, batch)
        run = _Run(dataset, batches, judge, progress, unchanged)
        if batches:
            with _client(cluster) as client:
                announce(f"dask dashboard: {client.dashboard_link}")
                run.judge_all(client)
    return run.counts


def _plan(listed: Iterable[Listed], known: dict[str, Known], settings: Settings, size: int) -> tuple[list[_Batch], int]:
    """The batches, and the number of packages that have not changed as their listing says."""
    new: list[Task] = []
    again: dict[str, list[Task]] = {}
    unchanged = 0
    for package, identity in listed:
        before = known.get(package)
        if before is None:
            new.append(Task(package, settings))
            continue
        is_current = before.tables == settings.tables and set(settings.targets) <= set(before.targets)
        if is_current and identity is not None and identity == before.identity:
            unchanged += 1
            continue
        task = Task(package, settings, before.identity, before.sha256) if is_current else Task(package, settings)
        again.setdefault(before.partition, []).append(task)
    batches = [_Batch(tasks, partition) for partition, tasks in sorted(again.items())]
    batches += [_Batch(new[at : at + size]) for at in range(0, len(new), size)]
    return batches, unchanged


@contextmanager
def _client(cluster: Cluster) -> Iterator[Any]:
    """A client of the cluster that the user named, or of one that is started on this machine."""
    from distributed import Client, LocalCluster
    from distributed.utils import silence_logging_cmgr

    if cluster.scheduler is not None:
        with silence_logging_cmgr(logging.CRITICAL):  # it logs a lost scheduler with tracebacks
            try:
                client = Client(cluster.scheduler, timeout=10, set_as_default=False)
            except (OSError, ValueError) as error:
                raise UsageError(f"--scheduler {cluster.scheduler}: no dask scheduler answers there") from error
            with client:
                yield client
        return
    with (
        LocalCluster(
            n_workers=cluster.jobs or None,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        ) as local,
        Client(local, set_as_default=False) as client,
    ):
        yield client


class _Run:
    """The work of one survey."""

    def __init__(
        self,
        dataset: DatasetWriter,
        batches: list[_Batch],
        judge: JudgePackage,
        progress: Progress | None,
        unchanged: int,
    ) -> None:
        self._dataset, self._batches, self._judge, self._progress = dataset, batches, judge, progress
        self._judged = self._failed = 0
        self._unchanged = unchanged
        self._unread: list[str] = []
        self._done, self._all = 0, sum(len(batch.tasks) for batch in batches)

    @property
    def counts(self) -> Counts:
        """What was done."""
        return Counts(self._judged, self._failed, self._unchanged, tuple(self._unread))

    def judge_all(self, client: Any) -> None:
        """Judge all packages. What is judged is added, also when the run ends early by an exception."""
        from distributed import as_completed

        left = self._tasks()
        places: dict[str, tuple[Task, _Batch]] = {}

        def submit(count: int) -> list[Any]:
            futures = []
            for task, batch in itertools.islice(left, count):
                future = client.submit(self._judge, task, retries=_RETRIES, pure=False)
                places[future.key] = task, batch
                futures.append(future)
            return futures

        threads = sum(client.nthreads().values())
        running = as_completed(submit(max(_LEAST_SUBMITTED, _PER_THREAD * threads)), loop=client.loop)
        try:
            for future in running:
                task, batch = places.pop(future.key)
                self._take(future, task, batch)
                future.release()
                running.update(submit(1))
        except (OSError, CancelledError) as error:
            raise _lost_scheduler() from error
        finally:
            for batch in self._batches:
                self._add(batch)

    def _tasks(self) -> Iterator[tuple[Task, _Batch]]:
        for batch in self._batches:
            batch.open = len(batch.tasks)
            yield from ((task, batch) for task in batch.tasks)
            batch.tasks = []  # a survey may have a million

    def _take(self, future: Any, task: Task, batch: _Batch) -> None:
        """Note the answer on one package; add its batch when that was the last one."""
        batch.open -= 1
        if future.cancelled():
            raise _lost_scheduler()
        error = future.exception() if future.status == "error" else None
        if error is not None and not _is_about_package(error):
            raise _worker_error(error)
        if isinstance(error, FetchError):
            self._unread.append(str(error))
        elif error is not None:
            self._failed += 1
            batch.judged.append(_failure(task, error))
        else:
            judged = future.result()
            if judged.row is None:
                self._unchanged += 1
            else:
                self._judged += 1
                batch.judged.append(judged)
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._all, task.package)
        if not batch.open:
            self._add(batch)

    def _add(self, batch: _Batch) -> None:
        judged, batch.judged = batch.judged, []
        if judged:
            self._dataset.add(judged, batch.replaced)


def _is_about_package(error: BaseException) -> bool:
    """True if the package is the reason why a try failed, and not the worker, which would fail with any."""
    from distributed import KilledWorker

    return isinstance(error, FetchError | CrashError | KilledWorker)


def _lost_scheduler() -> SymverPinError:
    return UsageError("the dask scheduler has gone; run the same command again: it goes on from here")


def _worker_error(error: BaseException) -> SymverPinError:
    if isinstance(error, WorkerError):
        return error
    reason = " ".join(str(error).split())
    return WorkerError(
        f"a worker cannot judge packages: {type(error).__name__}: {reason}; each needs the same version of symver-pin, "
        "with the packages of symver-pin[fleet]"
    )


def _failure(task: Task, error: BaseException) -> Judged:
    """The answer on a package that failed in both tries: its row with the error."""
    reason = str(error) if isinstance(error, SymverPinError) else f"a worker died of it several times: {error}"
    row: Row = dict.fromkeys(PACKAGES.names)
    row |= {
        "package": task.package,
        "project": project_of(task.package),
        "status": "error",
        "error": " ".join(reason.split()),
        "fetched": 0,
        "unread": 0,
        "files": 0,
        "identity": error.identity if isinstance(error, CrashError) else None,
        "tables": task.settings.tables,
        "targets": list(task.settings.targets),
        "judged_at": datetime.now(timezone.utc).replace(microsecond=0),
    }
    return Judged(task.package, row, {})
