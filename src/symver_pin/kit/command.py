"""The command that runs a C compiler: launchers (ccache), the compiler itself, options that always come first.

A user writes it as in ``CC``: ``gcc-12``, ``ccache gcc``, ``clang --target=aarch64-linux-gnu``. A compiler that is the
wrapper of a kit (``KIT/bin/cc``, also when that folder is on the PATH) stands for the compiler that the kit was made
for: a kit around the wrapper of another kit would link with the libraries of that other kit.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from symver_pin.errors import ToolError
from symver_pin.kit.model import read_stamp
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import host_arch

LAUNCHERS = frozenset({"ccache", "distcc", "sccache", "icecc", "cachepot", "buildcache"})
"""Programs that may stand before the compiler, to cache or distribute compilations. The crate cc has the same list."""

_CXX = (("clang", "clang++"), ("gcc", "g++"), ("gfortran", "g++"), ("cc", "c++"))
"""The names of a C compiler and of the C++ compiler that belongs to it. ``gfortran`` compiles C too: all three are
drivers of one GCC."""
_FORTRAN = (("gcc", "gfortran"), ("gfortran", "gfortran"), ("cc", "gfortran"))
"""The names of a C compiler and of the Fortran compiler that belongs to it."""


class CompilerCommand(NamedTuple):
    """The words of a compiler command. Programs are absolute paths whose symbolic links are not resolved, because
    ccache and Debian's alternatives decide by the name of the link.
    """

    words: tuple[str, ...]
    at: int
    """The index of the compiler in ``words``."""

    @property
    def program(self) -> Path:
        """The path of the compiler."""
        return Path(self.words[self.at])

    def with_program(self, program: Path) -> CompilerCommand:
        """The same command with another compiler."""
        return CompilerCommand((*self.words[: self.at], str(program), *self.words[self.at + 1 :]), self.at)

    @property
    def cxx(self) -> CompilerCommand | None:
        """The C++ compiler that belongs to a C compiler (``gcc-12`` -> ``g++-12``); None if it is not installed."""
        return self._companion(_CXX)

    @property
    def fortran(self) -> CompilerCommand | None:
        """The Fortran compiler that belongs to a C compiler (``gcc-12`` -> ``gfortran-12``); None as for ``cxx``."""
        return self._companion(_FORTRAN)

    @property
    def cc(self) -> CompilerCommand | None:
        """The C compiler that belongs to a C++ compiler: the reverse of ``cxx``."""
        return self._companion([(cxx, cc) for cc, cxx in _CXX if cc != "gfortran"])

    def _companion(self, names: Sequence[tuple[str, str]]) -> CompilerCommand | None:
        """The installed program beside the compiler whose name has the second word of a pair for the first."""
        for own, other in names:
            head, word, tail = self.program.name.rpartition(own)
            if word and (candidate := self.program.with_name(head + other + tail)).exists():
                return self.with_program(candidate)
        return None

    def __str__(self) -> str:
        """The command as a shell would read it."""
        return shlex.join(self.words)


def default_cc(arch: Arch) -> str:
    """The name of the default compiler: for the host ``cc`` (else ``gcc``, ``clang``), otherwise ``<triplet>-gcc``."""
    if arch == host_arch():
        return next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), "cc")
    return f"{arch.compiler_prefix}-gcc"


def split_command(text: str) -> list[str]:
    """The words of a compiler command. A text that is itself a program's name or path, blanks included, is one word.

    Raises ToolError if the text cannot be split.
    """
    try:
        return [text] if shutil.which(text) else shlex.split(text)
    except ValueError as error:
        raise ToolError(f"{text!r}: not a compiler command: {error}; quote it as in a shell") from error


def compiler_index(words: Sequence[str]) -> int:
    """The index of the first word that is not a launcher: the compiler. The number of words if all are launchers."""
    return next((i for i, word in enumerate(words) if Path(word).name not in LAUNCHERS), len(words))


def find_command(text: str) -> CompilerCommand:
    """The command that a text like the value of ``CC`` names.

    Raises ToolError if a program of the command does not exist or the text cannot be split.
    """
    words = split_command(text)
    at = compiler_index(words)
    if at == len(words):
        raise ToolError(f"{text!r}: names no compiler; give a command like 'gcc' or 'ccache gcc'")
    launchers = [str(_path_of(word)) for word in words[:at]]
    compiler = _path_of(words[at])
    stamp = read_stamp(compiler.parent.parent)
    if stamp is not None:
        inner = find_command(stamp.cc)
        return CompilerCommand((*launchers, *inner.words, *words[at + 1 :]), at + inner.at)
    return CompilerCommand((*launchers, str(compiler), *words[at + 1 :]), at)


def _path_of(name: str) -> Path:
    """The absolute path of a program. Raises ToolError if there is none."""
    found = shutil.which(name)
    if found is not None:
        return Path(found).absolute()
    if Path(name).name in LAUNCHERS:
        raise ToolError(f"no program {name!r} on the PATH; install it, or name the compiler without it")
    triplet = name.removesuffix("-gcc") if name.endswith("-gcc") else ""
    package = f"gcc-{triplet.replace('_', '-')}" if triplet else "gfortran" if name == "gfortran" else "gcc"
    raise ToolError(
        f"no C compiler {name!r} on the PATH; install one (Debian: apt-get install {package}) or name it with --cc"
    )
