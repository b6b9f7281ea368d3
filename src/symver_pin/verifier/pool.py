"""Distribute work on many items over processes.

The processes are forked when the work is known, so nothing is sent to them but positions: they inherit the items. What
they return is sent back in chunks. A child that dies (a file that is truncated while it is mapped ends a process with
SIGBUS) costs only its results: the items without a result are done in this process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_CHUNKS_PER_PROCESS = 8
"""A process takes this many chunks on average, so that all end at about the same time."""

_inherited: tuple[Callable[[Any], Any], Sequence[Any]] | None = None
"""The work of a child process, and its items."""


class Pool(Generic[T, R]):
    """``jobs`` processes that do ``work`` on each of ``items``; with one job all is done in this process."""

    def __init__(self, work: Callable[[T], R], items: Sequence[T], jobs: int) -> None:
        self._work, self._items, self._jobs = work, items, jobs

    def run(self, large: Sequence[int] = (), done: Callable[[int], None] = lambda _position: None) -> list[R]:
        """The results in the order of the items.

        ``large`` are the positions of items that take long, each a chunk of its own, begun first. ``done`` is called
        with the position of each item that is finished, or in this process about to be worked on. An exception that
        ``work`` raises is raised here.
        """
        results: dict[int, R] = {}
        if self._jobs > 1 and len(self._items) > 1:
            self._run_in_processes(self._chunks(large), results, done)
        for position, item in enumerate(self._items):
            if position not in results:
                done(position)
                results[position] = self._work(item)
        return [results[position] for position in range(len(self._items))]

    def _chunks(self, large: Sequence[int]) -> list[Sequence[int]]:
        """Positions of items; neighbours stay together, since they load the same libraries."""
        begun_first = frozenset(large)
        small = [position for position in range(len(self._items)) if position not in begun_first]
        size = max(1, len(small) // (self._jobs * _CHUNKS_PER_PROCESS))
        return [*([position] for position in large), *(small[at : at + size] for at in range(0, len(small), size))]

    def _run_in_processes(
        self, chunks: list[Sequence[int]], results: dict[int, R], done: Callable[[int], None]
    ) -> None:
        import multiprocessing  # 40 ms, and most runs need one process
        from concurrent.futures import ProcessPoolExecutor, as_completed
        from concurrent.futures.process import BrokenProcessPool

        executor = ProcessPoolExecutor(
            self._jobs, multiprocessing.get_context("fork"), _start_child, (self._work, self._items)
        )
        try:
            futures = {executor.submit(_do_chunk, chunk): chunk for chunk in chunks}
            for future in as_completed(futures):
                try:
                    found = future.result()
                except BrokenProcessPool:
                    continue
                results.update(zip(futures[future], found, strict=True))
                for position in futures[future]:
                    done(position)
        except BaseException:
            for child in multiprocessing.active_children():  # or they would finish their chunks first
                child.terminate()
            raise
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


def _start_child(work: Callable[[Any], Any], items: Sequence[Any]) -> None:
    import signal

    global _inherited
    _inherited = work, items
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it


def _do_chunk(chunk: Sequence[int]) -> list[Any]:
    assert _inherited is not None, "set by _start_child"
    work, items = _inherited
    return [work(items[position]) for position in chunk]
