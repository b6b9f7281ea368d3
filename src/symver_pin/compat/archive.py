"""Build the compat archive: compile the families that a target needs, cut them into members, write the ``ar`` file.

The archive is part of every new kit, so its making has to be quick. Seconds on two cores for target 2.12, 89 symbols
in 15 files, best of three runs (the first two compile the smallest file over and over, so they are lower bounds):

    =============================================  ======  ========
    way                                            gcc 12  clang 14
    =============================================  ======  ========
    one compile a symbol, in parallel                0.62      1.13
    one ``cc -c`` with many files a worker           0.54      1.02
    one compile a file, cut by ``split``             0.27      0.32
    =============================================  ======  ========

The last grows with the number of files and the code in them, not with the number of symbols.

The ``ar`` file is written here: with no time stamps, owners or order of arrival in it, equal inputs give equal bytes,
and its symbol index needs no tool of the target's architecture.
"""

import os
import struct
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from symver_pin.compat.split import Splitter
from symver_pin.compat.table import CompatSymbol, needed
from symver_pin.elf.arch import Arch
from symver_pin.errors import CompatError
from symver_pin.files import write_atomic

SOURCES = Path(__file__).parent

FLAGS = (
    "-std=gnu11",
    "-O1",  # as fast as -O2 for what is here (measured on the engines), and compiled in three quarters of the time
    "-g0",
    "-fPIC",
    "-fvisibility=hidden",
    "-ffunction-sections",  # with the next one: what `split` works by
    "-fdata-sections",
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

FILE_FLAGS = {"libmvec_sve.c": ("-march=armv8-a+sve",)}
"""What a family needs beyond the baseline; one is left out where the compiler is too old for that."""


def build_archive(
    cc: Sequence[str],
    arch: Arch,
    target_minor: int,
    old_versions: Mapping[str, str],
    out: Path,
    jobs: int | None = None,
    names: Collection[str] | None = None,
) -> None:
    """Write to ``out`` the archive of all compat members that a link for glibc 2.``target_minor`` on ``arch`` needs.

    ``cc`` is the compiler's command line, for that architecture. ``old_versions`` maps a symbol to the version
    node under which the target exports the older symbol of that name (``__libc_start_main`` -> ``GLIBC_2.2.5``).
    ``jobs`` compilers run at once, by default one a core. ``names`` chooses among the younger functions (``needed``).
    ``out`` is replaced in one step.

    Raises CompatError when the compiler cannot be run or fails, or a version in ``old_versions`` is missing, and
    OutputError when ``out`` cannot be written.
    """
    write_atomic(out, archive_bytes(members(cc, arch, target_minor, old_versions, jobs, names)))


def members(
    cc: Sequence[str],
    arch: Arch,
    target_minor: int,
    old_versions: Mapping[str, str],
    jobs: int | None = None,
    names: Collection[str] | None = None,
) -> dict[str, bytes]:
    """The relocatable object of each needed compat symbol, in table order; arguments and errors of build_archive.

    Symbols of a family that the compiler is too old for (``FILE_FLAGS``) are left out.
    """
    rows = needed(target_minor, arch, names)
    families: dict[str, list[CompatSymbol]] = {}
    for row in rows:
        if row.needs_old_version and row.symbol not in old_versions:
            raise CompatError(
                f"compat member {row.symbol} stands before an older function of that name,"
                f" but no version of it is known for glibc 2.{target_minor}"
            )
        families.setdefault(row.file, []).append(row)
    with (
        tempfile.TemporaryDirectory(prefix="symver-pin-compat-") as scratch,
        ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool,
    ):
        longest_first = sorted(families, key=lambda file: -(SOURCES / file).stat().st_size)
        cut = pool.map(lambda file: _family(cc, file, families[file], old_versions, Path(scratch)), longest_first)
        objects = {symbol: data for family in cut for symbol, data in family.items()}
    return {row.symbol: objects[row.symbol] for row in rows if row.symbol in objects}


def _family(
    cc: Sequence[str], file: str, rows: Iterable[CompatSymbol], old_versions: Mapping[str, str], scratch: Path
) -> dict[str, bytes]:
    symbols = [row.symbol for row in rows]
    defines = [f'-DSYMVER_PIN_OLD_{row.symbol}="{old_versions[row.symbol]}"' for row in rows if row.needs_old_version]
    result = scratch / f"{file}.o"
    extra = FILE_FLAGS.get(file, ())
    try:
        _compile(cc, [*FLAGS, *extra, *defines, "-c", str(SOURCES / file), "-o", str(result)], file)
    except CompatError:
        if not extra:
            raise
        return {}
    splitter = Splitter(result.read_bytes(), f"compat/{file}")
    for symbol in symbols:
        if not splitter.defines(symbol):
            raise CompatError(f"compat/{file} has no {symbol} for the architecture that {' '.join(cc)} compiles for")
    return {symbol: splitter.member(symbol, symbols) for symbol in symbols}


def _compile(cc: Sequence[str], arguments: Sequence[str], file: str) -> None:
    compiler = " ".join(cc)
    try:
        done = subprocess.run(
            [*cc, *arguments], capture_output=True, text=True, errors="replace", check=False, stdin=subprocess.DEVNULL
        )
    except OSError as error:
        raise CompatError(f"cannot run the compiler {compiler!r}: {error.strerror}") from error
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        first = next((line for line in lines if "error" in line.lower()), lines[0] if lines else "no message")
        raise CompatError(f"{compiler} cannot compile compat/{file}: {first}")


def archive_bytes(objects: Mapping[str, bytes]) -> bytes:
    """A System V ``ar`` file with one member a symbol and an index that lists each symbol at its member.

    >>> archive_bytes({})
    b'!<arch>\\n/               0           0     0     0       4         `\\n\\x00\\x00\\x00\\x00'
    """
    long_names = b""
    entries: list[tuple[str, bytes]] = []
    for symbol, data in objects.items():
        name = f"{symbol}.o/"
        if len(name) > 16:  # ar_name
            entries.append((f"/{len(long_names)}", data))
            long_names += name.encode() + b"\n"
        else:
            entries.append((name, data))

    index_size = 4 + 4 * len(objects) + sum(len(symbol) + 1 for symbol in objects)
    position = len(b"!<arch>\n") + _room(index_size) + (_room(len(long_names)) if long_names else 0)
    offsets = []
    for _, data in entries:
        offsets.append(position)
        position += _room(len(data))
    index = struct.pack(f">{1 + len(offsets)}I", len(offsets), *offsets)
    index += b"".join(symbol.encode() + b"\0" for symbol in objects)
    parts = [b"!<arch>\n", _entry("/", index)]
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
