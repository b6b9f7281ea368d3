#!/usr/bin/env python3
"""The real libraries that the symbol tables are made from, besides glibc's own ABI lists: `make maps` starts here.

Debian's libc6, libgcc-s1 and libstdc++6 of each suite and architecture that it has, as .deb files, and the sysroots of
two cross toolchains with glibc 2.17, all from the package registries into a cache directory:

    python tools/map_sources.py        # prints the directory

`$SYMVER_PIN_RUNTIMES/map-sources`, else beside the old runtimes. What is there is not downloaded again.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from debian_archive import download_packages
from rootrun import RuntimeUnavailable
from runtimes import RELEASES, NpmSource, cache_dir, unpack_sysroot

SUITES = {
    "bullseye": ("amd64", "i386", "arm64", "armhf"),
    "bookworm": ("amd64", "i386", "arm64", "armhf", "ppc64el", "s390x", "mips64el"),
    "trixie": ("amd64", "i386", "arm64", "armhf", "ppc64el", "s390x", "riscv64"),
    "sid": ("amd64", "i386", "arm64", "armhf", "ppc64el", "s390x", "riscv64", "loong64"),
}
PACKAGES = ("libc6", "libgcc-s1", "libstdc++6")
SYSROOTS = {
    "x86_64": RELEASES["2.17"],
    "aarch64": NpmSource(
        package="@napi-rs/cross-toolchain-x64-target-aarch64@1.0.3",
        sha256="8ec59a37c2a8cac720d0f92e9c19b2940a427ef1f32ddde43e800a8043301e51",
        archive="package/aarch64-unknown-linux-gnu.tar.xz",
        sysroot="aarch64-unknown-linux-gnu/sysroot",
    ),
}


def fetch_all(folder: Path) -> None:
    """Download what is missing. Raises RuntimeUnavailable with the first thing that cannot be had."""
    for architecture, source in SYSROOTS.items():
        assert isinstance(source, NpmSource)
        with _new(folder / "sysroots" / architecture) as ready:
            if ready is not None:
                (ready.parent / "download").mkdir()
                unpack_sysroot(source, ready.parent / "download", ready)
    for suite, architectures in SUITES.items():
        for architecture in architectures:
            with _new(folder / suite / architecture) as ready:
                if ready is not None:
                    for package in download_packages(suite, PACKAGES, ready.parent, architecture):
                        package.rename(ready / package.name)


@contextmanager
def _new(final: Path) -> Iterator[Path | None]:
    """A folder to fill, renamed to `final` when filled; None when that is there already."""
    if final.is_dir():
        yield None
        return
    print(final, file=sys.stderr, flush=True)
    final.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=final.parent) as work:
        ready = Path(work) / "ready"
        ready.mkdir()
        yield ready
        ready.rename(final)


def main() -> int:
    """Fetch and print the directory."""
    folder = cache_dir() / "map-sources"
    try:
        fetch_all(folder)
    except RuntimeUnavailable as error:
        print(f"map_sources.py: {error}", file=sys.stderr)
        return 2
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
