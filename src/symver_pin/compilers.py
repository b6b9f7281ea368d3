"""Find and probe compilers and linkers on this host.

A compiler is asked, not guessed about: its target (``-dumpmachine``), where it keeps libgcc and libstdc++
(``-print-file-name``), which linker it runs when nobody says (``-Wl,--version``). ``LINKERS`` is the table of how
each linker differs for us.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from symver_pin.elf.arch import ARCHES, Arch, host_arch
from symver_pin.errors import ToolError
from symver_pin.maps.release import Release

#: The first release whose loader understands DT_RELR; for an older target every link must turn it off.
RELR_SINCE = Release(2, 36)


class Linker(NamedTuple):
    """One linker: the word in its version text, its ``-fuse-ld`` name, the options that turn DT_RELR off, and those
    that keep an undefined weak symbol of a program for the loader to bind.

    DT_RELR is not understood by loaders before 2.36. lld took ``-z nopack-relative-relocs`` in release 15 only and
    gold fails on unknown ``-z`` words (it cannot make DT_RELR at all), so each gets its own spelling. A weak reference
    to a function that the target lacks (Rust's to ``statx``) is left to the loader by bfd, gold and lld; mold makes it
    zero in a program unless told otherwise, which it can be since 2.37 (older ones take the option and do nothing).
    """

    name: str
    word: str
    no_relr: tuple[str, ...]
    keep_weak: tuple[str, ...] = ()
    folder: str = ""
    """The folder in a kit's ``lib`` that it searches in place of ``lib``: all of that, but with other archives."""


#: mold's: with archives of bundles (``compat.archive``).
MOLD_FOLDER = "mold"

LINKERS = (
    Linker("lld", "LLD", ("--pack-dyn-relocs=none",)),
    Linker("mold", "mold", ("-z", "nopack-relative-relocs"), ("-z", "dynamic-undefined-weak"), MOLD_FOLDER),
    Linker("gold", "GNU gold", ()),
    Linker("bfd", "GNU ld", ("-z", "nopack-relative-relocs")),
)


class Compiler(NamedTuple):
    """A C compiler and its C++ companion, probed."""

    cc: Path
    cxx: Path | None
    arch: Arch
    is_clang: bool
    linker: Linker
    libgcc: Path
    libstdcxx: Path | None
    """The static libstdc++.a, when it is installed."""
    system_libs: tuple[Path, ...]
    """The folders in which the host keeps glibc, links resolved."""
    default_pie: bool
    """True if it makes position independent executables unless told otherwise."""


#: Debian names its cross compiler for i386 after the processor, its libraries' folder after the architecture.
_CROSS_PREFIXES = {"i386": "i686-linux-gnu"}


def default_cc(arch: Arch) -> str:
    """The name of the compiler to look for when none is named: ``cc`` for the host, else ``<triplet>-gcc``."""
    if arch == host_arch():
        return next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), "cc")
    return f"{_CROSS_PREFIXES.get(arch.name, arch.triplet)}-gcc"


def find_cc(name: str) -> Path:
    """The absolute path of a compiler. Links are kept: ccache and alternatives work through them.

    Raises ToolError when there is none.
    """
    found = shutil.which(name)
    if found is None:
        triplet = name.removesuffix("-gcc") if name.endswith("-gcc") else ""
        package = f"gcc-{triplet.replace('_', '-')}" if triplet else "gcc"
        raise ToolError(
            f"no C compiler {name!r} on the PATH; install one (Debian: apt-get install {package}) or name it with --cc"
        )
    return Path(found).absolute()


_DRIVERS = (("clang", "clang++"), ("gcc", "g++"), ("cc", "c++"))


def companion_cxx(cc: Path) -> Path | None:
    """The C++ driver beside a C driver: ``gcc-12`` -> ``g++-12``, ``clang`` -> ``clang++``, ``cc`` -> ``c++``."""
    return _companion(cc, _DRIVERS)


def companion_cc(cxx: Path) -> Path | None:
    """The C driver beside a C++ driver: ``companion_cxx`` the other way."""
    return _companion(cxx, tuple((cxx_name, c_name) for c_name, cxx_name in _DRIVERS))


def _companion(driver: Path, names: Sequence[tuple[str, str]]) -> Path | None:
    for own, other in names:
        head, word, tail = driver.name.rpartition(own)
        if word and (candidate := driver.with_name(head + other + tail)).exists():
            return candidate
    return None


def ask(command: list[str]) -> str:
    """Run a compiler for what it prints on stdout. Raises ToolError when it cannot be run or fails."""
    import subprocess  # not at the top: a kit that exists is found without running anything

    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, errors="replace")
    except OSError as error:
        raise ToolError(f"cannot run {command[0]}: {error.strerror}") from error
    if done.returncode != 0:
        first = (done.stderr.strip() or "no message").splitlines()[0]
        raise ToolError(f"{' '.join(command)} failed: {first}")
    return done.stdout.strip()


def probe(cc: Path, arch: Arch) -> Compiler:
    """Ask a compiler what it is. Raises ToolError when it is for another architecture or lacks its runtime."""
    machine = ask([str(cc), "-dumpmachine"])
    if arch_of_triplet(machine) != arch:
        raise ToolError(
            f"{cc} compiles for {machine or 'nothing that it tells'}, not for {arch.name} and glibc; name "
            f"a compiler for it with --cc"
        )
    libgcc = _library(cc, "libgcc.a")
    if libgcc is None:
        raise ToolError(f"{cc} finds no libgcc.a; install the compiler's runtime package")
    system = {_library(cc, name) for name in ("libc.so.6", "libc.so", "libm.so")}
    return Compiler(
        cc,
        companion_cxx(cc),
        arch,
        "clang" in ask([str(cc), "--version"]),
        default_linker(cc),
        libgcc,
        _library(cc, "libstdc++.a"),
        tuple(sorted({path.parent for path in system if path is not None})),
        "#define __PIE__ " in ask([str(cc), "-dM", "-E", "-xc", "/dev/null"]),
    )


def default_linker(cc: Path) -> Linker:
    """The linker that the compiler runs when no ``-fuse-ld`` is given."""
    try:
        text = ask([str(cc), "-Wl,--version"])
    except ToolError as error:
        raise ToolError(f"{cc} cannot run its linker; install one (Debian: apt-get install binutils)") from error
    return next((linker for linker in LINKERS if linker.word in text), LINKERS[-1])


def packing_linkers(cc: Path, glibc: Release) -> tuple[str, ...]:
    """The linkers that must be told to make no DT_RELR in a link for a target, by name.

    GNU ld learned of it in 2.38 and for one architecture after the other; before that it warns of the option at each
    link ("-z nopack-relative-relocs ignored"), so its help is asked. One that cannot be asked is told.
    """
    if glibc >= RELR_SINCE:
        return ()
    try:
        bfd_packs = "pack-relative-relocs" in ask([str(cc), "-fuse-ld=bfd", "-Wl,--help"])
    except ToolError:
        bfd_packs = True
    return tuple(linker.name for linker in LINKERS if linker.no_relr and (linker.name != "bfd" or bfd_packs))


def _library(cc: Path, name: str) -> Path | None:
    """A library that the compiler finds, links resolved; it prints the bare name back when it finds none."""
    path = Path(ask([str(cc), f"-print-file-name={name}"]))
    return path.resolve() if path.is_absolute() and path.exists() else None


def arch_of_triplet(machine: str) -> Arch | None:
    """The architecture of a compiler's or Rust's target triple (``i686-linux-gnu``, ``riscv64gc-unknown-linux-gnu``).

    None for one without glibc, and for one that no table is of.
    """
    if "-linux" not in machine:
        return None
    cpu, *_, system = machine.split("-")
    if system in ("gnux32", "gnuabin32") or system.startswith(("musl", "android", "uclibc")):
        return None
    if cpu.startswith("i") and cpu.endswith("86"):
        return ARCHES["i386"]
    if cpu.startswith("arm"):
        return ARCHES["arm"] if system.endswith("hf") else None
    return ARCHES.get({"mips64el": "mips64", "riscv64gc": "riscv64"}.get(cpu, cpu))
