#!/usr/bin/env python3
"""Judge every program and library of this machine, and ask its own loader about each: the two must agree.

    python tools/whole_system.py                       # everything in /usr and /opt
    python tools/whole_system.py --install             # install some fifty Debian packages before (as root)
    python tools/fresh_roots.py --suites trixie --targets agree

The verifier judges all files as one set, for the glibc of the machine. The loader is asked by a trace
(``LD_TRACE_LOADED_OBJECTS``, ``LD_WARN``, ``LD_BIND_NOW``): it loads the file and its libraries, looks all symbols up
and runs nothing. Compared are missing versions and missing symbols that have a version. Unversioned symbols of plug-ins
are left out, which the program that opens them defines, and files that use ``GLIBC_PRIVATE``, which the verifier fails
everywhere by intention.

Exit status 0 when all agree, 1 when a file is judged otherwise than its loader does, 2 when nothing can be compared.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from symver_pin.errors import ElfError
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.verdict import FileVerdict
from symver_pin.machine.architectures import find_arch
from symver_pin.verifier import verify
from symver_pin.verifier.given_files import open_object

FOLDERS = ("/usr", "/opt")
PACKAGES = (
    "bash-completion", "bc", "bind9-dnsutils", "busybox", "bzip2", "cmake", "cpio", "curl", "dbus", "ed", "emacs-nox",
    "ffmpeg", "file", "gawk", "gdb", "gimp", "git", "gnupg", "graphviz", "htop", "imagemagick", "iproute2", "jq",
    "krb5-user", "less", "libreoffice-calc-nogui", "lua5.4", "lynx", "mariadb-client", "nano", "nginx", "nodejs",
    "openssh-server", "perl", "php-cli", "postgresql-client", "python3-numpy", "qemu-utils", "r-base-core", "redis",
    "rsync", "ruby", "samba-common-bin", "screen", "socat", "sqlite3", "strace", "subversion", "tcpdump", "tmux", "vim",
    "wget", "xz-utils", "zsh",
)  # fmt: skip
"""Packages with programs and libraries in C, C++, Fortran, Rust and Go."""
FAULT = re.compile(r"version `[^']+' not found|undefined symbol: \S+, version \S+|symbol \S+ version \S+ not defined")
"""The loader's lines about a missing version, and about a missing symbol that has one."""
UNFOUND = "a library is not found"
"""For a file whose libraries another program loads before (Java's libjvm.so): its symbols are not compared."""
PRIVATE = "glibc-private"
SECONDS = 60
"""The longest trace of one file."""


def elf_files(folders: Sequence[str]) -> Iterator[Path]:
    """The ELF files of the machine's architecture below some folders, each once however many links it has."""
    seen = set()
    arch = find_arch(platform.machine())
    for folder in folders:
        for parent, _folders, names in os.walk(folder):
            for name in names:
                path = Path(parent, name)
                if path.is_symlink() or not path.is_file():
                    continue
                status = path.stat()
                with path.open("rb") as file:
                    is_elf = file.read(4) == b"\x7fELF"
                if is_elf and (status.st_dev, status.st_ino) not in seen:
                    seen.add((status.st_dev, status.st_ino))
                    found = _open(path)
                    if found is not None and found.arch == arch and found.kind in ("executable", "shared library"):
                        yield path


def _open(path: Path) -> LoadedObject | None:
    try:
        found = open_object(path)
    except ElfError:
        return None
    found.close()
    return found


def loader_faults(path: Path) -> list[str]:
    """The faults that the machine's loader finds in a file, without running it."""
    arch = find_arch(platform.machine())
    settings = {"LD_TRACE_LOADED_OBJECTS": "1", "LD_BIND_NOW": "1", "LD_WARN": "1", "LC_ALL": "C"}
    done = subprocess.run(
        [arch.interpreter, path],
        capture_output=True,
        text=True,
        errors="replace",
        env={"PATH": os.environ["PATH"], **settings},
        stdin=subprocess.DEVNULL,
        timeout=SECONDS,
        check=False,
    )
    output = done.stdout + done.stderr
    faults = sorted(set(FAULT.findall(output)))
    has_all = "=> not found" not in output
    return faults if has_all or any(fault.startswith("version") for fault in faults) else [UNFOUND]


def disagreement(file: FileVerdict) -> str | None:
    """How the verdict and the loader differ; None where they agree."""
    kinds = {finding.kind for finding in file.findings if finding.fails}
    if PRIVATE in kinds:
        return None
    faults = loader_faults(Path(file.path))
    if faults == [UNFOUND]:
        return None
    if bool(faults) == bool(kinds):
        return None
    return f"{file.path}: verdict {', '.join(sorted(kinds)) or 'ok'}; loader: {'; '.join(faults[:3]) or 'ok'}"


def install(packages: Sequence[str]) -> int:
    """Install Debian packages, each by itself, so that one that is not served leaves the others; how many are there."""
    subprocess.run(["apt-get", "-qq", "update"], check=True)
    words = ["apt-get", "-qq", "-y", "--no-install-recommends", "install"]
    done = [subprocess.run([*words, package], stdout=subprocess.DEVNULL, check=False) for package in packages]
    return sum(each.returncode == 0 for each in done)


def main() -> int:
    """Compare all files and print the differences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true", help="install some fifty Debian packages before")
    parser.add_argument("folders", nargs="*", default=FOLDERS, metavar="FOLDER")
    options = parser.parse_args()
    if options.install:
        print(f"{install(PACKAGES)} of {len(PACKAGES)} packages installed", flush=True)
    files = list(elf_files(options.folders))
    if not files:
        print(f"no ELF files of this machine in {' '.join(options.folders)}", file=sys.stderr)
        return 2
    release = platform.libc_ver()[1]
    report = verify(files, release)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [line for line in pool.map(disagreement, report.files) if line is not None]
    print("".join(f"{line}\n" for line in found), end="")
    fails = sum(file.verdict == "fails" for file in report.files)
    print(f"glibc {release}: {len(files)} files, {fails} fail by their verdict, {len(found)} differ from the loader")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
