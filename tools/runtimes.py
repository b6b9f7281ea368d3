#!/usr/bin/env python3
"""Real old glibc runtimes, from the package registries into a cache directory, and programs run inside them.

The claim "runs on glibc 2.17" is worth what the 2.17 was: so these are the libraries that distributions and toolchains
shipped, never a rebuild of ours. A *root* is a directory with nothing but a loader, its shared libraries (libgcc_s and
libstdc++ of the same era beside glibc's) and the few things every process expects (`/dev`, `/proc`, `/tmp`,
`/etc/passwd`). There is no `ld.so.cache` in it: the libraries lie where that loader's built-in search path looks.

    python tools/runtimes.py list
    python tools/runtimes.py get 2.17                      # prints the root, downloads it the first time
    python tools/runtimes.py run 2.17 -- ./program --its --arguments

The cache is `$SYMVER_PIN_RUNTIMES`, or `symver-pin/runtimes` in `$XDG_CACHE_HOME` or `~/.cache`. A root is built in
a temporary directory and renamed when complete, under a lock: a kill leaves no half root, two processes build it once.
Only the Python standard library is used, because this must run before any virtual environment exists.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import platform
import re
import shutil
import stat
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from debian_archive import download_packages
from npm_package import call, npm_pack
from rootrun import RuntimeUnavailable, run_in_root, why_no_way_in

__all__ = [
    "RELEASES", "NpmSource", "RuntimeUnavailable", "cache_dir", "get_root", "locked", "run_in_root", "unpack_sysroot",
    "why_not",
]  # fmt: skip

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
    """A Debian suite, on the mirror that this machine's own apt is set up with."""

    suite: str
    packages: tuple[str, ...] = ("libc6", "libgcc-s1", "libstdc++6", "libcrypt1")

    def __str__(self) -> str:
        return f"Debian {self.suite}: {' '.join(self.packages)}"


RELEASES: dict[str, NpmSource | DebianSource] = {
    "2.17": NpmSource(
        package="@napi-rs/cross-toolchain-x64-target-x86_64@1.0.0",
        sha256="351f6ee9bc8e444dfb8ac6eddfe9daed02c9508399bd20c511e3f9e027d6e988",
        archive="package/x86_64-unknown-linux-gnu.tar.xz",
        sysroot="x86_64-unknown-linux-gnu/sysroot",
    ),
    "2.31": DebianSource("bullseye"),
    "2.36": DebianSource("bookworm"),
    "2.41": DebianSource("trixie"),
    "2.43": DebianSource("sid"),
}
"""Where the runtime of each glibc release comes from (x86_64)."""


def cache_dir() -> Path:
    """The directory that holds the roots; outside any checkout unless `$SYMVER_PIN_RUNTIMES` says otherwise."""
    chosen = os.environ.get("SYMVER_PIN_RUNTIMES")
    if chosen:
        return Path(chosen).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "symver-pin" / "runtimes"


def get_root(release: str) -> Path:
    """The root directory with glibc `release` ("2.17"), downloaded on first use. Raises `RuntimeUnavailable`."""
    source = RELEASES.get(release)
    if source is None:
        raise RuntimeUnavailable(f"no runtime of glibc {release} is known; there are {', '.join(RELEASES)}")
    if platform.machine() != "x86_64":
        raise RuntimeUnavailable(f"the runtimes are of x86_64 and this machine is {platform.machine()}")
    root = cache_dir() / f"glibc-{release}-x86_64-{LAYOUT}"
    if root.is_dir():
        return root
    try:
        cache_dir().mkdir(parents=True, exist_ok=True)
        with locked(cache_dir() / f".lock-{release}"):
            if not root.is_dir():
                _build(release, source, root)
    except OSError as error:
        raise RuntimeUnavailable(f"cannot write the runtime of glibc {release} to {cache_dir()}: {error}") from error
    return root


def why_not(release: str) -> str | None:
    """The reason why no program can be run on glibc `release` here, or None when it can. Downloads what is missing."""
    try:
        return why_no_way_in(get_root(release))
    except RuntimeUnavailable as error:
        return str(error)


def _build(release: str, source: NpmSource | DebianSource, root: Path) -> None:
    """Fill a directory beside `root` and rename it; leftovers of killed builds go first (the caller holds the lock)."""
    for left_over in root.parent.glob(f".building-{release}-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    building = Path(tempfile.mkdtemp(prefix=f".building-{release}-", dir=root.parent))
    try:
        new, download = building / "root", building / "download"
        new.mkdir()
        download.mkdir()
        if isinstance(source, NpmSource):
            unpack_sysroot(source, download, new)
        else:
            _from_debian(source, download, new)
        _check_release(new, release, source)
        _furnish(new)
        new.rename(root)
    finally:
        shutil.rmtree(building, ignore_errors=True)


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


def _from_debian(source: DebianSource, download: Path, root: Path) -> None:
    """Unpack the suite's own packages; where a release moved all to /usr, make its `/lib` and `/lib64` links."""
    for package in download_packages(source.suite, source.packages, download):
        call(["dpkg-deb", "-x", str(package), str(root)], f"cannot unpack {package.name}", download)
    for name in ("lib", "lib64"):
        if not (root / name).exists():
            (root / name).symlink_to(f"usr/{name}")
    shutil.rmtree(root / "usr/share", ignore_errors=True)


def _check_release(root: Path, release: str, source: NpmSource | DebianSource) -> None:
    """Ask the libc itself who it is: Debian's sid moves on, and a root must be what its name says."""
    candidates = [root / folder / "libc.so.6" for folder in ("lib", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu")]
    libc = next((path for path in candidates if path.is_file()), None)
    if libc is None:
        raise RuntimeUnavailable(f"{source} contains no libc.so.6")
    found = re.search(rb"GNU C Library [^\n]* version (\d+\.\d+)", libc.read_bytes())
    has = found.group(1).decode() if found else "an unknown release"
    if has != release:
        raise RuntimeUnavailable(f"glibc {release} cannot be had: {source} has glibc {has} now")


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


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file while something in the cache is built."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
                root = cache_dir() / f"glibc-{release}-x86_64-{LAYOUT}"
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
    except (RuntimeUnavailable, OSError) as error:
        print(f"runtimes.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
