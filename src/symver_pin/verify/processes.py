"""Do one thing to many files in several processes, forked when everything is read that all of them need.

Each process has a stretch of the files, since neighbours load the same libraries, which a process reads once. The blocks
of a stretch lie in a pipe, from which its process takes the next one when it is done with the last, and from the others'
pipes when its own is empty; this process works like the others. What a child found it sends back in one piece at its end, so no process waits for another. The
blocks of a child that dies (a file that is cut short while it is mapped ends in SIGBUS) are done again by this process.
"""

from __future__ import annotations

import os
import pickle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeVar

    T = TypeVar("T")
    R = TypeVar("R")

#: How many files a process takes at a time.
_BLOCK = 8
#: The bytes of a block's number in the pipe. A pipe holds at least 4096, so all are written before the first is read.
_NUMBER = 4
_MOST_BLOCKS = 1000


def map_in_processes(work: Callable[[T], R], items: Sequence[T], jobs: int) -> list[R]:
    """``[work(item) for item in items]``; results travel by pickle."""
    size = max(_BLOCK, -(-len(items) // _MOST_BLOCKS))
    starts = range(0, len(items), size)
    jobs = min(jobs, len(starts))
    queues = [_queue(range(len(starts))[len(starts) * n // jobs : len(starts) * (n + 1) // jobs]) for n in range(jobs)]
    children = [_start(work, items, queues[n:] + queues[:n], size) for n in range(1, jobs)]
    found = dict(_take_blocks(work, items, queues, size))
    for queue in queues:
        os.close(queue)
    for child, answer in children:
        with os.fdopen(answer, "rb") as stream:
            data = stream.read()
        _, status = os.waitpid(child, 0)
        if status == 0:
            found.update(pickle.loads(data))
    for number, start in enumerate(starts):
        if number not in found:
            found[number] = [work(item) for item in items[start : start + size]]
    return [result for number in range(len(starts)) for result in found[number]]


def _queue(blocks: Iterable[int]) -> int:
    """A pipe with the numbers of some blocks in it."""
    queue, queue_in = os.pipe()
    os.write(queue_in, b"".join(number.to_bytes(_NUMBER, "little") for number in blocks))
    os.close(queue_in)
    return queue


def _take_blocks(
    work: Callable[[T], R], items: Sequence[T], queues: Iterable[int], size: int
) -> Iterator[tuple[int, list[R]]]:
    for queue in queues:
        while number := os.read(queue, _NUMBER):
            start = int.from_bytes(number, "little") * size
            yield start // size, [work(item) for item in items[start : start + size]]


def _start(work: Callable[[T], R], items: Sequence[T], queues: Sequence[int], size: int) -> tuple[int, int]:
    """Fork; the child's number and the pipe that its answer comes through."""
    answer, answer_in = os.pipe()
    child = os.fork()
    if child:
        os.close(answer_in)
        return child, answer
    status = 1
    try:
        os.close(answer)
        data = pickle.dumps(list(_take_blocks(work, items, queues, size)), pickle.HIGHEST_PROTOCOL)
        with os.fdopen(answer_in, "wb") as stream:
            stream.write(data)
        status = 0
    finally:
        # Not sys.exit: what the parent has buffered or registered is not the child's to flush or undo.
        os._exit(status)
