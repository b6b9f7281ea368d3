"""What a program may do with each compat object: in signal handlers, with threads, in forked children.

``safety.tsv`` has one line for each group of members with the same facts, with eight columns separated by tabs. Lines
that begin with ``#`` are comments::

    members  signal  cancel  threads  fork  kernel  libc  tests

``members`` is a C file of the archive, or some of its symbols: ``random.c:getrandom``. A line that names the file alone
is about its other symbols.

``signal``, ``threads`` and ``fork`` begin with ``yes`` or ``no``; what follows is a condition or the reason:

* ``signal``: a signal handler may call the member. Where POSIX does not list libc's function as async-signal-safe, the
  answer is no.
* ``threads``: several threads may call it at the same time.
* ``fork``: a child that a process with several threads forked may call it, as far as it may call libc's.

``cancel`` says whether the member is a cancellation point: ``yes``, ``no``, or ``libc`` if it is one only where it
calls the running libc's own function.

``kernel`` is the Linux release from which on the kernel has the system call that the member makes, and what the member
does without it; ``-`` if every kernel that glibc 2.12 runs on has all that it needs.

``libc`` says whether the running libc's own function is used if there is one:

* ``called``: the member looks for it and calls it; ``called from 2.18 on`` if libc has had the function for longer than
  the table of members says;
* ``asked: ...``: an older function, or the running release, decides;
* ``no: ...``: with the reason.

``tests`` names files, separated by commas: programs of ``tests/compat/programs``, or test files of ``tests/compat``.
"""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from symver_pin.compat.table import CompatSymbol
from symver_pin.errors import CompatError

SAFETY = Path(__file__).with_name("safety.tsv")

CALLED = "called"
"""The first word of the column ``libc`` for members that call the running libc's own function."""

POINTS = frozenset({"yes", "no", "libc"})
"""The values of the column ``cancel``."""


class Safety(NamedTuple):
    """One line of the table."""

    file: str
    """The name of a C file of the archive."""
    symbols: tuple[str, ...]
    """Symbols of the file; empty for all that no other line names."""
    signal: str
    cancel: str
    threads: str
    fork: str
    kernel: str
    """"" if every kernel has what the member needs."""
    libc: str
    tests: tuple[str, ...]


def parse_safety(text: str, origin: str) -> tuple[Safety, ...]:
    """The lines of a table, in file order. ``origin`` is the file's name for error messages.

    Raises CompatError for a malformed line.
    """
    rows: list[Safety] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != 8:
            raise CompatError(f"{origin}:{number}: {len(columns)} columns, expected 8")
        members, signal, cancel, threads, fork, kernel, libc, tests = columns
        file, _, names = members.partition(":")
        answers = {"signal": signal, "threads": threads, "fork": fork}
        wrong = [name for name, value in answers.items() if not value.startswith(("yes", "no: "))]
        wrong += ["cancel"] if cancel not in POINTS else []
        wrong += ["libc"] if not libc.startswith((CALLED, "asked: ", "no: ")) else []
        if wrong:
            raise CompatError(f"{origin}:{number}: the column {wrong[0]} has a value that safety.py does not describe")
        symbols = tuple(names.split(",")) if names else ()
        kernel = "" if kernel == "-" else kernel
        rows.append(Safety(file, symbols, signal, cancel, threads, fork, kernel, libc, tuple(tests.split(", "))))
    return tuple(rows)


def load_safety() -> tuple[Safety, ...]:
    """The lines of the shipped table."""
    return parse_safety(SAFETY.read_text(encoding="utf-8"), SAFETY.name)


def safety_of(
    table: Collection[Safety], members: Collection[CompatSymbol]
) -> list[tuple[Safety, tuple[CompatSymbol, ...]]]:
    """Each line with its members, in the order of the lines. Engines have no line: they are functions of no libc.

    Raises CompatError for a member without a line or with two, and for a line without a member of that name.
    """
    named = {(row.file, symbol): row for row in table for symbol in row.symbols}
    rest = {row.file: row for row in table if not row.symbols}
    if len(named) + len(rest) != sum(len(row.symbols) or 1 for row in table):
        raise CompatError(f"{SAFETY.name}: two lines are about the same members")
    found: dict[Safety, list[CompatSymbol]] = {row: [] for row in table}
    for member in members:
        if member.kind == "engine":
            continue
        line = named.get((member.file, member.symbol)) or rest.get(member.file)
        if line is None:
            raise CompatError(f"{SAFETY.name}: no line is about {member.symbol} of {member.file}")
        found[line].append(member)
    for row, own in found.items():
        absent = set(row.symbols) - {member.symbol for member in own}
        if absent:
            raise CompatError(f"{SAFETY.name}: {row.file} has no member {min(absent)}")
    return [(row, tuple(own)) for row, own in found.items()]
