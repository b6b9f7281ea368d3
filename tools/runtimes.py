#!/usr/bin/env python3
"""Real old glibc runtimes, from the package registries into a cache directory, and programs run inside them.

The claim "runs on glibc 2.17" is worth what the 2.17 was: so these are the libraries that distributions and toolchains
shipped, never a rebuild of ours. A *root* is a directory with nothing but a loader, its shared libraries (libgcc_s and
libstdc++ of the same era beside glibc's) and the few things every process expects (`/dev`, `/proc`, `/tmp`,
`/etc/passwd`). There is no `ld.so.cache` in it: the libraries lie where that loader's built-in search path looks.

    python tools/runtimes.py list
    python tools/runtimes.py get 2.17                      # prints the root, downloads it the first time
    python tools/runtimes.py run 2.17 -- ./program --its --arguments

Roots are kept in the cache directory (`cache.py`). Only the Python standard library is used, because this must run
before any virtual environment exists.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import re
import shutil
import stat
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cache import cache_dir, kept_folder
from debian_archive import download_packages, unpack_deb
from npm_package import npm_pack
from rootrun import run_in_root, why_no_way_in
from unavailable import NotServed, Unavailable

LAYOUT = 1
"""Raised when the content of a root changes, so that the cache of an earlier version is not taken for this one's."""


@dataclass(frozen=True)
class NpmSource:
    """An npm package with a cross toolchain in a .tar.xz; `sysroot` in it has the runtime under `lib/`."""

    package: str
    sha256: str
    archive: str
    sysroot: str

    def __str__(self) -> str:
        return f"npm package {self.package}"


@dataclass(frozen=True)
class DebianSource:
    """Debian suites, on the mirror that this machine's own apt uses; the first that has the release counts."""

    suites: tuple[str, ...]
    packages: tuple[str, ...] = ("libc6", "libgcc-s1", "libstdc++6", "libcrypt1")

    def __str__(self) -> str:
        return f"Debian {' or '.join(self.suites)}: {' '.join(self.packages)}"


TOOLCHAINS_217 = {
    "x86_64": NpmSource(
        package="@napi-rs/cross-toolchain-x64-target-x86_64@1.0.0",
        sha256="351f6ee9bc8e444dfb8ac6eddfe9daed02c9508399bd20c511e3f9e027d6e988",
        archive="package/x86_64-unknown-linux-gnu.tar.xz",
        sysroot="x86_64-unknown-linux-gnu/sysroot",
    ),
    "aarch64": NpmSource(
        package="@napi-rs/cross-toolchain-x64-target-aarch64@1.0.3",
        sha256="8ec59a37c2a8cac720d0f92e9c19b2940a427ef1f32ddde43e800a8043301e51",
        archive="package/aarch64-unknown-linux-gnu.tar.xz",
        sysroot="aarch64-unknown-linux-gnu/sysroot",
    ),
}
"""The cross toolchains whose sysroots have glibc 2.17, by architecture."""

RELEASES: dict[str, NpmSource | DebianSource] = {
    "2.17": TOOLCHAINS_217["x86_64"],
    "2.31": DebianSource(("bullseye",)),
    "2.36": DebianSource(("bookworm",)),
    "2.41": DebianSource(("trixie",)),
    "2.43": DebianSource(("sid", "forky")),
}
"""Where the runtime of each glibc release comes from (x86_64)."""


def get_root(release: str) -> Path:
    """The root directory with glibc `release` ("2.17"), downloaded on first use.

    Raises `NotServed` when no registry has it today, `Unavailable` when this machine cannot have it.
    """
    source = RELEASES.get(release)
    if source is None:
        raise Unavailable(f"no runtime of glibc {release} is known; there are {', '.join(RELEASES)}")
    if platform.machine() != "x86_64":
        raise Unavailable(f"the runtimes are of x86_64 and this machine is {platform.machine()}")

    def fill(root: Path, download: Path) -> None:
        if isinstance(source, NpmSource):
            unpack_sysroot(source, download, root)
        else:
            _from_debian(source, release, download, root)
        _check_release(root, release, source)
        _furnish(root)

    return kept_folder(_folder_name(release), fill)


def _folder_name(release: str) -> str:
    return f"glibc-{release}-x86_64-{LAYOUT}"


def why_not(release: str) -> str | None:
    """The reason why no program can be run on glibc `release` here, or None when it can. Downloads what is missing."""
    try:
        return why_no_way_in(get_root(release))
    except Unavailable as error:
        return str(error)


def unpack_sysroot(source: NpmSource, download: Path, root: Path) -> None:
    """`npm pack` the package and copy the shared libraries out of the archive in the archive, as a stream."""
    packed = npm_pack(source.package, source.sha256, download)
    (root / "lib").mkdir()
    with tarfile.open(packed, "r|gz") as outer:
        for member in outer:
            if member.name == source.archive:
                inner_file = outer.extractfile(member)
                assert inner_file is not None
                with tarfile.open(fileobj=inner_file, mode="r|xz") as inner:
                    _extract_libraries(inner, PurePosixPath(source.sysroot) / "lib", root / "lib")
    (root / "lib64").symlink_to("lib")


def _extract_libraries(archive: tarfile.TarFile, folder: PurePosixPath, into: Path) -> None:
    """Write the shared libraries that lie directly in `folder` of the archive to `into`.

    Only regular files and links to a name in the same folder are taken, each under its last path component: nothing in
    an archive can name a place outside `into`.
    """
    for member in archive:
        path = PurePosixPath(member.name)
        if path.parent != folder or not re.fullmatch(r"(lib|ld-)[A-Za-z0-9+._-]*\.so(\.[0-9.]+)?", path.name):
            continue
        if member.issym() and "/" not in member.linkname:
            (into / path.name).symlink_to(member.linkname)
        elif member.isfile():
            content = archive.extractfile(member)
            assert content is not None
            with (into / path.name).open("xb") as out:
                shutil.copyfileobj(content, out)
            (into / path.name).chmod(0o755)


def _from_debian(source: DebianSource, release: str, download: Path, root: Path) -> None:
    """Unpack the packages of the first suite that has the release; where all is in /usr, make `/lib` and `/lib64`
    links. Raises `NotServed` with the reason of the first suite when none has it.
    """
    refusal: NotServed | None = None
    for suite in source.suites:
        try:
            packages = download_packages(suite, source.packages, download / suite, version=release)
            break
        except NotServed as error:
            refusal = refusal or error
    else:
        raise refusal or NotServed(f"{source}: no suite")
    for package in packages:
        unpack_deb(package, root)
    for name in ("lib", "lib64"):
        if not (root / name).exists():
            (root / name).symlink_to(f"usr/{name}")
    shutil.rmtree(root / "usr/share", ignore_errors=True)


def _check_release(root: Path, release: str, source: NpmSource | DebianSource) -> None:
    """Ask the libc itself who it is: a root must be what its name says."""
    candidates = [root / folder / "libc.so.6" for folder in ("lib", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu")]
    libc = next((path for path in candidates if path.is_file()), None)
    if libc is None:
        raise Unavailable(f"{source} contains no libc.so.6")
    has = release_of(libc.read_bytes()) or "an unknown release"
    if has != release:
        raise Unavailable(f"glibc {release} cannot be had: {source} has glibc {has} now")


def release_of(libc: bytes) -> str:
    """The glibc release that the content of a libc.so.6 says it is ("2.41"); "" when it says none."""
    found = re.search(rb"GNU C Library [^\n]* version (\d+\.\d+)", libc)
    return found.group(1).decode() if found else ""


def _furnish(root: Path) -> None:
    """Add what every process expects to find. Device nodes need root; who is not root gets them from bubblewrap."""
    for name in ("dev", "proc", "run", "tmp", "etc"):
        (root / name).mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)
    (root / "etc/passwd").write_text("root:x:0:0:root:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/false\n")
    (root / "etc/group").write_text("root:x:0:\nnogroup:x:65534:\n")
    (root / "etc/nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    if os.geteuid() == 0:
        for name, minor in (("null", 3), ("zero", 5), ("full", 7), ("random", 8), ("urandom", 9)):
            with contextlib.suppress(PermissionError):  # then /dev is bind-mounted for each run, or is not there
                os.mknod(root / "dev" / name, stat.S_IFCHR | 0o666, os.makedev(1, minor))
                (root / "dev" / name).chmod(0o666)
    root.chmod(0o755)


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; exit 0 fine, 2 when a runtime cannot be had; `run` exits as the program did."""
    parser = argparse.ArgumentParser(prog="runtimes.py", description="Real old glibc runtimes, and programs in them.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the releases known, where each comes from, and where it is once it is here")
    get = commands.add_parser("get", help="print the root directory of each release, downloading what is missing")
    get.add_argument("release", nargs="+")
    run = commands.add_parser("run", help="run a program on a release: run 2.17 -- ./prog args")
    run.add_argument("release")
    run.add_argument("program", type=Path)
    run.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args(argv)
    try:
        if options.command == "list":
            for release, source in RELEASES.items():
                root = cache_dir() / _folder_name(release)
                print(f"{release}\t{root if root.is_dir() else '-'}\t{source}")
        elif options.command == "get":
            for release in options.release:
                print(get_root(release), flush=True)
        else:
            text = None if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read()
            done = run_in_root(get_root(options.release), options.program, options.arguments, stdin=text, timeout=3600)
            sys.stdout.write(done.stdout)
            sys.stderr.write(done.stderr)
            return done.returncode if done.returncode >= 0 else 128 - done.returncode
    except (Unavailable, OSError) as error:
        print(f"runtimes.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
