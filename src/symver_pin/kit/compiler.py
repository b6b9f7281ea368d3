"""Find and probe the compilers and linkers of this host.

Facts about a compiler come from its own output: its target (``-dumpmachine``), the paths of its libgcc and libstdc++
(``-print-file-name``), the linker that it runs by default (``-Wl,--version``). The table ``LINKERS`` lists the options
that differ between linkers.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from symver_pin.errors import ToolError
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import arch_of_triplet, host_arch

RELR_SINCE = Release(2, 36)
"""The first release whose loader understands DT_RELR. A link for an older target must not make it."""


class Linker(NamedTuple):
    """One linker, and the options that it needs.

    The loaders before 2.36 do not understand DT_RELR. Each linker has its own option against it: lld accepts
    ``-z nopack-relative-relocs`` from release 15 on only, and gold, which cannot make DT_RELR, fails on unknown ``-z``
    words. bfd, gold and lld leave a weak reference to a function that the target lacks (Rust's to ``statx``) for the
    loader to bind. mold resolves it to zero in a program. An option changes that since mold 2.37; older ones accept the
    option without effect.
    """

    name: str
    """The name in ``-fuse-ld=NAME``."""
    word: str
    """A word in the output of ``--version`` that identifies the linker."""
    no_relr: tuple[str, ...]
    """The options with which it makes no DT_RELR."""
    keep_weak: tuple[str, ...] = ()
    """The options with which it leaves an undefined weak symbol of a program for the loader to bind."""
    folder: str = ""
    """The folder below the kit's ``lib`` that it searches instead of ``lib``. "" for ``lib`` itself."""


MOLD_FOLDER = "mold"
"""The folder for mold: the same libraries as in ``lib``, but archives of bundles (see ``compat.archive``)."""

LINKERS = (
    Linker("lld", "LLD", ("--pack-dyn-relocs=none",)),
    Linker("mold", "mold", ("-z", "nopack-relative-relocs"), ("-z", "dynamic-undefined-weak"), MOLD_FOLDER),
    Linker("gold", "GNU gold", ()),
    Linker("bfd", "GNU ld", ("-z", "nopack-relative-relocs")),
)


class Compiler(NamedTuple):
    """A C compiler with its C++ compiler, and the facts that probing them gives."""

    cc: Path
    cxx: Path | None
    arch: Arch
    is_clang: bool
    linker: Linker
    libgcc: Path
    libstdcxx: Path | None
    """The static libstdc++.a; None if it is not installed."""
    system_libs: tuple[Path, ...]
    """The folders of the host's glibc, with links resolved."""
    default_pie: bool
    """True if it makes position-independent executables by default."""


def default_cc(arch: Arch) -> str:
    """The name of the default compiler: for the host ``cc`` (else ``gcc``, ``clang``), otherwise ``<triplet>-gcc``."""
    if arch == host_arch():
        return next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), "cc")
    return f"{arch.compiler_prefix}-gcc"


def find_cc(name: str) -> Path:
    """The absolute path of a compiler. Symbolic links are not resolved: ccache and Debian's alternatives need them.

    Raises ToolError if there is no such program.
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
    """The C++ driver of a C driver: ``gcc-12`` -> ``g++-12``, ``clang`` -> ``clang++``, ``cc`` -> ``c++``."""
    return _companion(cc, _DRIVERS)


def companion_cc(cxx: Path) -> Path | None:
    """The C driver of a C++ driver: the reverse of ``companion_cxx``."""
    return _companion(cxx, tuple((cxx_name, c_name) for c_name, cxx_name in _DRIVERS))


def _companion(driver: Path, names: Sequence[tuple[str, str]]) -> Path | None:
    for own, other in names:
        head, word, tail = driver.name.rpartition(own)
        if word and (candidate := driver.with_name(head + other + tail)).exists():
            return candidate
    return None


def output_of(command: list[str]) -> str:
    """Run a compiler and return its standard output. Raises ToolError if it cannot be run or fails."""
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
    """Probe a compiler. Raises ToolError if it compiles for another architecture or lacks its runtime library."""
    machine = output_of([str(cc), "-dumpmachine"])
    if arch_of_triplet(machine) != arch:
        raise ToolError(
            f"{cc} compiles for {machine or 'an unknown target'}, not for {arch.name} and glibc; name "
            f"a compiler for it with --cc"
        )
    libgcc = _library(cc, "libgcc.a")
    if libgcc is None:
        raise ToolError(f"{cc} finds no libgcc.a; install the runtime package of the compiler")
    system = {_library(cc, name) for name in ("libc.so.6", "libc.so", "libm.so")}
    return Compiler(
        cc,
        companion_cxx(cc),
        arch,
        "clang" in output_of([str(cc), "--version"]),
        default_linker(cc),
        libgcc,
        _library(cc, "libstdc++.a"),
        tuple(sorted({path.parent for path in system if path is not None})),
        "#define __PIE__ " in output_of([str(cc), "-dM", "-E", "-xc", "/dev/null"]),
    )


def default_linker(cc: Path) -> Linker:
    """The linker that the compiler runs without ``-fuse-ld``. Raises ToolError if it cannot run one."""
    try:
        text = output_of([str(cc), "-Wl,--version"])
    except ToolError as error:
        raise ToolError(f"{cc} cannot run its linker; install one (Debian: apt-get install binutils)") from error
    return next((linker for linker in LINKERS if linker.word in text), LINKERS[-1])


def packing_linkers(cc: Path, glibc: Release) -> tuple[str, ...]:
    """The names of the linkers that need an option so that they make no DT_RELR for a target.

    GNU ld supports DT_RELR from 2.38 on, added for one architecture after the other. Without support it warns at each
    link ("-z nopack-relative-relocs ignored"), so its ``--help`` decides. If the help cannot be read, GNU ld is
    included.
    """
    if glibc >= RELR_SINCE:
        return ()
    try:
        bfd_packs = "pack-relative-relocs" in output_of([str(cc), "-fuse-ld=bfd", "-Wl,--help"])
    except ToolError:
        bfd_packs = True
    return tuple(linker.name for linker in LINKERS if linker.no_relr and (linker.name != "bfd" or bfd_packs))


def _library(cc: Path, name: str) -> Path | None:
    """The path of a library that the compiler finds, with links resolved.

    The compiler prints the bare name for others.
    """
    path = Path(output_of([str(cc), f"-print-file-name={name}"]))
    return path.resolve() if path.is_absolute() and path.exists() else None
