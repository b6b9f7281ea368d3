"""Probe a compiler of this host, its linkers, and the C library that its headers belong to.

Facts about a compiler come from its own output: its target (``-dumpmachine``), the paths of its libgcc and libstdc++
(``-print-file-name``), the linker that it runs by default (``-Wl,--version``). The table ``LINKERS`` lists the options
that differ between linkers.
"""

import os
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from symver_pin.errors import ToolError, UsageError
from symver_pin.glibc.release import Release
from symver_pin.kit.command import CompilerCommand
from symver_pin.kit.runtimes import RUNTIMES, Runtime
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import arch_of_triplet
from symver_pin.variables import TIMEOUT


class LoaderOption(NamedTuple):
    """An option that keeps a linker from making what older loaders do not understand."""

    words: tuple[str, ...]
    since: Release
    """The first glibc release whose loader understands it. A link for an older target gets the option."""
    in_help: str = ""
    """A word of the linker's ``--help`` that shows that it knows the option. "" if all its releases do."""
    linker_since: Release | None = None
    """The first release of the linker that knows the option, for one whose ``--help`` does not show it."""
    concerns: Callable[[Arch], bool] | None = None
    """The architectures that the option is for; None for all. A linker for several architectures shows its options in
    ``--help`` and warns where one does not apply."""


class Linker(NamedTuple):
    """One linker, and the options that it needs.

    bfd, gold and lld leave a weak reference to a function that the target lacks (Rust's to ``statx``) for the loader to
    bind. mold resolves it to zero in a program. An option changes that since mold 2.37; older ones accept the option
    without effect.
    """

    name: str
    """The name in ``-fuse-ld=NAME``."""
    word: str
    """A word in the output of ``--version`` that identifies the linker."""
    for_old_loaders: tuple[LoaderOption, ...]
    keep_weak: tuple[str, ...] = ()
    """The options with which it leaves an undefined weak symbol of a program for the loader to bind."""
    folder: str = ""
    """The folder below the kit's ``lib`` that it searches instead of ``lib``. "" for ``lib`` itself."""


MOLD_FOLDER = "mold"
"""The folder for mold: the same libraries as in ``lib``, but archives of bundles (see ``compat.archive``)."""

_RELR = Release(2, 36)
"""The first release whose loader understands DT_RELR, and relocations of marked PLT entries (``-z mark-plt``): an older
one adds the addend of R_X86_64_JUMP_SLOT, which such entries use, to the address of the function."""

_NO_RELR = ("-z", "nopack-relative-relocs")

_SYSTEM_V_HASH = LoaderOption(("--hash-style=sysv",), Release(2, 31), concerns=lambda arch: arch.has_own_gnu_hash)
"""Newer compilers for MIPS pass ``--hash-style=gnu`` alone, for which GNU ld writes DT_MIPS_XHASH and ABI version 5."""

LINKERS = (
    # lld has two options that make DT_RELR; the second one came with 15, and earlier releases warn of its opposite.
    Linker(
        "lld",
        "LLD",
        (
            LoaderOption(("--pack-dyn-relocs=none",), _RELR),
            LoaderOption(_NO_RELR, _RELR, linker_since=Release(15, 0)),
        ),
    ),
    Linker("mold", "mold", (LoaderOption(_NO_RELR, _RELR),), ("-z", "dynamic-undefined-weak"), MOLD_FOLDER),
    # gold makes neither, and fails on -z words that it does not know.
    Linker("gold", "GNU gold", ()),
    # GNU ld supports DT_RELR from 2.38 on, added for one architecture after the other. Without support it warns at each
    # link that the option is ignored.
    Linker(
        "bfd",
        "GNU ld",
        (
            LoaderOption(_NO_RELR, _RELR, in_help="pack-relative-relocs"),
            LoaderOption(("-z", "nomark-plt"), _RELR, in_help="mark-plt", concerns=lambda arch: arch.has_marked_plt),
            _SYSTEM_V_HASH,
        ),
    ),
)


_DEFAULT_TIMEOUT = 300.0
"""Seconds."""


class Headers(NamedTuple):
    """The C library headers that a compiler reads."""

    release: Release
    """The glibc release that they belong to."""
    file: Path
    """Their ``<features.h>``, which a package update replaces."""


class Compiler(NamedTuple):
    """A C compiler with its companions, and the facts that probing it gives."""

    command: CompilerCommand
    arch: Arch
    is_clang: bool
    linker: Linker
    libgcc: Path
    runtimes: tuple[tuple[Runtime, Path], ...]
    """The static runtime libraries that it finds, and their paths."""
    system_libs: tuple[Path, ...]
    """The folders of the host's glibc, with links resolved."""
    default_pie: bool
    """True if it makes position-independent executables by default."""
    headers: Headers


def timeout() -> float:
    """The seconds after which a compiler counts as hanging. Raises UsageError if the variable is no positive number."""
    text = os.environ.get(TIMEOUT) or str(_DEFAULT_TIMEOUT)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise UsageError(f"{TIMEOUT}={text}: not a number of seconds above 0")
    return seconds


def output_of(command: Sequence[str], source: str = "", both: bool = False) -> str:
    """Run a compiler with ``source`` on its standard input and return its standard output (``both``: and error output).

    Raises ToolError if it cannot be run, fails, or does not end in time.
    """
    import subprocess  # not at the top: a kit that exists is found without running anything

    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, errors="replace", input=source, timeout=timeout()
        )
    except OSError as error:
        raise ToolError(f"cannot run {command[0]}: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"{' '.join(command)} has not ended after {error.timeout:g} seconds ({TIMEOUT})") from error
    if done.returncode != 0:
        first = (done.stderr.strip() or "no message").splitlines()[0]
        raise ToolError(f"{' '.join(command)} failed: {first}")
    return (done.stdout + done.stderr if both else done.stdout).strip()


def probe(command: CompilerCommand, arch: Arch) -> Compiler:
    """Probe a compiler.

    Raises ToolError if it compiles for another architecture, or lacks its runtime library or the headers of glibc.
    """
    machine = output_of([*command.words, "-dumpmachine"])
    if arch_of_triplet(machine) != arch:
        raise ToolError(
            f"{command} compiles for {machine or 'an unknown target'}, not for {arch.name} and glibc; name "
            f"a compiler for it with --cc"
        )
    libgcc = find_library(command, "libgcc.a")
    if libgcc is None:
        raise ToolError(f"{command} finds no libgcc.a; install the runtime package of the compiler")
    system = {find_library(command, name) for name in ("libc.so.6", "libc.so", "libm.so")}
    macros = _features(command)
    return Compiler(
        command,
        arch,
        "clang" in output_of([*command.words, "--version"]),
        default_linker(command),
        libgcc,
        tuple((item, found) for item in RUNTIMES if (found := find_library(command, item.archive)) is not None),
        tuple(sorted({path.parent for path in system if path is not None})),
        "#define __PIE__ " in macros,
        _headers(command, macros),
    )


def _features(command: CompilerCommand) -> str:
    """The macros of a compiler and of ``<features.h>``; then the names of the files read (-H)."""
    try:
        return output_of([*command.words, "-E", "-dM", "-H", "-xc", "-"], "#include <features.h>\n", both=True)
    except ToolError as error:
        raise ToolError(f"{error}; install the headers of the C library (Debian: apt-get install libc6-dev)") from None


def read_headers(command: CompilerCommand) -> Headers:
    """The C library headers that a compiler reads. Raises ToolError if they are missing or not those of glibc."""
    return _headers(command, _features(command))


def _headers(command: CompilerCommand, macros: str) -> Headers:
    """The headers that the output of ``_features`` names. Raises ToolError if they are not those of glibc."""
    numbers = dict(re.findall(r"^#define (__GLIBC__|__GLIBC_MINOR__) (\d+)$", macros, re.M))
    files = re.findall(r"^\.+ (/.*/features\.h)$", macros, re.M)
    if len(numbers) != 2 or not files:
        raise ToolError(f"{command} reads the headers of another C library than glibc; name a compiler with --cc")
    return Headers(Release(int(numbers["__GLIBC__"]), int(numbers["__GLIBC_MINOR__"])), Path(files[0]))


def default_linker(command: CompilerCommand) -> Linker:
    """The linker that the compiler runs without ``-fuse-ld``. Raises ToolError if it cannot run one."""
    try:
        text = output_of([*command.words, "-Wl,--version"])
    except ToolError as error:
        raise ToolError(f"{command} cannot run its linker; install one (Debian: apt-get install binutils)") from error
    return next((linker for linker in LINKERS if linker.word in text), LINKERS[-1])


def loader_options(command: CompilerCommand, arch: Arch, glibc: Release) -> dict[str, tuple[str, ...]]:
    """The name of each linker that needs options so that it makes nothing that the target's loader does not understand
    -> these options.

    A linker that is not installed is taken for its newest release.
    """
    found: dict[str, tuple[str, ...]] = {}
    for linker in LINKERS:
        options = [
            option
            for option in linker.for_old_loaders
            if glibc < option.since and (option.concerns is None or option.concerns(arch))
        ]
        known = [option for option in options if _knows(command, linker, option)]
        if known:
            found[linker.name] = tuple(word for option in known for word in option.words)
    return found


def _knows(command: CompilerCommand, linker: Linker, option: LoaderOption) -> bool:
    """True if the installed linker knows an option, or if that cannot be found out."""
    if option.in_help:
        text = _answer(command, linker, "--help")
        return text is None or option.in_help in text
    if option.linker_since is None:
        return True
    version = re.search(r"\b(\d+)\.(\d+)", _answer(command, linker, "--version") or "")
    return version is None or Release(int(version[1]), int(version[2])) >= option.linker_since


@cache
def _answer(command: CompilerCommand, linker: Linker, question: str) -> str | None:
    """What a linker prints for ``--help`` or ``--version``; None if the compiler cannot run it."""
    try:
        return output_of([*command.words, f"-fuse-ld={linker.name}", f"-Wl,{question}"])
    except ToolError:
        return None


def find_library(command: CompilerCommand, name: str) -> Path | None:
    """The path of a library that the compiler finds, with links resolved.

    The compiler prints the bare name for others.
    """
    path = Path(output_of([*command.words, f"-print-file-name={name}"]))
    return path.resolve() if path.is_absolute() and path.exists() else None
