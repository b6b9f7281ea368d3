"""The architectures: the compiler, the target, and the runtimes on which programs are tried.

A runtime of another architecture is a folder as qemu's option -L takes it; the one of x86_64's old glibc is a root.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import library_sets
from conftest import need_root, need_tool
from cross import sysroot_of_231
from newer_tools import CROSS_TRIPLET, get_cross_compiler, get_emulators
from served import LIBRARY_SETS, TOOLS, served


@dataclass(frozen=True)
class Runtime:
    """A real glibc of an architecture."""

    release: str
    """The glibc release, or "host" for this machine's own."""
    folder: Callable[[], Path] | None
    """Where it is; None for this machine's own."""


@dataclass(frozen=True)
class Machine:
    """How one architecture is tried."""

    name: str
    """As `--arch` and the symbol tables call it."""
    triplet: str
    """The prefix of the compilers' names; "" for this machine's own."""
    emulator: str
    """The program that runs its programs; "" where this processor does."""
    target: str
    """The glibc release that programs are built for: 2.17, or the first release of a younger architecture."""
    old: Runtime | None
    """The oldest real runtime; None where the newest is the only one."""
    new: Runtime
    has_old_kernel_calls: bool = False
    """True if programs may ask the kernel to refuse system calls (seccomp), which qemu does not offer."""

    def compilers(self) -> tuple[Path, Path]:
        """The C and the C++ compiler."""
        if self.triplet == CROSS_TRIPLET:
            folder = served(TOOLS, self.triplet, get_cross_compiler) / "usr/bin"
            return folder / f"{self.triplet}-gcc", folder / f"{self.triplet}-g++"
        prefix = f"{self.triplet}-" if self.triplet else ""
        return Path(need_tool(f"{prefix}gcc")), Path(need_tool(f"{prefix}g++"))

    def runtime(self, place: str) -> Runtime | None:
        """The runtime by its column of the grid, "old" or "new"."""
        return self.old if place == "old" else self.new

    def starter(self, folder: Path) -> list[str]:
        """The words in front of a program that runs on the runtime in `folder`."""
        if not self.emulator:
            return [str(folder / "lib/ld-linux.so.2"), "--library-path", str(folder / "lib")]
        return [str(served(TOOLS, "qemu-user", get_emulators) / self.emulator), "-L", str(folder)]


def _sysroot_217(debian: str) -> Runtime:
    (found,) = (each for each in library_sets.SETS if each.suite == "sysroot-2.17" and each.debian_arch == debian)
    return Runtime("2.17", lambda: served(LIBRARY_SETS, str(found), lambda: library_sets.fetch(found)))


def _debian_11(debian: str) -> Runtime:
    return Runtime("2.31", lambda: sysroot_of_231(debian))


def _compilers_own(triplet: str) -> Runtime:
    return Runtime("2.36", lambda: Path("/usr") / triplet)


def _loongarch() -> Path:
    return served(TOOLS, CROSS_TRIPLET, get_cross_compiler) / "usr" / CROSS_TRIPLET


def _cross(name: str, debian: str, triplet: str, emulator: str, target: str = "2.17") -> Machine:
    return Machine(name, triplet, emulator, target, _debian_11(debian), _compilers_own(triplet))


_ALL = (
    Machine("x86_64", "", "", "2.17", Runtime("2.17", lambda: need_root("2.17")), Runtime("host", None), True),
    Machine(
        "aarch64", "aarch64-linux-gnu", "qemu-aarch64", "2.17",
        _sysroot_217("arm64"), _compilers_own("aarch64-linux-gnu"),
    ),
    _cross("i386", "i386", "i686-linux-gnu", ""),
    _cross("arm", "armhf", "arm-linux-gnueabihf", "qemu-arm"),
    _cross("mips64", "mips64el", "mips64el-linux-gnuabi64", "qemu-mips64el"),
    _cross("powerpc64le", "ppc64el", "powerpc64le-linux-gnu", "qemu-ppc64le"),
    _cross("riscv64", "riscv64", "riscv64-linux-gnu", "qemu-riscv64", "2.27"),
    _cross("s390x", "s390x", "s390x-linux-gnu", "qemu-s390x"),
    Machine("loongarch64", CROSS_TRIPLET, "qemu-loongarch64", "2.36", None, Runtime("2.41", _loongarch)),
)  # fmt: skip

MACHINES = {machine.name: machine for machine in _ALL}
"""All, by name, in the order of the page."""
