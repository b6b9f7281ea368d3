"""Debian's cross compilers, and how a program of theirs is started here: beside the C library that they come with."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from conftest import SETUP, need_tool
from debian_archive import download_packages
from runtimes import RuntimeUnavailable, cache_dir, locked

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
    """The folder with the libraries of glibc 2.31 (Debian 11) of an architecture, as Debian calls it; kept."""
    folder = cache_dir() / f"debian-bullseye-{architecture}"
    cache_dir().mkdir(parents=True, exist_ok=True)
    with locked(cache_dir() / f".lock-bullseye-{architecture}"):
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=cache_dir()) as work:
                try:
                    (package,) = download_packages("bullseye", ["libc6"], Path(work), architecture)
                except RuntimeUnavailable as error:
                    pytest.fail(f"no glibc 2.31 of {architecture}: {error}; {SETUP}", pytrace=False)
                subprocess.run(["dpkg-deb", "-x", package, f"{work}/root"], check=True)
                shutil.move(next(Path(work, "root/lib").glob("*/libc.so.6")).parent, folder)
    return folder


def start(triplet: str) -> list[str]:
    """The words in front of a dynamic program."""
    emulator, sysroot = EMULATORS[triplet], f"/usr/{triplet}"
    if emulator:
        return [need_tool(emulator), "-L", sysroot]
    return [f"{sysroot}/lib/ld-linux.so.2", "--library-path", f"{sysroot}/lib"]
