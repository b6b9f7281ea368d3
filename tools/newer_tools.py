#!/usr/bin/env python3
"""Tools of a newer Debian than this machine's, from its packages into the cache directory.

    python tools/newer_tools.py        # prints the path of each: rustc, mold

They want that release's glibc, so each is started by the loader of the glibc 2.41 that `runtimes.py` has: nothing of
the machine's own tools or libraries is touched, and what they start themselves runs on the machine's own glibc.

* ``rustc``, with the standard library of six other architectures: Debian has ``libstd-rust-dev`` for every
  architecture that it builds for, all made by one compiler.
* ``mold`` 2.37, the first that can leave an undefined weak symbol of a program to the loader.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from debian_archive import download_packages
from npm_package import call
from rootrun import RuntimeUnavailable
from runtimes import cache_dir, get_root, locked

SUITE, GLIBC = "trixie", "2.41"
LIBRARIES = "usr/lib/x86_64-linux-gnu"
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
    """A program, its Debian packages by architecture, and the options that it needs where it lies."""

    program: str
    packages: Mapping[str, tuple[str, ...]]
    options: str = ""


RUST_PACKAGES = (
    "rustc", "libstd-rust-1.85", "libstd-rust-dev", "libllvm19", "libz3-4", "libzstd1", "libxml2", "zlib1g", "libedit2",
    "libffi8", "libtinfo6", "libbsd0", "libmd0", "libicu76", "liblzma5",
)  # fmt: skip
TOOLS = {
    "rustc": Tool(
        "rustc",
        {"amd64": RUST_PACKAGES, **dict.fromkeys(RUST_TARGETS.values(), ("libstd-rust-dev",))},
        "--sysroot {folder}/usr",
    ),
    "mold": Tool("mold", {"amd64": ("mold", "libtbb12", "libzstd1", "zlib1g")}),
}


def get_tool(name: str) -> Path:
    """The tool, downloaded on first use; a linker is in its folder as ``ld.<name>`` too. Raises
    `RuntimeUnavailable`."""
    folder = cache_dir() / f"{name}-{SUITE}"
    if not folder.is_dir():
        loader_root = get_root(GLIBC)
        with locked(cache_dir() / f".lock-{name}"):
            if not folder.is_dir():
                _build(folder, TOOLS[name], loader_root)
    return folder / name


def _build(folder: Path, tool: Tool, loader_root: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=f".building-{tool.program}-", dir=folder.parent) as scratch:
        new = Path(scratch) / "root"
        for architecture, packages in tool.packages.items():
            download = Path(scratch) / architecture
            download.mkdir()
            for package in download_packages(SUITE, packages, download, architecture):
                call(["dpkg-deb", "-x", str(package), str(new)], f"cannot unpack {package.name}", download)
        libraries = f"{folder}/{LIBRARIES}:{loader_root}/{LIBRARIES}"
        starter = new / tool.program
        starter.write_text(
            "#!/bin/sh\n"
            f"exec {loader_root}/{LIBRARIES}/ld-linux-x86-64.so.2 --library-path {libraries} "
            f'{folder}/usr/bin/{tool.program} {tool.options.format(folder=folder)} "$@"\n'
        )
        starter.chmod(0o755)
        (new / f"ld.{tool.program}").symlink_to(tool.program)
        new.rename(folder)


def main() -> int:
    """Print the tools; exit 2 when one cannot be had."""
    try:
        for name in TOOLS:
            print(get_tool(name))
    except (RuntimeUnavailable, OSError) as error:
        print(f"newer_tools.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
