#!/usr/bin/env python3
"""A rustc with the standard library of six other architectures, from Debian's packages into the cache directory.

    python tools/rust_cross.py        # prints the rustc

Debian has ``libstd-rust-dev`` for every architecture that it builds for, all made by one compiler, which is of the
same release and so wants that release's glibc. It is started by that glibc's own loader (`runtimes.py` has it):
nothing of the machine's own Rust or libraries is touched, and what rustc starts, the linker first of all, runs on the
machine's own glibc.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from debian_archive import download_packages
from npm_package import call
from rootrun import RuntimeUnavailable
from runtimes import cache_dir, get_root, locked

SUITE, GLIBC = "trixie", "2.41"
TARGETS = {
    "aarch64-unknown-linux-gnu": "arm64",
    "armv7-unknown-linux-gnueabihf": "armhf",
    "i686-unknown-linux-gnu": "i386",
    "powerpc64le-unknown-linux-gnu": "ppc64el",
    "riscv64gc-unknown-linux-gnu": "riscv64",
    "s390x-unknown-linux-gnu": "s390x",
}
"""Rust's targets, and what Debian calls their architectures."""

COMPILER = (
    "rustc", "libstd-rust-1.85", "libstd-rust-dev", "libllvm19", "libz3-4", "libzstd1", "libxml2", "zlib1g", "libedit2",
    "libffi8", "libtinfo6", "libbsd0", "libmd0", "libicu76", "liblzma5",
)  # fmt: skip
STANDARD_LIBRARY = ("libstd-rust-dev",)
LIBRARIES = "usr/lib/x86_64-linux-gnu"


def get_rustc() -> Path:
    """The rustc, downloaded on first use. Raises `RuntimeUnavailable` when it cannot be had."""
    folder = cache_dir() / f"rust-cross-{SUITE}"
    if not folder.is_dir():
        loader_root = get_root(GLIBC)
        with locked(cache_dir() / ".lock-rust-cross"):
            if not folder.is_dir():
                _build(folder, loader_root)
    return folder / "rustc"


def _build(folder: Path, loader_root: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".building-rust-cross-", dir=folder.parent) as scratch:
        new = Path(scratch) / "root"
        wanted = {"amd64": COMPILER, **dict.fromkeys(TARGETS.values(), STANDARD_LIBRARY)}
        for architecture, packages in wanted.items():
            download = Path(scratch) / architecture
            download.mkdir()
            for package in download_packages(SUITE, packages, download, architecture):
                call(["dpkg-deb", "-x", str(package), str(new)], f"cannot unpack {package.name}", download)
        libraries = f"{folder}/{LIBRARIES}:{loader_root}/{LIBRARIES}"
        starter = new / "rustc"
        starter.write_text(
            "#!/bin/sh\n"
            f"exec {loader_root}/{LIBRARIES}/ld-linux-x86-64.so.2 --library-path {libraries} "
            f'{folder}/usr/bin/rustc --sysroot {folder}/usr "$@"\n'
        )
        starter.chmod(0o755)
        new.rename(folder)


def main() -> int:
    """Print the rustc; exit 2 when it cannot be had."""
    try:
        print(get_rustc())
    except (RuntimeUnavailable, OSError) as error:
        print(f"rust_cross.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
