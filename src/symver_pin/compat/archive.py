"""Build the compat archive: compile the families that a target needs, cut them into members, write the ``ar`` file.

The archive is part of every new kit, so its making has to be quick. To compile each symbol alone took more than twice
the time of one compile a file, cut by ``split``, when there were 89 symbols. Now there are 1,385 in some 50 files, of
which each brings in the same headers, so a few units include them all; a third of the symbols are functions under
second names; and each unit is cut while the next ones compile. Seconds on two cores for target 2.19, gcc 12:

    ==============================================  =============  ============
    way                                             of processors  whole kit
    ==============================================  =============  ============
    one compile a file, -O2                                   3.8          2.1
    one compile a unit, -O2                                   3.1          1.85
    one compile a unit, -O1                                   2.1          1.4
    ==============================================  =============  ============

-O1 would do for most: -O2 makes the engines of ``engines.h`` 5 % faster, the reading of ``_Float128`` a quarter.

The ``ar`` file is written here: with no time stamps, owners or order of arrival in it, equal inputs give equal bytes,
and its symbol index needs no tool of the target's architecture.

mold does not search that index: it reads every member of an archive it is given, about 1.8 microseconds each (mold
1.10, 760 members, 2 cores), and then its sections and symbols. For mold there is therefore a second archive of
*bundles*: up to 16 functions of a family in each, their code in one section. What a program pays, when it uses a compat
object at all, are at most 15 small hidden functions that it does not call. A C program of 20 lines with -lm, linked
with the kit's flags over without the kit (1,385 symbols, medians of 101 pairs, base 13.7 and 22 ms):

    ============================================  ==========  ===============
    the archives for mold                         20 lines C  C++, static lib
    ============================================  ==========  ===============
    those of libm and libmvec empty                    0.990            1.004
    16 functions an object, a section each             1.033            1.023
    16 functions an object, one section                1.023            1.025
    64 functions an object, one section                1.018            1.014
    ============================================  ==========  ===============
"""

import os
import re
import struct
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from symver_pin.compat.split import Splitter
from symver_pin.compat.table import STANDING_KINDS, CompatSymbol, needed
from symver_pin.elf.arch import Arch
from symver_pin.errors import CompatError

SOURCES = Path(__file__).parent

#: The most functions in one bundle.
BUNDLE = 16

#: Into how many units the files go that are not compiled alone.
UNITS = 6
#: What a function costs the compiler beside what its family's source does, in bytes of source.
_FUNCTION_COST = 200

FLAGS = (
    "-std=gnu11",
    "-O2",
    "-g0",
    "-fPIC",
    "-fvisibility=hidden",
    "-ffunction-sections",  # with the next one: what `split` works by
    "-fdata-sections",
    "-fno-jump-tables",  # PowerPC's one table of addresses would tie together all functions that have such tables
    "-fno-common",
    "-fno-lto",  # an archive of bytecode would bind names before the linker saw the kit
    "-fno-builtin",  # a member that implements strlcpy must not be turned into a call of strlcpy
    "-fasynchronous-unwind-tables",  # cancellation unwinds through the members that wait
    "-fno-stack-protector",
    "-fno-sanitize=all",
    "-fno-profile-arcs",
    "-fno-test-coverage",
    "-U_FORTIFY_SOURCE",
    "-U_FILE_OFFSET_BITS",  # the 64-bit names have members of their own
    "-U_TIME_BITS",
    "-D_GNU_SOURCE",
    "-w",
)

FILE_FLAGS = {"libmvec_sve.c": (("-march=armv8-a+sve",), "#include <arm_sve.h>\n")}
"""What a family needs beyond the baseline, and the least that must compile with it, or the compiler is too old and the
family is left out."""


class Member(NamedTuple):
    """One object of the archive and the symbols that it defines for others."""

    symbols: tuple[str, ...]
    data: bytes


class Families(NamedTuple):
    """The compiled files of the compat symbols that a target needs, cut in two ways, file by file."""

    members: list[Member]
    """One relocatable object a symbol."""
    bundles: list[Member]
    """The same symbols, up to BUNDLE functions of a file in one object, for a linker that reads every member."""


def _bundled(rows: Sequence[CompatSymbol]) -> Iterator[dict[str, list[str]]]:
    """Which functions share an object, and the symbols of each.

    Those that nearly every program takes, and variables, stay alone.
    """
    alone = [row for row in rows if row.kind in STANDING_KINDS or row.kind == "data"]
    yield from ({row.function: [row.symbol]} for row in alone)
    others: dict[str, list[str]] = {}
    for row in rows:
        if row not in alone:
            others.setdefault(row.function, []).append(row.symbol)
    entries = list(others.items())
    yield from (dict(entries[start : start + BUNDLE]) for start in range(0, len(entries), BUNDLE))


def compile_families(
    cc: Sequence[str],
    arch: Arch,
    target_minor: int,
    old_versions: Mapping[str, str],
    jobs: int | None = None,
    names: Collection[str] | None = None,
) -> Families:
    """Compile what a link for glibc 2.``target_minor`` on ``arch`` needs.

    ``cc`` is the compiler's command line, for that architecture. ``old_versions`` maps a symbol to the version
    node under which the target exports the older symbol of that name (``__libc_start_main`` -> ``GLIBC_2.2.5``).
    ``jobs`` compilers run at once, by default one a core. ``names`` chooses among the younger functions (``needed``).
    Symbols of a family that the compiler is too old for (``FILE_FLAGS``) are left out.

    Raises CompatError when the compiler cannot be run or fails, or a version in ``old_versions`` is missing.
    """
    families: dict[str, list[CompatSymbol]] = {}
    for row in needed(target_minor, arch, names):
        if row.needs_old_version and row.symbol not in old_versions:
            raise CompatError(
                f"compat member {row.symbol} stands before an older function of that name,"
                f" but no version of it is known for glibc 2.{target_minor}"
            )
        families.setdefault(row.file, []).append(row)
    defines = [
        f'-DSYMVER_PIN_OLD_{row.symbol}="{old_versions[row.symbol]}"'
        for rows in families.values()
        for row in rows
        if row.needs_old_version
    ]
    units = units_of(families, arch)
    with (
        tempfile.TemporaryDirectory(prefix="symver-pin-compat-") as scratch,
        ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool,
    ):
        outputs = [Path(scratch, f"{number}.o") for number in range(len(units))]
        # A unit is cut as soon as it is compiled: the other compilers work meanwhile.
        found = pool.map(lambda unit, output: _unit(cc, unit, families, defines, output), units, outputs)
        cut = {file: objects for unit in found for file, objects in unit.items()}
    done = [cut[file] for file in families if file in cut]
    return Families([m for objects in done for m in objects.members], [b for objects in done for b in objects.bundles])


def units_of(families: Mapping[str, Sequence[CompatSymbol]], arch: Arch) -> list[tuple[str, ...]]:
    """Which files are compiled together: what takes longest first, the many small ones in a few units of like cost.

    The same for one set of families whatever the machine, since the objects depend on it. On PowerPC each file is
    alone: all functions of a unit share a table of addresses (``.toc``), so each member would refer to what all need.
    """
    cost = {
        file: len({row.function for row in rows}) * _FUNCTION_COST + _size(SOURCES / file)
        for file, rows in families.items()
    }
    alone = [
        file
        for file, rows in families.items()
        if file in FILE_FLAGS or rows[0].kind == "engine" or arch.name.startswith("powerpc")
    ]
    shared: list[list[str]] = [[] for _ in range(UNITS)]
    for file in sorted(cost.keys() - alone, key=lambda file: (-cost[file], file)):
        min(shared, key=lambda unit: sum(cost[other] for other in unit)).append(file)
    units: list[tuple[str, ...]] = [tuple(sorted(unit)) for unit in shared if unit]
    units.sort(key=lambda unit: -sum(cost[file] for file in unit))
    # (the engines take longer than their source tells)
    return [*((file,) for file in sorted(alone, key=lambda file: -cost[file])), *units]


def _size(source: Path) -> int:
    """The bytes of a file and of those beside it that it includes, each time that it does."""
    text = source.read_text(encoding="utf-8")
    names: list[str] = re.findall(r'^#include "(.*)"', text, re.M)
    return len(text) + sum((SOURCES / name).stat().st_size for name in names)


def _unit(
    cc: Sequence[str],
    unit: Sequence[str],
    families: Mapping[str, Sequence[CompatSymbol]],
    defines: Sequence[str],
    output: Path,
) -> dict[str, Families]:
    """Compile the files of one unit as one object, and cut it; nothing when the compiler is too old for them."""
    extra, least = FILE_FLAGS.get(unit[0], ((), ""))
    text = "".join(f'#include "{SOURCES / file}"\n' for file in unit)
    flags = [*FLAGS, *extra, *defines, "-x", "c", "-c", "-", "-o", str(output)]
    try:
        _compile(cc, flags, text)
    except CompatError:
        if least and not _compiles(cc, flags, least):
            return {}
        raise
    splitter = Splitter(output.read_bytes(), "compat/" + ", ".join(unit))
    return {file: _cut(splitter, file, families[file], cc) for file in unit}


def _cut(splitter: Splitter, file: str, rows: Sequence[CompatSymbol], cc: Sequence[str]) -> Families:
    """The objects of one file."""
    for row in rows:
        if not splitter.defines(row.function):
            raise CompatError(
                f"compat/{file} has no {row.function} for the architecture that {' '.join(cc)} compiles for"
            )
    return Families(
        [Member((row.symbol,), splitter.member(row.symbol, row.function)) for row in rows],
        [
            Member(tuple(name for names in functions.values() for name in names), splitter.bundle(functions))
            for functions in _bundled(rows)
        ],
    )


def _compiles(cc: Sequence[str], arguments: Sequence[str], text: str) -> bool:
    try:
        _compile(cc, arguments, text)
    except CompatError:
        return False
    return True


def _compile(cc: Sequence[str], arguments: Sequence[str], text: str) -> None:
    """Compile C source. Raises CompatError with the first thing that the compiler says."""
    compiler = " ".join(cc)
    try:
        done = subprocess.run(
            [*cc, *arguments], capture_output=True, text=True, errors="replace", check=False, input=text
        )
    except OSError as error:
        raise CompatError(f"cannot run the compiler {compiler!r}: {error.strerror}") from error
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        first = next((line for line in lines if "error" in line.lower()), lines[0] if lines else "no message")
        raise CompatError(f"{compiler} cannot compile the compat objects: {first}")


def archive_bytes(members: Iterable[Member]) -> bytes:
    """A System V ``ar`` file with an index that lists each symbol at its member, which is named for its first symbol.

    >>> archive_bytes([])
    b'!<arch>\\n/               0           0     0     0       4         `\\n\\x00\\x00\\x00\\x00'
    """
    members = list(members)
    long_names = b""
    entries: list[tuple[str, bytes]] = []
    for member in members:
        name = f"{member.symbols[0]}.o/"
        if len(name) > 16:  # ar_name
            entries.append((f"/{len(long_names)}", member.data))
            long_names += name.encode() + b"\n"
        else:
            entries.append((name, member.data))

    names = b"".join(symbol.encode() + b"\0" for member in members for symbol in member.symbols)
    count = sum(len(member.symbols) for member in members)
    position = len(b"!<arch>\n") + _room(4 + 4 * count + len(names)) + (_room(len(long_names)) if long_names else 0)
    offsets: list[int] = []
    for member in members:
        offsets += [position] * len(member.symbols)
        position += _room(len(member.data))
    parts = [b"!<arch>\n", _entry("/", struct.pack(f">{1 + count}I", count, *offsets) + names)]
    if long_names:
        parts.append(_entry("//", long_names))
    parts += [_entry(name, data) for name, data in entries]
    return b"".join(parts)


def _room(size: int) -> int:
    return 60 + size + size % 2


def _entry(name: str, data: bytes) -> bytes:
    mode = 0 if name.startswith("/") and not name[1:].isdigit() else 0o100644
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{mode:<8o}{len(data):<10}`\n"
    return header.encode() + data + b"\n" * (len(data) % 2)
