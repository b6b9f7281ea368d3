"""Debian's cross compilers, and how a program of theirs is started here: beside the C library that they come with."""

from __future__ import annotations

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


def libraries_of_231(architecture: str) -> Path:
    """The folder with the libraries of glibc 2.31 (Debian 11) of an architecture, as Debian calls it."""

    def fill(folder: Path, download: Path) -> None:
        (package,) = download_packages("bullseye", ["libc6"], download, architecture)
        unpack_deb(package, download / "root")
        (libc,) = (download / "root/lib").glob("*/libc.so.6")
        for path in libc.parent.iterdir():
            path.rename(folder / path.name)

    name = f"debian-bullseye-{architecture}"
    return served(ROOTS, f"glibc 2.31 of {architecture}", lambda: kept_folder(name, fill))


def libgcc_of_231(architecture: str) -> Path:
    """The folder with the libgcc_s.so.1 of Debian 11, without which its libc cancels no thread."""

    def fill(folder: Path, download: Path) -> None:
        (package, *_) = download_packages("bullseye", ["libgcc-s1"], download, architecture)
        unpack_deb(package, download / "root")
        (library,) = (download / "root").glob("**/libgcc_s.so.1")
        library.rename(folder / library.name)

    name = f"debian-bullseye-libgcc-{architecture}"
    return served(ROOTS, f"libgcc_s of Debian 11 for {architecture}", lambda: kept_folder(name, fill))


def start(triplet: str) -> list[str]:
    """The words in front of a dynamic program."""
    emulator, sysroot = EMULATORS[triplet], f"/usr/{triplet}"
    if emulator:
        return [need_tool(emulator), "-L", sysroot]
    return [f"{sysroot}/lib/ld-linux.so.2", "--library-path", f"{sysroot}/lib"]
