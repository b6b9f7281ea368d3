#!/usr/bin/env python3
"""Run targets of the Makefile as on a fresh machine: in bare roots of Debian releases, from a clone of this checkout.

    python tools/fresh_roots.py                                       # `make demo` and `make test` in each of three
    python tools/fresh_roots.py --suites bookworm --targets demo
    python tools/fresh_roots.py --suites trixie sid --targets quick   # Python 3.13 and 3.14

A root is what debootstrap makes, with python3, make and git and nothing else; `make demo` must do all the rest. It is
changed only while the command runs, in a mount namespace of its own, and removed afterwards. The downloads of a day
stay in `fresh/DATE` beside the cache of the runtimes: the bare roots themselves and the packages that apt, pip, npm and
cargo fetch. Several runs may share them; those of another day are removed when no run uses them. The runtimes are
fetched anew, as on a fresh machine.

A root gets this machine's addresses of the package registries: the mirror in apt's sources, the settings of pip, npm
and cargo, and the certificates. Needs root and debootstrap. Exit status 0 when every command ended with 0, 1 when one
did not, 2 when it cannot be tried here, 3 when a root cannot be made today for want of a package.
"""

from __future__ import annotations

import argparse
import datetime
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cache import cache_dir, locked
from clients import run_client
from debian_archive import APT, ARCHIVE_KEYRING, debian_entry
from unavailable import NotServed, Unavailable

SUITES = ("bookworm", "trixie", "sid")
TARGETS = ("demo", "test")
INCLUDED = "python3,make,git"
"""The packages of a root beside debootstrap's smallest set."""

CERTIFICATES = "usr/local/share/ca-certificates"
"""The folder of a system's own certificates."""

SETTINGS = (
    "/etc/pip.conf",
    "/root/.config/pip/pip.conf",
    "/root/.npmrc",
    "/root/.cargo/config.toml",
    "/etc/hosts",
    "/etc/resolv.conf",
)
"""Files by which the clients of package registries find them on this machine."""

VARIABLES = (
    "PIP_",
    "NPM_CONFIG_",
    "CARGO_HTTP_",
    "CARGO_NET_",
    "CARGO_REGISTR",
    "CARGO_SOURCE_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT_",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
)
"""The beginnings of the variables that do so."""

CACHES = {
    "apt": "var/cache/apt/archives",
    "pip": "root/.cache/pip",
    "npm": "root/.npm",
    "cargo": "root/.cargo/registry",
}
"""The day's downloads, by client -> where the client in a root keeps them."""

OWN_MOUNTS = ("unshare", "--mount", "--propagation", "private")
"""The words before a command whose mounts nobody else sees, and which end with it."""

ENTER = """
set -e
mount --rbind "$ROOT" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
mount -t sysfs sysfs "$ROOT/sys" 2>/dev/null || :
for pair in $CACHES; do
    mkdir -p "$DAY/${pair%%:*}" "$ROOT/${pair#*:}"
    mount --bind "$DAY/${pair%%:*}" "$ROOT/${pair#*:}"
done
cd "$ROOT"
exec chroot "$ROOT" "$@"
"""
"""The shell script that enters a root; its mounts end with it."""


class Run(NamedTuple):
    """One command in one root."""

    suite: str
    target: str
    status: int
    seconds: float


@contextmanager
def day_folder() -> Iterator[Path]:
    """The folder of the day's downloads. Those of other days are removed, except where another run still uses one."""
    folder = cache_dir().parent / "fresh" / datetime.date.today().isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    with _held(folder, fcntl.LOCK_SH):
        for other in folder.parent.iterdir():
            if other != folder:
                with _held(other, fcntl.LOCK_EX) as unused:
                    if unused:
                        shutil.rmtree(other, ignore_errors=True)
        yield folder


@contextmanager
def _held(folder: Path, lock: int) -> Iterator[bool]:
    """Lock a folder while the block runs; whether that worked, since nothing is waited for."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, lock | fcntl.LOCK_NB)
            held = True
        except BlockingIOError:
            held = False
        yield held
    finally:
        os.close(descriptor)


def bare_root(suite: str, day: Path) -> Path:
    """The bare root of a suite, made once a day. Raises `NotServed` when debootstrap cannot fetch it."""
    final = day / f"root-{suite}"
    with locked(day / f".lock-{final.name}"):
        if not final.is_dir():
            _make_bare_root(suite, day, final)
    return final


def _make_bare_root(suite: str, day: Path, final: Path) -> None:
    with tempfile.TemporaryDirectory(dir=day) as scratch:
        new = Path(scratch) / "root"
        entry = debian_entry(APT)
        keyring = entry.signed_by or str(ARCHIVE_KEYRING)
        options = ["--no-check-sig"] if entry.trusted else [f"--keyring={keyring}"]
        # debootstrap mounts /proc in the root: for itself only, so that nothing is mounted in what is removed here
        command = [
            *OWN_MOUNTS,
            "debootstrap",
            "--variant=minbase",
            f"--include={INCLUDED}",
            *options,
            suite,
            str(new),
            entry.uri,
        ]
        run_client(command, f"debootstrap cannot make a root of {suite}", day, pauses=(5,))
        _settle_registries(new)
        new.rename(final)


def _settle_registries(root: Path) -> None:
    """Give a root what this machine's clients of package registries have."""
    if Path("/", CERTIFICATES).is_dir():
        # the package ca-certificates, which the set-up installs, adds these to its own
        shutil.copytree(Path("/", CERTIFICATES), root / CERTIFICATES, dirs_exist_ok=True)
    for name in SETTINGS:
        if Path(name).is_file():
            place = root / name.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            shutil.copy(name, place)
    kept = [line for line in _apt_settings() if line.startswith(("Acquire::Check", "Acquire::http", "Acquire::https"))]
    (root / "etc/dpkg/dpkg.cfg.d/90no-sync").write_text("force-unsafe-io\n")  # a root that is thrown away
    (root / "etc/apt/apt.conf.d/90machine").write_text("".join(f"{line}\n" for line in kept))


def _apt_settings() -> list[str]:
    return subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout.splitlines()


@contextmanager
def copied(bare: Path, day: Path) -> Iterator[Path]:
    """A copy of a bare root with a clone of this checkout in `/root/symver-pin`; removed at the end."""
    with tempfile.TemporaryDirectory(prefix=f"run-{bare.name}-", dir=day) as scratch:
        root = Path(scratch) / "root"
        subprocess.run(["cp", "-ax", bare, root], check=True)
        checkout = Path(__file__).resolve().parents[1]
        clone = ["git", "clone", "--quiet", "--no-hardlinks", str(checkout), str(root / "root/symver-pin")]
        subprocess.run(clone, check=True)
        yield root


def make_in(root: Path, suite: str, target: str, day: Path) -> int:
    """Run `make TARGET` in the clone of a suite's root; its exit status. All output is shown."""
    variables = {name: value for name, value in os.environ.items() if name.upper().startswith(VARIABLES)}
    variables |= {
        "HOME": "/root",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "TERM": os.environ.get("TERM", "dumb"),
    }
    words = [f"{name}={value}" for name, value in variables.items()]
    # coverage is measured where the project is developed: here it would cost a third of the time
    inside = ["/usr/bin/env", "-i", *words, "make", "-C", "/root/symver-pin", target, "COVERAGE="]
    # apt locks its folder, and two suites have no packages in common
    folders = {name: f"{name}-{suite}" if name == "apt" else name for name in CACHES}
    caches = " ".join(f"{folders[name]}:{place}" for name, place in CACHES.items())
    environment = {"PATH": os.environ["PATH"], "ROOT": str(root), "DAY": str(day), "CACHES": caches}
    enter = [*OWN_MOUNTS, "sh", "-c", ENTER, "enter", *inside]
    return subprocess.run(enter, env=environment, stdin=subprocess.DEVNULL).returncode


def run_all(suites: Sequence[str], targets: Sequence[str]) -> tuple[list[Run], list[str]]:
    """Run every target in every suite; what was run, and the reasons why a root could not be made."""
    done: list[Run] = []
    refusals: list[str] = []
    with day_folder() as day:
        for suite in suites:
            print(f"=== {suite}: making a bare root", flush=True)
            try:
                bare = bare_root(suite, day)
            except NotServed as error:
                print(f"=== {suite}: not run: {error}", flush=True)
                refusals.append(str(error))
                continue
            with copied(bare, day) as root:
                for target in targets:
                    print(f"=== {suite}: make {target}", flush=True)
                    started = time.monotonic()
                    status = make_in(root, suite, target, day)
                    done.append(Run(suite, target, status, time.monotonic() - started))
    return done, refusals


def main() -> int:
    """Run what is asked for and print a line for each command."""
    parser = argparse.ArgumentParser(prog="fresh_roots.py", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--suites", nargs="+", default=SUITES, metavar="SUITE", help="Debian releases")
    parser.add_argument("--targets", nargs="+", default=TARGETS, metavar="TARGET", help="targets of the Makefile")
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("fresh_roots.py: bare roots are made and entered as root; run it as root", file=sys.stderr)
        return 2
    try:
        done, refusals = run_all(options.suites, options.targets)
    except (Unavailable, OSError, subprocess.CalledProcessError) as error:
        print(f"fresh_roots.py: {error}", file=sys.stderr)
        return 2
    for run in done:
        result = "ok" if run.status == 0 else f"FAILED with {run.status}"
        print(f"{run.suite}: make {run.target}: {result} after {run.seconds:.0f} s")
    for refusal in refusals:
        print(f"not run: {refusal}")
    if any(run.status for run in done):
        return 1
    return 3 if refusals else 0


if __name__ == "__main__":
    sys.exit(main())
