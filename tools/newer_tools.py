#!/usr/bin/env python3
"""Tools of a newer Debian than this machine's, from its packages into the cache directory.

    python tools/newer_tools.py        # downloads the missing ones, prints the path of each

They need that release's glibc, so each is started by the loader of the glibc 2.41 that `runtimes.py` has: nothing of
the machine's own tools or libraries is touched, and what they start themselves runs on the machine's own glibc.

* ``rustc``, with the standard library of six other architectures: Debian has ``libstd-rust-dev`` for every
  architecture that it builds for, all made by one compiler.
* ``mold`` 2.37, the first that can leave an undefined weak symbol of a program to the loader.
* A cross compiler for LoongArch (gcc and g++ 14), which Debian has since 13, with that architecture's glibc.
* The user-mode emulators of qemu 10. They are static, so that they run on any machine; 7.2 of Debian 12 stops LoongArch
  programs with an illegal instruction, since it has no vectors (LSX), which that architecture's glibc uses.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

from cache import cache_dir, kept_folder
from debian_archive import download_packages, unpack_deb
from runtimes import get_root
from unavailable import Unavailable

SUITE, GLIBC = "trixie", "2.41"
LIBRARIES = "usr/lib/x86_64-linux-gnu"
RUSTLIB = "usr/lib/rustlib"
"""The folder of a rustc's sysroot that has the standard library of each target."""

RUST_TARGETS = {
    "aarch64-unknown-linux-gnu": "arm64",
    "armv7-unknown-linux-gnueabihf": "armhf",
    "i686-unknown-linux-gnu": "i386",
    "powerpc64le-unknown-linux-gnu": "ppc64el",
    "riscv64gc-unknown-linux-gnu": "riscv64",
    "s390x-unknown-linux-gnu": "s390x",
}
"""Rust's targets, and what Debian calls their architectures."""


class Tool(NamedTuple):
    """A program, its Debian packages, and the options that it needs where it lies."""

    program: str
    packages: tuple[str, ...]
    options: str = ""


STARTER = """\
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
loader=$here/../{loader}
exec "$loader" --library-path "$here/{libraries}:${{loader%/*}}" "$here/usr/bin/{program}" {options} "$@"
"""
"""The script that starts a tool by the newer loader."""

RUST_PACKAGES = (
    "rustc", "libstd-rust-1.85", "libstd-rust-dev", "libllvm19", "libz3-4", "libzstd1", "libxml2", "zlib1g", "libedit2",
    "libffi8", "libtinfo6", "libbsd0", "libmd0", "libicu76", "liblzma5",
)  # fmt: skip
TOOLS = {
    "rustc": Tool("rustc", RUST_PACKAGES, '--sysroot "$here/usr"'),
    "mold": Tool("mold", ("mold", "libtbb12", "libzstd1", "zlib1g")),
}

CROSS_TRIPLET = "loongarch64-linux-gnu"
"""The triplet of the cross compiler."""

_CROSS_GCC = "14"
CROSS_PACKAGES = (
    *(f"{tool}-{_CROSS_GCC}-{CROSS_TRIPLET}" for tool in ("gcc", "g++", "cpp")), f"binutils-{CROSS_TRIPLET}",
    *(f"{name}-loong64-cross" for name in (
        f"libgcc-{_CROSS_GCC}-dev", f"libstdc++-{_CROSS_GCC}-dev", "libgcc-s1", "libatomic1", "libgomp1",
        "libc6-dev", "libc6", "linux-libc-dev",
    )),
    "linux-libc-dev", "libgmp10", "libmpfr6", "libmpc3", "libisl23", "zlib1g", "libzstd1", "libjansson4", "libsframe1",
)  # fmt: skip

EMULATORS = (
    "qemu-aarch64", "qemu-arm", "qemu-loongarch64", "qemu-mips64el", "qemu-ppc64le", "qemu-riscv64", "qemu-s390x",
)  # fmt: skip
"""The emulators that are kept."""

CROSS_STARTER = """\
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
root=$here/{root}
loader=$root/../{loader}
exec "$loader" --argv0 "$0" --library-path "$root/{libraries}:${{loader%/*}}" "$here/{program}" "$@"
"""
"""The script in the place of each program of the cross compiler, which finds its own files by the name it is called."""


def get_tool(name: str) -> Path:
    """The tool, downloaded on first use; a linker is in its folder as ``ld.<name>`` too.

    Raises `NotServed` when the registry does not have it today, `Unavailable` when this machine cannot have it.
    """
    tool, loader = TOOLS[name], get_root(GLIBC) / LIBRARIES / "ld-linux-x86-64.so.2"

    def fill(folder: Path, download: Path) -> None:
        _unpack(tool.packages, "amd64", folder, download)
        starter = folder / tool.program
        # Paths relative to the script, so that the cache may be moved or mounted elsewhere.
        starter.write_text(
            STARTER.format(
                loader=loader.relative_to(cache_dir()),
                libraries=LIBRARIES,
                program=tool.program,
                options=tool.options,
            )
        )
        starter.chmod(0o755)
        (folder / f"ld.{tool.program}").symlink_to(tool.program)

    return kept_folder(_folder_name(name), fill) / name


def get_cross_compiler() -> Path:
    """The root of the cross compiler: `usr/bin/loongarch64-linux-gnu-gcc` and `-g++`, and its target's files
    in `usr/loongarch64-linux-gnu`. Raises as `get_tool` does.
    """
    loader = get_root(GLIBC) / LIBRARIES / "ld-linux-x86-64.so.2"

    def fill(folder: Path, download: Path) -> None:
        _unpack(CROSS_PACKAGES, "amd64", folder, download)
        for place in ("usr/bin", f"usr/libexec/gcc-cross/{CROSS_TRIPLET}/{_CROSS_GCC}"):
            for program in (folder / place).iterdir():
                if not program.is_symlink() and ".so" not in program.name:
                    _start_by(loader, folder, program)
        for tool in ("gcc", "g++"):
            (folder / f"usr/bin/{CROSS_TRIPLET}-{tool}").symlink_to(f"{CROSS_TRIPLET}-{tool}-{_CROSS_GCC}")
        script = folder / f"usr/{CROSS_TRIPLET}/lib/libc.so"  # it names files of /usr; names alone are searched for
        script.write_text(re.sub(rf"/usr/{CROSS_TRIPLET}/lib(64)?/", "", script.read_text()))

    return kept_folder(f"cross-{CROSS_TRIPLET}-{SUITE}", fill)


def get_emulators() -> Path:
    """The folder with the programs `EMULATORS`. Raises as `get_tool` does."""

    def fill(folder: Path, download: Path) -> None:
        _unpack(("qemu-user",), "amd64", download / "root", download)
        for name in EMULATORS:
            (download / "root/usr/bin" / name).rename(folder / name)

    return kept_folder(_folder_name("qemu-user"), fill)


def _start_by(loader: Path, folder: Path, program: Path) -> None:
    """Put a script in the place of a program, which starts it by the newer loader."""
    hidden = program.with_name(f".{program.name}")
    program.rename(hidden)
    program.write_text(
        CROSS_STARTER.format(
            root=os.path.relpath(folder, program.parent),
            loader=loader.relative_to(cache_dir()),
            libraries=LIBRARIES,
            program=hidden.name,
        )
    )
    program.chmod(0o755)


def get_rustc(*targets: str) -> Path:
    """The rustc with the standard library of these targets ("aarch64-unknown-linux-gnu"). Raises as `get_tool` does."""
    rustc = get_tool("rustc")
    for target in targets:

        def fill(folder: Path, download: Path, target: str = target) -> None:
            _unpack(("libstd-rust-dev",), RUST_TARGETS[target], folder, download)

        library = kept_folder(f"rust-std-{SUITE}/{target}", fill)
        with contextlib.suppress(FileExistsError):
            place = rustc.parent / RUSTLIB / target
            place.symlink_to(os.path.relpath(library / RUSTLIB / target, place.parent))
    return rustc


OTHERS = {CROSS_TRIPLET: get_cross_compiler, "qemu-user": get_emulators}
"""What has a function of its own, by name."""


def _get_other(name: str) -> Path:
    return OTHERS[name]()


def _folder_name(name: str) -> str:
    return f"{name}-{SUITE}"


def _unpack(packages: tuple[str, ...], architecture: str, folder: Path, download: Path) -> None:
    for package in download_packages(SUITE, packages, download, architecture):
        unpack_deb(package, folder)


def main() -> int:
    """Print the tools and the targets of rustc; exit 2 when one cannot be had."""
    status = 0
    for get, names in ((get_tool, TOOLS), (get_rustc, RUST_TARGETS), (_get_other, tuple(OTHERS))):
        for name in names:
            try:
                print(name, get(name), sep="\t")
            except Unavailable as error:
                print(f"newer_tools.py: {name} is not available: {error}", file=sys.stderr)
                status = 2
    return status


if __name__ == "__main__":
    sys.exit(main())
