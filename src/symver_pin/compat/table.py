"""The table of compat objects: which symbol, since when libc has it, how the stand-in works, where it falls short.

A member is needed when the target is older than its ``release``: the first one that exported the symbol, but for the
few that are bridged further, with the reason in the table. Some symbols were never
exported by libc.so: glibc ships them in ``libc_nonshared.a``, which a kit replaces, so these are needed always.

``table.tsv`` has one line a symbol with five or six columns separated by tabs; a line that begins with ``#`` is a
comment::

    symbol  file  release  kind  limits  where

``file`` may name a function of the file, ``minmax.c:fmaximumf``: then the member is that one under the symbol's name.
So ``fmaximumf32`` is ``fmaximumf``, which has the same types by other names, and nothing is compiled for it.

``kind`` tells how the member works: ``startup`` and ``nonshared`` are the parts of glibc that live in the executable;
``alias`` forwards to another function unchanged; ``wrapper`` stands before the older function of the same name;
``syscall`` asks the kernel; ``real`` is code of its own; ``data`` is a variable. An ``engine`` is no function of libc
but one that other members of the archive share, under a name that begins with ``symver_pin_``.

``where`` names the architectures that have the symbol, separated by commas, each by its name or with all others by the
format of their ``long double``: ``binary64``, ``x87``, ``binary128``, ``ibm``. A row without this column holds on all.
A symbol may stand in several rows for different architectures: ``sinf128`` is another name of ``sinl`` on aarch64, a
function of its own on x86_64.
"""

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from symver_pin.elf.arch import ARCHES, Arch
from symver_pin.errors import CompatError

TABLE = Path(__file__).with_name("table.tsv")

KINDS = frozenset({"startup", "nonshared", "alias", "wrapper", "syscall", "real", "data", "engine"})

STANDING_KINDS = frozenset({"startup", "nonshared", "wrapper", "engine"})
"""Kinds that make no younger function: parts of glibc that live in the program, what mends an older function, and what
other members are made of."""

_PLACES = {arch.name for arch in ARCHES.values()} | {arch.long_double for arch in ARCHES.values()}

ALWAYS = "always"
"""The ``release`` column of a symbol that no libc.so exports."""

NO_LIMITS = "-"


class CompatSymbol(NamedTuple):
    """One member of the compat archive."""

    symbol: str
    file: str
    """The C file beside the table that defines it."""
    function: str
    """What it is called there: the symbol, or another of which it is a second name."""
    release: int | None
    """Minor of the first glibc 2.x for which the symbol is left to libc; None when no libc exports it."""
    kind: str
    limits: str
    """Where the stand-in differs from libc's own function, one line; empty when it does not."""
    where: frozenset[str] = frozenset()
    """Names of architectures, or of formats of their ``long double``; empty: all architectures."""

    def needed_on(self, target_minor: int) -> bool:
        """Whether a link for glibc 2.``target_minor`` needs this member.

        >>> CompatSymbol("gettid", "process.c", "gettid", 30, "syscall", "").needed_on(19)
        True
        """
        return self.release is None or target_minor < self.release

    def exists_on(self, arch: Arch) -> bool:
        """Whether an architecture has the symbol.

        >>> CompatSymbol("a", "a.c", "a", 27, "alias", "", frozenset({"binary128"})).exists_on(ARCHES["aarch64"])
        True
        """
        return not self.where or arch.name in self.where or arch.long_double in self.where

    @property
    def needs_old_version(self) -> bool:
        """Whether the member calls the target's older function of the same name, by its version node."""
        return self.kind in ("startup", "wrapper")


def parse(text: str, origin: str) -> tuple[CompatSymbol, ...]:
    """The rows of a table, in file order; ``origin`` names the file in errors.

    Raises CompatError for a malformed row or a symbol that stands twice for one architecture.
    """
    rows: list[CompatSymbol] = []
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) not in (5, 6):
            raise CompatError(f"{origin}:{number}: {len(columns)} columns where 5 or 6 are wanted")
        symbol, place, release, kind, limits = columns[:5]
        file, _, function = place.partition(":")
        where = frozenset(columns[5].split(",")) if len(columns) == 6 else frozenset()
        if release != ALWAYS and not release.isdecimal():
            raise CompatError(f"{origin}:{number}: release {release!r} is no minor of a glibc 2.x, nor {ALWAYS!r}")
        if kind not in KINDS:
            raise CompatError(f"{origin}:{number}: unknown kind {kind!r}; known are {', '.join(sorted(KINDS))}")
        unknown = where - _PLACES
        if unknown:
            raise CompatError(f"{origin}:{number}: {min(unknown)!r} is no architecture, nor a format of long double")
        minor = None if release == ALWAYS else int(release)
        row = CompatSymbol(symbol, file, function or symbol, minor, kind, "" if limits == NO_LIMITS else limits, where)
        places = {(symbol, arch.name) for arch in ARCHES.values() if row.exists_on(arch)}
        if places & seen:
            raise CompatError(f"{origin}:{number}: {symbol} stands twice")
        seen |= places
        rows.append(row)
    return tuple(rows)


@lru_cache(maxsize=1)
def load() -> tuple[CompatSymbol, ...]:
    """Every compat symbol of the shipped table."""
    return parse(TABLE.read_text(encoding="utf-8"), TABLE.name)


def needed(target_minor: int, arch: Arch, names: Collection[str] | None = None) -> tuple[CompatSymbol, ...]:
    """The compat symbols that a link for glibc 2.``target_minor`` on an architecture needs, in table order.

    With ``names``, of the functions younger than the target only these; what stands in the program whatever libc has
    (``STANDING_KINDS``) is always there.
    """
    rows = (row for row in load() if row.needed_on(target_minor) and row.exists_on(arch))
    return tuple(row for row in rows if names is None or row.kind in STANDING_KINDS or row.symbol in names)
