"""Debian's cross compilers, and how a program of theirs is started here: beside the C library that they come with."""

from __future__ import annotations

import re
from pathlib import Path

from cache import kept_folder
from conftest import need_tool
from debian_archive import download_packages, unpack_deb
from served import ROOTS, served

#: Triplet -> emulator; none where this processor runs the program (and qemu-i386 hangs at the end of a thread).
EMULATORS = {
    "aarch64-linux-gnu": "qemu-aarch64",
    "arm-linux-gnueabihf": "qemu-arm",
    "i686-linux-gnu": "",
    "mips64el-linux-gnuabi64": "qemu-mips64el",
    "powerpc64le-linux-gnu": "qemu-ppc64le",
    "riscv64-linux-gnu": "qemu-riscv64",
    "s390x-linux-gnu": "qemu-s390x",
}

#: The oldest glibc that is tried; RISC-V has none before 2.27.
OLDEST = {triplet: "2.27" if triplet == "riscv64-linux-gnu" else "2.17" for triplet in EMULATORS}


#: The architecture as Debian calls it -> the triplet.
TRIPLETS = {
    "arm64": "aarch64-linux-gnu",
    "armhf": "arm-linux-gnueabihf",
    "i386": "i686-linux-gnu",
    "mips64el": "mips64el-linux-gnuabi64",
    "ppc64el": "powerpc64le-linux-gnu",
    "riscv64": "riscv64-linux-gnu",
    "s390x": "s390x-linux-gnu",
}


def sysroot_of_231(architecture: str) -> Path:
    """The folder with the `lib/` of glibc 2.31 and GCC 10 (Debian 11) of an architecture, as Debian calls it.

    They are the libraries of Debian's cross compilers, which it has for more architectures than it still serves
    packages of that release for.
    """

    def fill(folder: Path, download: Path) -> None:
        names = [f"{name}-{architecture}-cross" for name in ("libc6", "libgcc-s1", "libatomic1", "libgomp1")]
        for package in download_packages("bullseye", names, download):
            unpack_deb(package, download / "root")
        for path in (download / "root/usr" / TRIPLETS[architecture]).iterdir():
            path.rename(folder / path.name)

    name = f"cross-bullseye-{architecture}"
    return served(ROOTS, f"glibc 2.31 of {architecture}", lambda: kept_folder(name, fill))


def libraries_of_231(architecture: str) -> Path:
    """The folder with the libraries of that glibc."""
    return sysroot_of_231(architecture) / "lib"


def release_of(triplet: str) -> str:
    """The glibc release that a cross compiler comes with: "2.36"."""
    libc = Path(f"/usr/{triplet}/lib/libc.so.6").read_bytes()
    banner = re.search(rb"GNU C Library .* release version (2\.\d+)", libc)
    assert banner is not None
    return banner[1].decode()


def start(triplet: str) -> list[str]:
    """The words in front of a dynamic program."""
    emulator, sysroot = EMULATORS[triplet], f"/usr/{triplet}"
    if emulator:
        return [need_tool(emulator), "-L", sysroot]
    return [f"{sysroot}/lib/ld-linux.so.2", "--library-path", f"{sysroot}/lib"]
