"""Build the compat archives: compile the families that a target needs, cut them into members, write the ``ar`` files.

Every new kit contains these archives, so they must be built quickly. When there were 89 symbols, compiling each symbol
separately took more than twice as long as compiling each file once and cutting the result with ``split``. Now there are
1,385 symbols in about 50 files. Three things make this fast. Most files include the same headers, so a few translation
units include all files. A third of the symbols are second names of other functions. Each unit is cut while the next
ones compile. Seconds on two cores for target 2.19, gcc 12:

    ==============================================  =============  ============
    way                                             of processors  whole kit
    ==============================================  =============  ============
    one compile for each file, -O2                            3.8          2.1
    one compile for each unit, -O2                            3.1          1.85
    one compile for each unit, -O1                            2.1          1.4
    ==============================================  =============  ============

-O1 would be enough for most files. -O2 makes the engines of ``engines.h`` 5 % faster and the reading of ``_Float128``
numbers a quarter faster.

The ``ar`` file is written by this module. It has no time stamps and owners, and its order does not depend on the order
in which compilers finish, so equal inputs give equal bytes. Writing its symbol index needs no tool for the target's
architecture.

mold does not use that index. It reads every member of an archive, about 1.8 microseconds each (mold 1.10, 760 members,
2 cores), and then the member's sections and symbols. For mold there is therefore a second archive, of *bundles*: each
has up to 16 functions of a family, with their code in one section. A program that uses a compat object then contains at
most 15 small hidden functions that it does not call. The time to link a small program with the kit's flags, divided by
the time without the kit (a C program of 20 lines with -lm, 1,385 symbols, medians of 101 pairs, base 13.7 and 22 ms):

    ============================================  ==========  ===============
    the archives for mold                         20 lines C  C++, static lib
    ============================================  ==========  ===============
    those of libm and libmvec empty                    0.990            1.004
    16 functions in an object, a section each          1.033            1.023
    16 functions in an object, one section             1.023            1.025
    64 functions in an object, one section             1.018            1.014
    ============================================  ==========  ===============
"""

import os
import re
import struct
import subprocess
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

from symver_pin.compat.split import Splitter
from symver_pin.compat.table import KINDS_IN_EVERY_KIT, CompatSymbol, needed
from symver_pin.elf.image import load_image
from symver_pin.elf.object_file import read_object_symbols
from symver_pin.errors import CompatError
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import Arch

SOURCES = Path(__file__).parent

Progress = Callable[[int, int, str], None]
"""Called with the number of finished steps, the number of all steps, and the name of the last one."""

BUNDLE = 16
"""The largest number of functions in one bundle."""

UNITS = 6
"""The number of translation units for the files that are not compiled separately."""
_FUNCTION_COST = 200
"""The estimated time to compile one function, in bytes of source. The time for the source itself comes on top."""

FLAGS = (
    "-std=gnu11",
    "-O2",
    "-g0",
    "-fPIC",
    "-fvisibility=hidden",
    "-ffunction-sections",  # `split` needs this and the next option
    "-fdata-sections",
    "-fno-jump-tables",  # on PowerPC all jump tables share one table of addresses, so functions could not be separated
    "-fno-common",
    "-fno-lto",  # objects of bytecode bind names before the linker reads the kit
    "-fno-builtin",  # the compiler must not turn the loop that implements strlcpy into a call of strlcpy
    "-fasynchronous-unwind-tables",  # cancellation of a thread unwinds through members that wait
    "-fno-stack-protector",
    "-fno-sanitize=all",
    "-fno-profile-arcs",
    "-fno-test-coverage",
    "-U_FORTIFY_SOURCE",
    "-U_FILE_OFFSET_BITS",  # names with 64 (stat64) are separate members
    "-U_TIME_BITS",
    "-D_GNU_SOURCE",
    "-w",
)

FILE_FLAGS = {"libmvec_sve.c": (("-march=armv8-a+sve",), "#include <arm_sve.h>\n")}
"""File -> additional compiler options, and a test source. If the test source does not compile with these options, the
compiler is too old and the family is left out."""


class Member(NamedTuple):
    """One object of the archive, and the global symbols that it defines."""

    symbols: tuple[str, ...]
    data: bytes


class Families(NamedTuple):
    """The compat objects that a target needs, cut in two ways. The order is that of the files in the table."""

    members: list[Member]
    """One relocatable object for each symbol."""
    bundles: list[Member]
    """The same symbols with up to BUNDLE functions of a file in one object, for mold."""


def _bundled(rows: Sequence[CompatSymbol]) -> Iterator[dict[str, list[str]]]:
    """The bundles of one file. Each maps its functions to their symbols.

    Functions that nearly every program uses, and variables, are not bundled with others.
    """
    alone = [row for row in rows if row.kind in KINDS_IN_EVERY_KIT or row.kind == "data"]
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
    target: Release,
    old_versions: Mapping[str, str],
    jobs: int | None = None,
    names: Collection[str] | None = None,
    progress: Progress | None = None,
    timeout: float | None = None,
) -> Families:
    """Compile the compat objects that a link for the ``target`` release on ``arch`` needs.

    ``cc`` is the command line of a compiler for that architecture. ``old_versions`` maps a symbol to the version node
    under which the target exports the older symbol of that name (``__libc_start_main`` -> ``GLIBC_2.2.5``). ``jobs``
    compilers run at the same time; the default is one for each core. ``names`` selects functions newer than the target
    (see ``needed``). Families that the compiler is too old for (``FILE_FLAGS``) are left out. A compiler may take
    ``timeout`` seconds for one unit; None: as long as it takes.

    Raises CompatError if the compiler cannot be run, fails or takes too long, or if a version in ``old_versions`` is
    missing.
    """
    families: dict[str, list[CompatSymbol]] = {}
    for row in needed(target, arch, names):
        if row.needs_old_version and row.symbol not in old_versions:
            raise CompatError(
                f"compat member {row.symbol} calls the older function of that name,"
                f" but no version of it is known for glibc {target}"
            )
        families.setdefault(row.file, []).append(row)
    members = [row for rows in families.values() for row in rows]
    defines = [*known_options(cc, arch, timeout), *member_options(arch, members, old_versions)]
    units = units_of(families, arch)
    with (
        tempfile.TemporaryDirectory(prefix="symver-pin-compat-") as scratch,
        ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool,
    ):
        outputs = [Path(scratch, f"{number}.o") for number in range(len(units))]
        # Each unit is cut as soon as it is compiled, while the other units still compile.
        found = [
            pool.submit(_unit, cc, arch, unit, families, defines, output, timeout)
            for unit, output in zip(units, outputs, strict=True)
        ]
        report = progress or (lambda _done, _all, _name: None)
        report(0, len(units), "compat objects")
        cut: dict[str, Families] = {}
        try:
            for number, unit in enumerate(as_completed(found), 1):
                cut |= unit.result()
                report(number, len(units), "compat objects")
        except CompatError:
            pool.shutdown(cancel_futures=True)
            raise
    done = [cut[file] for file in families if file in cut]
    return Families([m for objects in done for m in objects.members], [b for objects in done for b in objects.bundles])


def compile_object(cc: Sequence[str], source: Path, output: Path, timeout: float | None = None) -> None:
    """Compile one file of this folder that becomes a separate object, not a member of an archive, to ``output``.

    Raises CompatError as ``compile_families`` does.
    """
    compile_source(cc, [*FLAGS, "-x", "c", "-c", "-", "-o", str(output)], f'#include "{source}"\n', timeout)


def compile_and_split(
    cc: Sequence[str], arch: Arch, source: Path, work: Path, timeout: float | None
) -> tuple[list[str], Splitter]:
    """Compile one file that becomes an archive of its own: the functions that it defines, by name, and what cuts the
    object. ``work`` is a folder for the object, which is removed. Raises CompatError as ``compile_families`` does.
    """
    compiled = work / f"{source.stem}.o"
    compile_object(cc, source, compiled, timeout)
    names = sorted(read_object_symbols(load_image(compiled)).defined)
    splitter = Splitter(compiled.read_bytes(), f"compat/{source.name}", not arch.has_long_double_attribute)
    compiled.unlink()
    return names, splitter


def member_options(arch: Arch, rows: Iterable[CompatSymbol], old_versions: Mapping[str, str]) -> list[str]:
    """The compiler options that fix an architecture's ABI, and give the members ``rows`` the numbers of it and the
    versions of older symbols that they call. ``old_versions`` is as for ``compile_families``.
    """
    numbers = {"STAT_LAYOUT": arch.stat_layout, "MKNOD_LAYOUT": arch.mknod_layout}
    defines = (f"-DSYMVER_PIN_{name}={number}" for name, number in numbers.items() if number is not None)
    old = (
        f'-DSYMVER_PIN_OLD_{row.symbol}="{old_versions[row.symbol]}"'
        for row in rows
        if row.needs_old_version and row.symbol in old_versions
    )
    return [*arch.object_options, *defines, *old]


def known_options(cc: Sequence[str], arch: Arch, timeout: float | None) -> list[str]:
    """Those of the architecture's options for compat objects of newer compilers that a compiler knows."""
    return [
        option
        for option in arch.newer_object_options
        if _compiles(cc, [option, "-fsyntax-only", "-x", "c", "-"], "", timeout)
    ]


def compile_unit(
    cc: Sequence[str], unit: Sequence[str], defines: Sequence[str], output: Path, timeout: float | None, more: str = ""
) -> bool:
    """Compile the files of a unit, and the source text ``more`` behind them, to an object file.

    False if the compiler is too old for the unit (``FILE_FLAGS``). Raises CompatError as ``compile_source`` does.
    """
    extra, test_source = FILE_FLAGS.get(unit[0], ((), ""))
    text = "".join(f'#include "{SOURCES / file}"\n' for file in unit)
    flags = [*FLAGS, *extra, *defines, "-x", "c", "-c", "-", "-o", str(output)]
    try:
        compile_source(cc, flags, text + more, timeout)
    except CompatError:
        if test_source and not _compiles(cc, flags, test_source, timeout):
            return False
        raise
    return True


def units_of(families: Mapping[str, Sequence[CompatSymbol]], arch: Arch) -> list[tuple[str, ...]]:
    """Distribute the files over translation units, in the order in which they are compiled: the longest compile first.

    Files that must be compiled separately are units of one file. The others are combined into UNITS units of similar
    cost. The objects depend on this choice, so it depends on the families only, not on the machine. On PowerPC each
    file is a unit: all functions of a unit share a table of addresses (``.toc``), and each member would contain the
    references of all of them.
    """
    cost = {
        file: len({row.function for row in rows}) * _FUNCTION_COST + _size(SOURCES / file)
        for file, rows in families.items()
    }
    alone = [
        file for file, rows in families.items() if file in FILE_FLAGS or rows[0].kind == "engine" or arch.shares_toc
    ]
    shared: list[list[str]] = [[] for _ in range(UNITS)]
    for file in sorted(cost.keys() - alone, key=lambda file: (-cost[file], file)):
        min(shared, key=lambda unit: sum(cost[other] for other in unit)).append(file)
    units: list[tuple[str, ...]] = [tuple(sorted(unit)) for unit in shared if unit]
    units.sort(key=lambda unit: -sum(cost[file] for file in unit))
    # The engines come first: they take longer than the size of their source suggests.
    return [*((file,) for file in sorted(alone, key=lambda file: -cost[file])), *units]


def _size(source: Path) -> int:
    """The size in bytes of a file and of the files in this folder that it includes; one included twice counts twice."""
    text = source.read_text(encoding="utf-8")
    names: list[str] = re.findall(r'^#include "(.*)"', text, re.M)
    return len(text) + sum((SOURCES / name).stat().st_size for name in names)


def _unit(
    cc: Sequence[str],
    arch: Arch,
    unit: Sequence[str],
    families: Mapping[str, Sequence[CompatSymbol]],
    defines: Sequence[str],
    output: Path,
    timeout: float | None,
) -> dict[str, Families]:
    """Compile one unit and cut it: file -> its objects. Empty if the compiler is too old for the unit."""
    if not compile_unit(cc, unit, defines, output, timeout):
        return {}
    splitter = Splitter(output.read_bytes(), "compat/" + ", ".join(unit), not arch.has_long_double_attribute)
    return {file: _cut(splitter, file, families[file], cc) for file in unit}


def _cut(splitter: Splitter, file: str, rows: Sequence[CompatSymbol], cc: Sequence[str]) -> Families:
    """Cut the objects of one file out of its compiled unit."""
    for row in rows:
        if not splitter.defines(row.function):
            raise CompatError(
                f"compat/{file} defines no {row.function} for the architecture that {' '.join(cc)} compiles for"
            )
    return Families(
        [Member((row.symbol,), splitter.member(row.symbol, row.function)) for row in rows],
        [
            Member(tuple(name for names in functions.values() for name in names), splitter.bundle(functions))
            for functions in _bundled(rows)
        ],
    )


def _compiles(cc: Sequence[str], arguments: Sequence[str], text: str, timeout: float | None) -> bool:
    try:
        compile_source(cc, arguments, text, timeout)
    except CompatError:
        return False
    return True


def compile_source(cc: Sequence[str], arguments: Sequence[str], text: str, timeout: float | None) -> None:
    """Run the compiler ``cc`` on C source, its standard input. Raises CompatError with the first error line of the
    compiler, or if it takes longer than ``timeout`` seconds.
    """
    compiler = " ".join(cc)
    try:
        done = subprocess.run(
            [*cc, *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            input=text,
            timeout=timeout,
        )
    except OSError as error:
        raise CompatError(f"cannot run the compiler {compiler!r}: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise CompatError(
            f"{compiler} has not compiled the compat objects after {error.timeout:g} seconds (SYMVER_PIN_TIMEOUT)"
        ) from error
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        first = next((line for line in lines if "error" in line.lower()), lines[0] if lines else "no message")
        raise CompatError(f"{compiler} cannot compile the compat objects: {first}")


def archive_bytes(members: Iterable[Member]) -> bytes:
    r"""The bytes of a System V ``ar`` file with a symbol index. A member's file name is its first symbol.

    >>> archive_bytes([])
    b'!<arch>\n/               0           0     0     0       4         `\n\x00\x00\x00\x00'
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
    position = len(b"!<arch>\n") + _entry_size(4 + 4 * count + len(names))
    position += _entry_size(len(long_names)) if long_names else 0
    offsets: list[int] = []
    for member in members:
        offsets += [position] * len(member.symbols)
        position += _entry_size(len(member.data))
    parts = [b"!<arch>\n", _entry("/", struct.pack(f">{1 + count}I", count, *offsets) + names)]
    if long_names:
        parts.append(_entry("//", long_names))
    parts += [_entry(name, data) for name, data in entries]
    return b"".join(parts)


def _entry_size(size: int) -> int:
    """The bytes that a member of ``size`` bytes takes in the archive, with its header and padding."""
    return 60 + size + size % 2


def _entry(name: str, data: bytes) -> bytes:
    mode = 0 if name.startswith("/") and not name[1:].isdigit() else 0o100644
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{mode:<8o}{len(data):<10}`\n"
    return header.encode() + data + b"\n" * (len(data) % 2)
