"""The table of compat objects: which symbol, since when libc has it, how the stand-in works, where it falls short.

A member is needed when the target is older than its ``release``: the first one that exported the symbol, but for the
few that are bridged further, with the reason in the table. Some symbols were never
exported by libc.so: glibc ships them in ``libc_nonshared.a``, which a kit replaces, so these are needed always.

``table.tsv`` has one line a symbol with five columns separated by tabs; a line that begins with ``#`` is a comment::

    symbol  file  release  kind  limits

``kind`` tells how the member works: ``startup`` and ``nonshared`` are the parts of glibc that live in the executable;
``alias`` forwards to another function unchanged; ``wrapper`` stands before the older function of the same name;
``syscall`` asks the kernel; ``real`` is code of its own; ``data`` is a variable.
"""

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from symver_pin.errors import CompatError

TABLE = Path(__file__).with_name("table.tsv")

KINDS = frozenset({"startup", "nonshared", "alias", "wrapper", "syscall", "real", "data"})

STANDING_KINDS = frozenset({"startup", "nonshared", "wrapper"})
"""Kinds that make no younger function: parts of glibc that live in the program, and what mends an older function."""

ALWAYS = "always"
"""The ``release`` column of a symbol that no libc.so exports."""

NO_LIMITS = "-"


class CompatSymbol(NamedTuple):
    """One member of the compat archive."""

    symbol: str
    file: str
    """The C file beside the table that defines it."""
    release: int | None
    """Minor of the first glibc 2.x for which the symbol is left to libc; None when no libc exports it."""
    kind: str
    limits: str
    """Where the stand-in differs from libc's own function, one line; empty when it does not."""

    def needed_on(self, target_minor: int) -> bool:
        """Whether a link for glibc 2.``target_minor`` needs this member.

        >>> CompatSymbol("gettid", "process.c", 30, "syscall", "").needed_on(19)
        True
        """
        return self.release is None or target_minor < self.release

    @property
    def needs_old_version(self) -> bool:
        """Whether the member calls the target's older function of the same name, by its version node."""
        return self.kind in ("startup", "wrapper")


def parse(text: str, origin: str) -> tuple[CompatSymbol, ...]:
    """The rows of a table, in file order; ``origin`` names the file in errors.

    Raises CompatError for a malformed row or a symbol that stands twice.
    """
    rows: dict[str, CompatSymbol] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != 5:
            raise CompatError(f"{origin}:{number}: {len(columns)} columns where 5 are wanted")
        symbol, file, release, kind, limits = columns
        if release != ALWAYS and not release.isdecimal():
            raise CompatError(f"{origin}:{number}: release {release!r} is no minor of a glibc 2.x, nor {ALWAYS!r}")
        if kind not in KINDS:
            raise CompatError(f"{origin}:{number}: unknown kind {kind!r}; known are {', '.join(sorted(KINDS))}")
        if symbol in rows:
            raise CompatError(f"{origin}:{number}: {symbol} stands twice")
        minor = None if release == ALWAYS else int(release)
        rows[symbol] = CompatSymbol(symbol, file, minor, kind, "" if limits == NO_LIMITS else limits)
    return tuple(rows.values())


@lru_cache(maxsize=1)
def load() -> tuple[CompatSymbol, ...]:
    """Every compat symbol of the shipped table."""
    return parse(TABLE.read_text(encoding="utf-8"), TABLE.name)


def needed(target_minor: int, names: Collection[str] | None = None) -> tuple[CompatSymbol, ...]:
    """The compat symbols that a link for glibc 2.``target_minor`` needs, in table order.

    With ``names``, of the functions younger than the target only these; what stands in the program whatever libc has
    (``STANDING_KINDS``) is always there.
    """
    rows = (row for row in load() if row.needed_on(target_minor))
    return tuple(row for row in rows if names is None or row.kind in STANDING_KINDS or row.symbol in names)
