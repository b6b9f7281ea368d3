#!/usr/bin/env python3
"""Install what the Makefile's targets need and pip cannot give, from Debian's packages.

    python tools/set_up.py quick     # for `make quick`: a C compiler and what Python's virtual environments need
    python tools/set_up.py demo      # compilers, cargo, npm
    python tools/set_up.py test      # all that tests use: cross compilers, linkers, emulators, the old runtimes
    python tools/set_up.py world     # the same, and build systems that only `make test-world` uses
    python tools/set_up.py fresh     # debootstrap

Installed packages are left alone; if none is missing, this takes a second. Missing packages are installed by apt, as
root or through a sudo that asks for no password. Where that is impossible, one line names them and the exit status is
2. Only the Python standard library is used, because this runs before any virtual environment exists.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import library_sets
import newer_tools
import runtimes
from cache import forget_refusals
from clients import PAUSES, reason_of
from unavailable import NotServed, Unavailable

PURPOSES = ("quick", "demo", "test", "world", "fresh")


class Need(NamedTuple):
    """A program or file that must be on the machine: the name of its Debian package and a check for it.

    `package` may be several names ("a|b"); the first that this Debian release has is installed.
    """

    package: str
    is_here: Callable[[], bool]


def program(package: str, name: str = "") -> Need:
    """A program on PATH, named like its package unless `name` says otherwise."""
    return Need(package, lambda: shutil.which(name or package) is not None)


def file(package: str, path: str) -> Need:
    """A file, by its path."""
    return Need(package, lambda: Path(path).exists())


def _has_shared_python() -> bool:
    folder, name = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
    return bool((Path(folder) / name).exists())


def _compiles_objective_c() -> bool:
    if shutil.which("gcc") is None:
        return False
    found = subprocess.run(["gcc", "-print-prog-name=cc1obj"], capture_output=True, text=True)
    return "/" in found.stdout


def _has_clang_start_files() -> bool:
    if shutil.which("clang") is None:
        return False
    found = subprocess.run(["clang", "--print-resource-dir"], capture_output=True, text=True)
    return Path(found.stdout.strip(), "lib/linux/clang_rt.crtbegin-x86_64.o").is_file()


def _cross_compiler(triplet: str, debian_arch: str, *, gold: bool = True) -> tuple[Need, ...]:
    """A cross compiler, its C library (without the headers it links nothing), and gold where it knows the target.

    gold has a package of its own since Debian 13.
    """
    needs = (
        program(f"gcc-{triplet}", f"{triplet}-gcc"),
        program(f"g++-{triplet}", f"{triplet}-g++"),
        file(f"libc6-dev-{debian_arch}-cross", f"/usr/{triplet}/include/stdlib.h"),
    )
    if not gold:
        return needs
    return (*needs, program(f"binutils-gold-{triplet}|binutils-{triplet}", f"{triplet}-ld.gold"))


QUICK = (
    Need("python3-venv", lambda: find_spec("venv") is not None and find_spec("ensurepip") is not None),
    file("ca-certificates", "/etc/ssl/certs/ca-certificates.crt"),
    program("gcc", "cc"),
    program("g++", "c++"),
    file("libc6-dev", "/usr/include/stdlib.h"),
)
DEMO = (
    *QUICK,
    program("cargo"),
    program("npm"),
    *(() if os.geteuid() == 0 else (program("bubblewrap", "bwrap"),)),
)
TEST = (
    *DEMO,
    program("bubblewrap", "bwrap"),
    program("clang"),
    Need("libclang-rt-dev", _has_clang_start_files),  # one test links with clang's own start files
    program("binutils", "ld.bfd"),
    program("binutils-gold|binutils", "ld.gold"),
    program("lld", "ld.lld"),
    program("mold"),
    program("gfortran"),
    file("libcrypt-dev", "/usr/include/crypt.h"),
    Need("gobjc", _compiles_objective_c),
    program("autoconf", "autoreconf"),
    program("automake"),
    program("ccache"),
    *_cross_compiler("aarch64-linux-gnu", "arm64"),
    *_cross_compiler("arm-linux-gnueabihf", "armhf"),
    *_cross_compiler("i686-linux-gnu", "i386"),
    *_cross_compiler("mips64el-linux-gnuabi64", "mips64el", gold=False),
    *_cross_compiler("powerpc64le-linux-gnu", "ppc64el"),
    *_cross_compiler("riscv64-linux-gnu", "riscv64", gold=False),
    *_cross_compiler("s390x-linux-gnu", "s390x"),
    program("qemu-user", "qemu-aarch64"),
    file("debian-archive-keyring", "/usr/share/keyrings/debian-archive-keyring.gpg"),
    program("patchelf"),
    program("elfutils", "eu-elflint"),
    program("cmake"),
    program("golang-go", "go"),
    program("nim"),
    program("zsh"),
    program("busybox"),
    program("ksh"),
    program("pkgconf", "pkg-config"),
    program("sccache"),
    program("rust-clippy", "cargo-clippy"),
    program("strace"),
    program("rpm", "rpmbuild"),
    program("squashfs-tools", "mksquashfs"),
    program("xz-utils", "xz"),
    program("bzip2"),
    file("tzdata", "/usr/share/zoneinfo/Europe/Berlin"),  # zones of tests of local time
    Need("libpython3-dev", _has_shared_python),  # PyInstaller puts it into programs
    program("cpio"),
    program("util-linux", "unshare"),
    program("git"),
    program("chromium"),
    program("chromium-driver", "chromedriver"),
    program("zsh"),
    program("fish"),
    program("man-db", "man"),
    program("groff"),
    program("ninja-build", "ninja"),
)
WORLD = (
    *TEST,
    program("bazel-bootstrap", "bazel"),
    *(
        file(f"bazel-{name}", f"/usr/share/bazel/{folder}")
        for name, folder in (
            ("rules-cc", "rules/cc"),
            ("rules-java", "rules/java"),
            ("rules-proto", "rules/proto"),
            ("skylib", "tools/skylib"),
            ("platforms", "platforms"),
        )
    ),
)
FRESH = (
    program("debootstrap"),
    file("debian-archive-keyring", "/usr/share/keyrings/debian-archive-keyring.gpg"),
    program("util-linux", "unshare"),
    program("git"),
)
NEEDS = dict(zip(PURPOSES, (QUICK, DEMO, TEST, WORLD, FRESH), strict=True))

RARE = frozenset({"nim"})
"""Packages that some Debian releases do not have (trixie has no nim). The tests that need one are not run there."""


class SetUpError(Exception):
    """The machine cannot be set up from here; the text says what to do, in one line."""


def install(needs: Sequence[Need]) -> None:
    """Install the packages of the needs that are not here. Raises `SetUpError`."""
    packages = list(dict.fromkeys(need.package for need in needs if not need.is_here()))
    if not packages:
        return
    as_root = _as_root()
    if as_root is None or shutil.which("apt-get") is None:
        names = " ".join(package.partition("|")[0] for package in packages)
        raise SetUpError(f"missing, and not installable from here: install {names} (Debian's names) and run this again")
    listed = ", ".join(package.replace("|", " or ") for package in packages)
    print(f"installing {len(packages)} packages: {listed}", flush=True)
    started = time.monotonic()
    reasons: list[str] = []  # a second try may only say that the first was interrupted
    for pause in (*PAUSES, None):
        # a source of the machine's that fails is no reason to stop: it may not be one of those that are needed
        _apt([*as_root, "apt-get", "-q", "update"])
        absent = {package for package in RARE.intersection(packages) if not is_offered(package)}
        done = _apt(
            [
                *as_root,
                "env",
                "DEBIAN_FRONTEND=noninteractive",
                "apt-get",
                "-q",
                "-y",
                "--no-install-recommends",
                "install",
                *(_known_name(package) for package in packages if package not in absent),
            ]
        )
        if done.returncode == 0:
            break
        reasons.append(reason_of(done.stdout, done.stderr))
        if pause is None:
            why = "; then: ".join(dict.fromkeys(reasons))
            raise SetUpError(f"apt-get cannot install {' '.join(packages)}: {why}")
        time.sleep(pause)
    for package in sorted(absent):
        print(f"{package}: this Debian release has no such package; tests that need it are not run", flush=True)
    missing = dict.fromkeys(need.package for need in needs if not need.is_here())
    still_missing = " ".join(package for package in missing if package not in absent)
    if still_missing:
        raise SetUpError(f"installed, but the program or file that is needed of it is not found: {still_missing}")
    print(f"installed in {time.monotonic() - started:.0f} s", flush=True)


def _as_root() -> list[str] | None:
    """The words that make a command run as root; None where that needs a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, stdin=subprocess.DEVNULL)
    return ["sudo", "-n"] if asked.returncode == 0 else None


def _apt(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)


def _known_name(package: str) -> str:
    """The first of the names ("a|b") that this Debian can install."""
    *others, last = package.split("|")
    return next((name for name in others if is_offered(name)), last)


def is_offered(package: str) -> bool:
    """Whether apt can install the package on this machine."""
    policy = subprocess.run(["apt-cache", "policy", package], capture_output=True, text=True).stdout
    return "Candidate:" in policy and "Candidate: (none)" not in policy


def fetch_for_tests() -> None:
    """Fetch the old runtimes, newer tools and library sets that tests use.

    Things that no registry serves today are named; tests that need them will be reported as not run. Raises
    `SetUpError` without the real glibc 2.17, on which nearly every test runs.
    """
    forget_refusals()
    try:
        runtimes.get_root("2.17")
    except Unavailable as error:
        raise SetUpError(f"no test can do without the real glibc 2.17: {error}") from error
    fetches: list[tuple[str, Callable[[], object]]] = [
        *((f"glibc {release}", lambda release=release: runtimes.get_root(release)) for release in runtimes.RELEASES),
        *((name, lambda name=name: newer_tools.get_tool(name)) for name in newer_tools.TOOLS),
        *(
            (f"Rust's library for {target}", lambda target=target: newer_tools.get_rustc(target))
            for target in newer_tools.RUST_TARGETS
        ),
        *((name, get) for name, get in newer_tools.OTHERS.items()),
        *((f"library set {each}", lambda each=each: _fetch_set(each)) for each in library_sets.SETS),
    ]
    missing = 0
    for number, (name, fetch) in enumerate(fetches, 1):
        started = time.monotonic()
        try:
            fetch()
            said = f"{time.monotonic() - started:.0f} s"
        except Unavailable as error:
            missing += 1
            said = f"not available today: {error}"
        if said.startswith("not") or time.monotonic() - started > 1:  # what is in the cache already is not worth a line
            print(f"[{number}/{len(fetches)}] {name}: {said}", flush=True)
    print(f"{len(fetches) - missing} of {len(fetches)} runtimes, tools and library sets are here", flush=True)


def _fetch_set(library_set: library_sets.LibrarySet) -> None:
    """Fetch a library set. Raises `Unavailable` also when another suite's packages are used instead of its own."""
    note = library_sets.origin(library_set).note
    if note:
        raise NotServed(note)


def main() -> int:
    """Set up for one purpose; exit status 2 with one line when that cannot be done."""
    parser = argparse.ArgumentParser(prog="set_up.py", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("purpose", choices=PURPOSES)
    purpose = parser.parse_args().purpose
    try:
        install(NEEDS[purpose])
        if purpose in ("test", "world"):
            fetch_for_tests()
    except (SetUpError, OSError) as error:
        print(f"set_up.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
