"""Several processes that judge many files together.

They are forked before any file is read, and from there on all run the same code: what each finds out in the first step
(``share``) all have after it, what each finds out in the last one (``collect``) this process has, where the others end.
To fork again for the second step would cost more than to send the results around: each page of memory that either of
two processes touches is copied then, and counting references touches all of them.

Each process has a stretch of the files, since neighbours load the same libraries, which a process reads once; in the
last step those that it had in the first. The blocks of a stretch lie in a pipe, from which its process takes the next
one when it is done with the last, and from the others' pipes when its own is empty. What a process found travels in one
piece at the end of a step. The blocks of a child that dies (a file that is cut short while it is mapped ends in SIGBUS)
are done again by this process.
"""

from __future__ import annotations

import marshal
import os
from io import FileIO

from symver_pin.light import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, Protocol, TypeVar

    T = TypeVar("T")
    R = TypeVar("R")

    class Language(Protocol[R]):
        """How processes tell each other of what they found, in values that can be marshalled."""

        def pack(self, result: R) -> Any: ...

        def unpack(self, value: Any) -> R: ...


#: How many files a process takes at a time, and how often it comes back for more where there are few.
_BLOCK, _TIMES = 8, 8
#: The bytes of a block's number in its pipe. A pipe holds at least 4096, so all are written before the first is read.
_NUMBER = 4
_MOST_BLOCKS = 1000
#: The bytes of a piece's length in front of it.
_LENGTH = 8
_STEPS = 2


class _Child(NamedTuple):
    """A process as its parent sees it."""

    process: int
    answers: tuple[FileIO, FileIO]
    """For each step, the pipe that what it found comes through."""
    news: FileIO
    """The pipe to it."""

    def close(self) -> None:
        for pipe in (*self.answers, self.news):
            pipe.close()


class Team:
    """The processes of one run; to be used as a context, which none but this process leaves."""

    def __init__(self, jobs: int) -> None:
        self._queues = [[_pipe() for _ in range(jobs)] for _ in range(_STEPS)]
        """For each step, each process's pipe of blocks."""
        self._children: list[_Child] = []
        """Of the parent."""
        self.place = 0
        """Which of the processes this one is; 0 is the parent."""
        self._shares: list[list[int]] = []
        """Of the parent: the blocks that each process did in the last step."""
        for place in range(1, jobs):
            first, second, news = _pipe(), _pipe(), _pipe()
            child = os.fork()
            if child == 0:
                # Whoever waits at the other end of a pipe is to see its end when the parent is gone.
                for other in self._children:
                    other.close()
                for _, write in (pipe for queues in self._queues for pipe in queues):
                    write.close()
                for pipe in (first[0], second[0], news[1]):
                    pipe.close()
                self._children, self.place, self._ways, self._news = [], place, (first[1], second[1]), news[0]
                break
            for pipe in (first[1], second[1], news[0]):
                pipe.close()
            self._children.append(_Child(child, (first[0], second[0]), news[1]))

    def __enter__(self) -> Team:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.place:
            # Not sys.exit: what the parent has buffered or registered is not the child's to flush or undo.
            os._exit(1)
        for pipe in (end for queues in self._queues for ends in queues for end in ends):
            pipe.close()
        for child in self._children:
            child.close()
            os.waitpid(child.process, 0)

    def share(self, work: Callable[[T], R], items: Sequence[T], language: Language[R]) -> list[R]:
        """``[work(item) for item in items]`` in every process; what each found travels in a language."""
        found = self._take(0, work, items)
        if self.place:
            _send(self._ways[0], [marshal.dumps(list(found)), _packed(found, language)])
            pieces = _receive(self._news)
        else:
            own, count = _packed(found, language), len(found)  # the children do the same meanwhile
            answers = self._answers(0, work, items, found)
            answers.insert(0, own if len(found) == count else _packed(found, language))
            for place, child in enumerate(self._children, 1):
                _send(child.news, [answer for at, answer in enumerate(answers) if at != place])
            pieces = iter(answers[1:])
        for piece in filter(None, pieces):
            for number, values in marshal.loads(piece).items():
                found[number] = list(map(language.unpack, values))
        return _in_order(found)

    def collect(self, work: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """The same of as many items in this process; the others end."""
        found = self._take(1, work, items)
        if self.place:
            _send(self._ways[1], [marshal.dumps(list(found)), _written(found)])
            os._exit(0)
        for piece in filter(None, self._answers(1, work, items, found)):
            found.update(_read(piece))
        return _in_order(found)

    def _take(self, step: int, work: Callable[[T], R], items: Sequence[T]) -> dict[int, list[R]]:
        """What this process has found in its share of the blocks, by their numbers."""
        queues, blocks = self._queues[step], self._blocks(items)
        if not self.place:
            count, jobs = len(blocks), len(queues)
            even = [list(range(count * place // jobs, count * (place + 1) // jobs)) for place in range(jobs)]
            shares = self._shares or even
            for share, (_, write) in zip(shares, queues, strict=True):
                write.write(b"".join(number.to_bytes(_NUMBER, "little") for number in share))
                write.close()
        found = {}
        for read, _ in queues[self.place :] + queues[: self.place]:
            while word := read.read(_NUMBER):
                number = int.from_bytes(word, "little")
                found[number] = [work(items[at]) for at in blocks[number]]
        return found

    def _answers(self, step: int, work: Callable[[T], R], items: Sequence[T], found: dict[int, list[R]]) -> list[bytes]:
        """What the children have found; the blocks of those that died are done here."""
        answers, self._shares = [], [list(found)]
        for child in self._children:
            told = list(_receive(child.answers[step]))
            numbers, answer = told if len(told) == 2 else (marshal.dumps([]), b"")
            self._shares.append(marshal.loads(numbers))
            answers.append(answer)
        done = {number for share in self._shares for number in share}
        for number, block in enumerate(self._blocks(items)):
            if number not in done:
                found[number] = [work(items[at]) for at in block]
                self._shares[0].append(number)
        return answers

    def _blocks(self, items: Sequence[T]) -> list[range]:
        """The places of the items of each block; a few items may be whole archives."""
        few = max(1, len(items) // (len(self._queues[0]) * _TIMES))
        size = max(min(_BLOCK, few), -(-len(items) // _MOST_BLOCKS))
        return [range(start, min(start + size, len(items))) for start in range(0, len(items), size)]


def _packed(found: dict[int, list[R]], language: Language[R]) -> bytes:
    # In format 2 each string is whole: to look for those that are the same takes longer.
    return marshal.dumps({number: list(map(language.pack, results)) for number, results in found.items()}, 2)


def _written(found: dict[int, list[R]]) -> bytes:
    """Anything, as bytes. Lines of text can be marshalled; ``pickle`` takes 5 ms to import."""
    try:
        return b"m" + marshal.dumps(found, 2)
    except ValueError:
        import pickle

        return b"p" + pickle.dumps(found, pickle.HIGHEST_PROTOCOL)


def _read(data: bytes) -> dict[int, list[Any]]:
    """What was written."""
    if data.startswith(b"m"):
        found: dict[int, list[Any]] = marshal.loads(data[1:])
        return found
    import pickle

    found = pickle.loads(data[1:])
    return found


def _in_order(found: dict[int, list[R]]) -> list[R]:
    return [result for number in sorted(found) for result in found[number]]


def _pipe() -> tuple[FileIO, FileIO]:
    """The reading and the writing end of a pipe."""
    read, write = os.pipe()
    return FileIO(read, "rb"), FileIO(write, "wb")


def _send(pipe: FileIO, pieces: Sequence[bytes]) -> None:
    """Write pieces, each with its length in front, and the end."""
    data = memoryview(b"".join(part for piece in pieces for part in (len(piece).to_bytes(_LENGTH, "little"), piece)))
    try:
        while data:
            data = data[pipe.write(data) :]
        pipe.close()
    except BrokenPipeError:
        return  # nobody is there any more


def _receive(pipe: FileIO) -> Iterator[bytes]:
    """The pieces that were sent; fewer when the sender died."""
    data = pipe.readall()
    at = 0
    while at < len(data):
        start = at + _LENGTH
        at = start + int.from_bytes(data[at:start], "little")
        if at <= len(data):
            yield data[start:at]
