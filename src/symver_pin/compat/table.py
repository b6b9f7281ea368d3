"""The table of compat objects: for each symbol its source, the release whose libc has it, its kind and its limits.

A kit needs a member if the target is older than the member's ``release``. That is the first release that exports the
symbol, except for the few symbols that the table also provides for later targets, with the reason in a comment. Some
symbols are exported by no libc.so, because glibc has them in ``libc_nonshared.a``. A kit replaces that archive, so it
always needs these members.

``table.tsv`` has one line for each symbol, with five or six columns separated by tabs. Lines that begin with ``#`` are
comments::

    symbol  file  release  kind  limits  where

``file`` may also name a function of the file: ``minmax.c:fmaximumf``. The member is then that function under the name
of the symbol, and nothing is compiled for it. ``fmaximumf32`` is ``fmaximumf`` in this way: its types are the same
types under other names.

``kind`` says how the member works:

* ``startup`` and ``nonshared``: parts of glibc that are linked into the executable or library itself;
* ``alias``: calls another function with the same arguments;
* ``wrapper``: calls the older function of the same name, and adds the new behaviour;
* ``syscall``: makes a system call;
* ``real``: implements the function;
* ``data``: a variable;
* ``engine``: not a function of libc, but one that other members share; its name begins with ``symver_pin_``.

``limits`` says where the member differs from libc's function; ``-`` if it does not.

``where`` lists the architectures that have the symbol, separated by commas: names of architectures, or formats of their
``long double`` (``binary64``, ``x87``, ``binary128``, ``ibm``). A row without this column holds for all architectures.
A symbol may have several rows for different architectures: ``sinf128`` is another name of ``sinl`` on aarch64, and a
function with its own code on x86_64.
"""

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from symver_pin.errors import CompatError, UsageError
from symver_pin.glibc.release import Release, parse_release
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import ARCHES

TABLE = Path(__file__).with_name("table.tsv")

KINDS = frozenset({"startup", "nonshared", "alias", "wrapper", "syscall", "real", "data", "engine"})

KINDS_IN_EVERY_KIT = frozenset({"startup", "nonshared", "wrapper", "engine"})
"""Kinds that every kit contains, because they add no function newer than the target: parts of glibc that are linked
into the program, wrappers of older functions, and engines that other members use."""

_WHERE = {arch.name for arch in ARCHES.values()} | {arch.long_double for arch in ARCHES.values()}

ALWAYS = "always"
"""The value of the column ``release`` for a symbol that no libc.so exports."""

NO_LIMITS = "-"


class CompatSymbol(NamedTuple):
    """One member of the compat archive."""

    symbol: str
    file: str
    """The name of the C file that defines it, in the folder of the table."""
    function: str
    """The name of the function in that file: the symbol itself, or the function to which the symbol is an alias."""
    release: Release | None
    """The first target release for which the kit uses libc's symbol; None if no libc exports it."""
    kind: str
    """One of KINDS."""
    limits: str
    """How the object differs from libc's function, on one line; "" if it does not."""
    where: frozenset[str] = frozenset()
    """Names of architectures, or of formats of their ``long double``; empty for all architectures."""

    def needed_on(self, target: Release) -> bool:
        """True if a link for a glibc release needs this member.

        >>> CompatSymbol("gettid", "process.c", "gettid", Release(2, 30), "syscall", "").needed_on(Release(2, 19))
        True
        """
        return self.release is None or target < self.release

    def exists_on(self, arch: Arch) -> bool:
        """True if an architecture has the symbol.

        >>> CompatSymbol("a", "a.c", "a", None, "alias", "", frozenset({"binary128"})).exists_on(ARCHES["aarch64"])
        True
        """
        return not self.where or arch.name in self.where or arch.long_double in self.where

    @property
    def needs_old_version(self) -> bool:
        """True if the member calls the target's older symbol of the same name, by its version node."""
        return self.kind in ("startup", "wrapper")


def parse(text: str, origin: str) -> tuple[CompatSymbol, ...]:
    """The rows of a table, in file order. ``origin`` is the file's name for error messages.

    Raises CompatError for a malformed row, or for a symbol with two rows for one architecture.
    """
    rows: list[CompatSymbol] = []
    by_symbol: dict[str, list[CompatSymbol]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) not in (5, 6):
            raise CompatError(f"{origin}:{number}: {len(columns)} columns, expected 5 or 6")
        symbol, place, release, kind, limits = columns[:5]
        file, _, function = place.partition(":")
        where = frozenset(columns[5].split(",")) if len(columns) == 6 else frozenset()
        try:
            first = None if release == ALWAYS else parse_release(release)
        except UsageError:
            raise CompatError(f"{origin}:{number}: {release!r} is neither a release (2.30) nor {ALWAYS!r}") from None
        if kind not in KINDS:
            raise CompatError(f"{origin}:{number}: unknown kind {kind!r}; known are {', '.join(sorted(KINDS))}")
        unknown = where - _WHERE
        if unknown:
            word = min(unknown)
            raise CompatError(f"{origin}:{number}: {word!r} is neither an architecture nor a format of long double")
        row = CompatSymbol(symbol, file, function or symbol, first, kind, "" if limits == NO_LIMITS else limits, where)
        others = by_symbol.setdefault(symbol, [])
        if any(row.exists_on(arch) and other.exists_on(arch) for other in others for arch in ARCHES.values()):
            raise CompatError(f"{origin}:{number}: {symbol} has two rows for one architecture")
        others.append(row)
        rows.append(row)
    return tuple(rows)


@lru_cache(maxsize=1)
def load() -> tuple[CompatSymbol, ...]:
    """Every compat symbol of the shipped table."""
    return parse(TABLE.read_text(encoding="utf-8"), TABLE.name)


def needed(target: Release, arch: Arch, names: Collection[str] | None = None) -> tuple[CompatSymbol, ...]:
    """The compat symbols that a link for the ``target`` release on an architecture needs, in table order.

    ``names`` limits the functions newer than the target to these symbols. Symbols of ``KINDS_IN_EVERY_KIT`` are always
    included.
    """
    rows = (row for row in load() if row.needed_on(target) and row.exists_on(arch))
    return tuple(row for row in rows if names is None or row.kind in KINDS_IN_EVERY_KIT or row.symbol in names)
