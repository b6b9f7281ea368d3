"""Distribute work on many items over processes.

The processes are forked when the work is known, so nothing is sent to them but positions: they inherit the items. What
they return is sent back in chunks; the results of an item with very many, a large archive, come in a file. A child that
dies (a file that is truncated while it is mapped ends a process with SIGBUS) costs only its results: the items without
a result are done in this process.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_CHUNKS_PER_PROCESS = 8
"""A process takes this many chunks on average, so that all end at about the same time."""
_MOST_SENT = 1000
"""The results of one item that are sent through a pipe; more are written to a file."""

_inherited: tuple[Callable[[Any], Iterable[Any]], Sequence[Any], str] | None = None
"""The work of a child process, its items, and the folder for results."""


class _Written(NamedTuple):
    """The results of an item in a file: one pickled object after another."""

    path: str
    results: int

    def __iter__(self) -> Iterator[Any]:
        import pickle

        with Path(self.path).open("rb") as stream:
            for _ in range(self.results):
                yield pickle.load(stream)  # a child of this process wrote it
        Path(self.path).unlink()


class Pool(Generic[T, R]):
    """``jobs`` processes that do ``work`` on each of ``items``; with one job all is done in this process."""

    def __init__(self, work: Callable[[T], Iterable[R]], items: Sequence[T], jobs: int) -> None:
        self._work, self._items, self._jobs = work, items, jobs

    def run(self, large: Sequence[int] = (), done: Callable[[int], None] = lambda _position: None) -> Iterator[R]:
        """Yields the results of the first item, then those of the second ... as soon as they are known.

        ``large`` are the positions of items that take long, each a chunk of its own, begun first. ``done`` is called
        with the position of each item that is finished, or in this process about to be worked on. An exception that
        ``work`` raises is raised here.
        """
        if self._jobs < 2 or len(self._items) < 2:
            for position in range(len(self._items)):
                yield from self._do(position, done)
            return
        import tempfile  # it takes time, and most runs need one process

        with tempfile.TemporaryDirectory(prefix="symver-pin-", ignore_cleanup_errors=True) as folder:
            results: dict[int, Iterable[R]] = {}
            following = 0
            for _ in self._run_in_processes(self._chunks(large), results, done, folder):
                while following in results:
                    yield from results.pop(following)
                    following += 1
            for position in range(following, len(self._items)):
                yield from results.pop(position) if position in results else self._do(position, done)

    def _do(self, position: int, done: Callable[[int], None]) -> Iterable[R]:
        done(position)
        return self._work(self._items[position])

    def _chunks(self, large: Sequence[int]) -> list[Sequence[int]]:
        """Positions of items; neighbours stay together, since they load the same libraries."""
        begun_first = frozenset(large)
        small = [position for position in range(len(self._items)) if position not in begun_first]
        size = max(1, len(small) // (self._jobs * _CHUNKS_PER_PROCESS))
        return [*([position] for position in large), *(small[at : at + size] for at in range(0, len(small), size))]

    def _run_in_processes(
        self, chunks: list[Sequence[int]], results: dict[int, Iterable[R]], done: Callable[[int], None], folder: str
    ) -> Iterator[None]:
        """Fills ``results``, and yields after each chunk."""
        import multiprocessing  # 40 ms, and most runs need one process
        from concurrent.futures import ProcessPoolExecutor, as_completed
        from concurrent.futures.process import BrokenProcessPool

        executor = ProcessPoolExecutor(
            self._jobs, multiprocessing.get_context("fork"), _start_child, (self._work, self._items, folder)
        )
        try:
            futures = {executor.submit(_do_chunk, chunk): chunk for chunk in chunks}
            for future in as_completed(list(futures)):
                chunk = futures.pop(future)  # a future keeps its results
                try:
                    found = future.result()
                except BrokenProcessPool:
                    continue
                results.update(zip(chunk, found, strict=True))
                for position in chunk:
                    done(position)
                yield
        except BaseException:
            for child in multiprocessing.active_children():  # or they would finish their chunks first
                child.terminate()
            raise
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


def _start_child(work: Callable[[Any], Iterable[Any]], items: Sequence[Any], folder: str) -> None:
    import signal

    global _inherited
    _inherited = work, items, folder
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it


def _do_chunk(chunk: Sequence[int]) -> list[Iterable[Any]]:
    assert _inherited is not None, "set by _start_child"
    work, items, folder = _inherited
    return [_results(iter(work(items[position])), f"{folder}/{position}") for position in chunk]


def _results(found: Iterator[Any], path: str) -> Iterable[Any]:
    """The results as a list; in a file when they are many."""
    first = list(itertools.islice(found, _MOST_SENT))
    more = next(found, None)
    if more is None:
        return first
    import pickle

    count = 0
    with Path(path).open("wb") as stream:
        for each in itertools.chain(first, (more,), found):
            pickle.dump(each, stream)
            count += 1
    return _Written(path, count)
