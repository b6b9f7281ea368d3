"""Judge each package in a process of its own, so that one that crashes it, fills the memory or never ends costs itself.

A worker of dask has threads and may not fork. So each of its threads starts one helper (``python -m
symver_pin.fleet.isolated``), which has no threads, reads the tables once, and forks for every package. The child has
limits of memory and time; it writes rows and an outcome into a folder of its own, and the worker reads them.

Helper and worker speak by lines of JSON. When the worker dies, the helper's standard input ends: it ends its child and
itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from datetime import datetime, timezone
from multiprocessing import connection, get_context
from pathlib import Path
from typing import IO, Any

from symver_pin.errors import SymverPinError
from symver_pin.fleet.fetch import Fetched, digest_of, fetch
from symver_pin.fleet.judge import PackageJudge
from symver_pin.fleet.remote import Facts, FetchError, facts_from, facts_of, is_local, open_place, project_of
from symver_pin.fleet.schema import TABLES, RowStream
from symver_pin.fleet.task import CrashError, Judged, Settings, Task, WorkerError
from symver_pin.glibc.maps import Maps

_OUTCOME, _IDENTITY = "outcome.json", "identity"
_OTHER_TABLES = tuple(name for name in TABLES if name != "packages")
_READY = "ready\n"
"""The first line of a helper that has read the tables."""
_mine = threading.local()
"""The helper of each thread of a worker."""


def judge_package(task: Task) -> Judged:
    """Judge one package; runs in a worker.

    Raises FetchError when it could not be read, CrashError when its process died or reached a limit, and WorkerError
    when this worker can judge nothing.
    """
    with tempfile.TemporaryDirectory(prefix="symver-pin-", dir=_worker_folder(), ignore_cleanup_errors=True) as folder:
        ended = _ask_helper(task, folder)
        outcome = _read_outcome(Path(folder)) or {"status": "crash", "error": f"{task.package}: {ended}"}
        match outcome["status"]:
            case "fetch":
                raise FetchError(outcome["error"])
            case "crash":
                raise CrashError(outcome["error"], _read_text(Path(folder) / _IDENTITY) or None)
            case "unchanged":
                return Judged(task.package, None, {})
        row = outcome["row"]
        row["judged_at"] = datetime.now(timezone.utc).replace(microsecond=0)
        tables = {name: (Path(folder) / name).read_bytes() for name in _OTHER_TABLES}
        return Judged(task.package, row, tables)


def _read_outcome(folder: Path) -> dict[str, Any] | None:
    """What the child wrote at its end; None when it did not come to its end."""
    try:
        found: dict[str, Any] = json.loads(_read_text(folder / _OUTCOME) or "")
    except ValueError:
        return None
    return found


def _read_text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None


def _worker_folder() -> str | None:
    """The folder of the dask worker, which dask removes when a worker was killed; None outside of one."""
    from distributed import get_worker

    try:
        return str(get_worker().local_directory)
    except ValueError:
        return None


def _ask_helper(task: Task, folder: str) -> str:
    """Let the helper of this thread judge a package into a folder; how the process that did it ended."""
    helper: subprocess.Popen[str] | None = getattr(_mine, "helper", None)
    if helper is None or helper.poll() is not None:
        words = [sys.executable, "-m", __spec__.name, *([task.settings.maps] if task.settings.maps else [])]
        helper = _mine.helper = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = _stream(helper.stdout).readline()
        if ready != _READY:
            raise WorkerError(f"a worker cannot judge packages: {ready.strip() or 'its helper process does not start'}")
    try:
        _stream(helper.stdin).write(f"{json.dumps({'task': task, 'folder': folder})}\n")
        _stream(helper.stdin).flush()
        answer = _stream(helper.stdout).readline()
    except OSError:
        answer = ""
    if not answer:
        helper.kill()
        return f"the helper process of its worker died (exit status {helper.wait()})"
    return str(json.loads(answer))


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None, "Popen was given PIPE"
    return stream


def main() -> None:
    """Read requests and answer each with how its child ended, until standard input ends. The only argument is the
    folder of the symbol tables; without one they are the shipped ones.
    """
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a library prints is no answer
    try:
        maps = Maps(*sys.argv[1:])
        _judge_of(("2.17",), maps)
    except SymverPinError as error:
        answers.write(f"{error}\n")
        return
    answers.write(_READY)
    context = get_context("fork")
    judges: dict[tuple[str, ...], PackageJudge] = {}
    for line in sys.stdin:
        request = json.loads(line)
        package, settings, *known = request["task"]
        task = Task(package, Settings(*settings), *known)
        targets = tuple(task.settings.targets)
        if targets not in judges:
            judges[targets] = _judge_of(targets, maps)
        child = context.Process(target=_work, args=(task, Path(request["folder"]), judges[targets]))
        child.start()
        ready = connection.wait([child.sentinel, sys.stdin.fileno()], task.settings.seconds)
        if child.sentinel not in ready:
            child.kill()
        child.join()
        if sys.stdin.fileno() in ready:
            return  # the worker has gone: it sends no request before it has the answer
        answers.write(f"{json.dumps(_ending(child.exitcode, bool(ready), task.settings))}\n")


def _judge_of(targets: Sequence[str], maps: Maps) -> PackageJudge:
    """A judge that has judged one program: its tables, and Python's modules, are read here and not in every child.

    aiohttp, too, is imported here; its connections are made in the children alone, since they have a thread.
    """
    import fsspec.implementations.http  # noqa: F401

    found = PackageJudge([maps.target(target) for target in targets], maps)
    found.judge(sys.executable, "", lambda _table, _row: None)
    return found


def _ending(code: int | None, in_time: bool, settings: Settings) -> str:
    """How a child ended, for the row of its package."""
    if not in_time:
        return f"not judged within {settings.seconds} s; see --time-limit"
    if code is not None and code < 0:
        return f"the process that judged it died of signal {-code}"
    return f"the process that judged it ended with exit status {code}"


def _work(task: Task, folder: Path, judge: PackageJudge) -> None:
    """Read and judge one package in the child; writes the tables and the outcome into a folder."""
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (task.settings.memory, task.settings.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        outcome = _outcome(task, folder, judge)
    except FetchError as error:
        outcome = {"status": "fetch", "error": str(error)}
    except MemoryError:
        limit = f"{task.settings.memory >> 20} MB"
        outcome = {"status": "crash", "error": f"{task.package}: needs more than {limit} of memory; see --memory-limit"}
    except OSError as error:
        outcome = {"status": "fetch", "error": f"{task.package}: {error.strerror or error}"}
    except SymverPinError as error:
        outcome = {"status": "crash", "error": str(error)}
    (folder / _OUTCOME).write_text(json.dumps(outcome), encoding="utf-8")


def _outcome(task: Task, folder: Path, judge: PackageJudge) -> dict[str, Any]:
    found = _fetched(task, folder)
    if found is None:
        return {"status": "unchanged"}
    path, facts, fetched = found
    streams = {name: RowStream(str(folder / name), TABLES[name]) for name in _OTHER_TABLES}
    (folder / _IDENTITY).write_text(facts.identity or "", encoding="utf-8")
    files = judge.judge(str(path), task.package, lambda table, row: streams[table].add(row))
    for stream in streams.values():
        stream.close()
    row = {
        "package": task.package,
        "project": project_of(task.package),
        "status": "judged",
        "error": None,
        "size": fetched.size,
        "fetched": fetched.fetched,
        "unread": fetched.unread,
        "files": files,
        "identity": facts.identity,
        "sha256": fetched.sha256,
        "tables": task.settings.tables,
        "targets": list(task.settings.targets),
    }
    return {"status": "judged", "row": row}


def _fetched(task: Task, folder: Path) -> tuple[Path, Facts, Fetched] | None:
    """The package on the local disk; None if it has not changed since it was judged."""
    if is_local(task.package):
        path = Path(task.package)
        status = path.stat()
        facts = facts_from({"size": status.st_size, "mtime": status.st_mtime_ns})
        if facts.identity == task.identity:
            return None
        digest = digest_of(path)
        return None if digest == task.sha256 else (path, facts, Fetched(facts.size or 0, 0, 0, digest))
    files, place = open_place(task.package)
    facts = facts_of(files, place)
    if facts.identity is not None and facts.identity == task.identity:
        return None
    (folder / "package").mkdir()
    name = task.package.partition("?")[0].rstrip("/").rpartition("/")[2]
    path = folder / "package" / (name[-200:] or "package")
    fetched = fetch(files, place, facts, path, task.settings.reads_all)
    return None if fetched.sha256 is not None and fetched.sha256 == task.sha256 else (path, facts, fetched)


if __name__ == "__main__":
    main()
