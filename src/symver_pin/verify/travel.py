"""What processes tell each other of the files that they have opened.

As plain values, which are marshalled in a third of the time that it takes to pickle records and objects.

Of a library that files load all is told that is known, so that no other process reads it again; it is unpacked when it
is asked for. Of any other file only its names are told: it is read when something else is asked of it, which is seldom.
"""

from __future__ import annotations

import marshal

from symver_pin.elf.arch import ARCHES
from symver_pin.elf.dynamic import Import
from symver_pin.elf.section import Definition, Need
from symver_pin.verify.header import Header
from symver_pin.verify.objects import Object
from symver_pin.verify.problems import Problem
from symver_pin.verify.processes import PLAINLY
from symver_pin.verify.review import Group, Review

try:
    from _pickle import dumps, loads  # ``pickle`` takes 3 ms more to import
except ImportError:
    from pickle import dumps, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from symver_pin.verify import Found

#: The attributes of an object, and of a review, that are plain values.
_OF_OBJECT = (
    "interpreter", "needed", "soname", "_runpath", "_rpath", "searches", "versioned", "is_packed", "_symbol_count",
)  # fmt: skip
_OF_REVIEW = ("differing", "kernel", "x86_level")
#: Stands for version nodes that have not been looked at.
_UNREAD = "unread"

_new = tuple.__new__


def tell(opened: Sequence[Found | None]) -> list[str]:
    """The names of the libraries that files load."""
    return list({name.rpartition("/")[2] for found in opened if isinstance(found, Object) for name in found.needed})


def heed(opened: Sequence[Found | None], needed: Sequence[list[str]]) -> None:
    """Find out which of this process's files are loaded by others."""
    names = set().union(*needed)
    for found in opened:
        if isinstance(found, Object):
            found.is_loaded = found.kind == "shared library" and not names.isdisjoint(found.names)


def pack(found: Found | None) -> object:
    """The plain value of what was found at one place."""
    if found is None:
        return None
    if not isinstance(found, Object):
        return dumps(found, -1)
    return found.path, found.arch.name, found.kind, found.names, _pack_object(found) if found.is_loaded else None


def unpack(value: Any) -> Found | None:
    """What was found, of its plain value."""
    if value is None:
        return None
    if isinstance(value, bytes):
        found: Found = loads(value)
        return found
    path, arch, kind, names, told = value
    return Object.elsewhere(path, ARCHES[arch], kind, names, told)


def _pack_object(found: Object) -> bytes:
    known, header = found.__dict__, found.header
    nodes = known.get("definitions", _UNREAD)
    state: Any = (
        [known[name] for name in _OF_OBJECT],
        None if header is None else tuple(header),
        tuple(map(tuple, found.needs)),
        nodes if nodes in (None, _UNREAD) else tuple(map(tuple, nodes)),
        None if found.review is None else _pack_review(found.review),
    )
    return marshal.dumps(state, PLAINLY)


def unpack_object(found: Object, told: bytes) -> None:
    """Tell an object what another process has found out."""
    values, header, needs, nodes, review = marshal.loads(told)
    found.__dict__.update(zip(_OF_OBJECT, values, strict=True))
    found.header = None if header is None else _new(Header, header)
    found.needs = tuple([_new(Need, need) for need in needs])
    if nodes != _UNREAD:
        found.definitions = None if nodes is None else tuple([_new(Definition, node) for node in nodes])
    found.start_closed()
    found.review = None if review is None else _unpack_review(found, review)


def _pack_review(review: Review) -> tuple[Any, ...]:
    known = review.__dict__
    return (
        [known[name] for name in _OF_REVIEW],
        list(map(_pack_problem, review.problems)),
        list(map(tuple, review.open_needs)),
        [(tuple(need), b"\0".join(names)) for groups in review.groups.values() for need, names in groups],
        b"\0".join(review.plain),
        list(map(tuple, review.suspects)),
        list(map(tuple, review.odd)),
    )


def _unpack_review(file: Object, value: tuple[Any, ...]) -> Review:
    values, problems, needs, groups, plain, suspects, odd = value
    review = Review.__new__(Review)
    review.__dict__.update(zip(_OF_REVIEW, values, strict=True))
    review.file = file
    review.problems = tuple([_unpack_problem(file, problem) for problem in problems])
    review.open_needs = [_new(Need, need) for need in needs]
    review.groups = {}
    for need, names in groups:
        review.groups.setdefault(need[0], []).append(_new(Group, (_new(Need, need), names.split(b"\0"))))
    review.plain = frozenset(plain.split(b"\0")) if plain else frozenset()
    review.suspects, review.odd = _imports(suspects), _imports(odd)
    review.start_empty()
    return review


def _pack_problem(problem: Problem) -> tuple[Any, ...]:
    kind, _file, releases, library, version, symbols, *rest = problem
    return (kind, releases, library, version, symbols and tuple(map(tuple, symbols)), *rest)


def _unpack_problem(file: Object, value: tuple[Any, ...]) -> Problem:
    kind, releases, library, version, symbols, *rest = value
    return _new(Problem, (kind, file, releases, library, version, symbols and _imports(symbols), *rest))


def _imports(values: Sequence[tuple[Any, ...]]) -> tuple[Import, ...]:
    return tuple([_new(Import, value) for value in values])
