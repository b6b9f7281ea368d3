#!/usr/bin/env python3
"""Build a portable CPython for glibc 2.17 from Debian's source package, verify it, and test it on the real 2.17.

    python demo/python_distribution.py -o build/python                  # ten minutes on two cores
    python demo/python_distribution.py -o build/python --python 3.13
    python demo/python_distribution.py -o build/python --tests test_json test_ssl
    python demo/python_distribution.py -o build/python --embed          # and a program in Rust that embeds it (pyo3)

The interpreter is built with the kit. OpenSSL, SQLite, libffi, xz, bzip2, zlib, readline, ncurses and expat are the
static libraries of Debian's development packages, so that nothing but glibc's own libraries is needed on the target.
`python.toml` beside this file is the policy: which file may need which library of the system.
docs/python-distribution.md explains the steps. Exit status 0 when all of it worked, 1 when a step failed, 2 when a tool
or a package is missing or the output folder is not empty.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tools"), str(HERE.parent / "src")]

from cache import kept_folder  # noqa: E402  (tools/ is no package; the line above makes it importable)
from debian_archive import download_packages, download_source, unpack_deb  # noqa: E402
from locked_project import copy_locked  # noqa: E402
from rootrun import run_in_root  # noqa: E402
from runtimes import get_root  # noqa: E402
from unavailable import Unavailable  # noqa: E402

SUITES = {"3.11": "bookworm", "3.13": "trixie"}
"""Versions of CPython and the Debian release whose source package and static libraries they are built from."""
LIBRARIES = (
    "libssl-dev", "libsqlite3-dev", "libffi-dev", "liblzma-dev", "libbz2-dev", "zlib1g-dev", "libreadline-dev",
    "libncurses-dev", "libexpat1-dev", "libzstd-dev",
)  # fmt: skip
"""The packages with the headers and static libraries of what the standard library wraps."""
BUILT_IN = {
    "_bz2": "-lbz2",
    "_ctypes": "-lffi -DHAVE_FFI_PREP_CIF_VAR -DHAVE_FFI_PREP_CLOSURE_LOC -DHAVE_FFI_CLOSURE_ALLOC",
    "_curses": "-lncursesw -ltinfo -DHAVE_NCURSESW",
    "_curses_panel": "-lpanelw -lncursesw -ltinfo -DHAVE_NCURSESW",
    "_hashlib": "-lcrypto -lzstd -lz",
    "_lzma": "-llzma",
    "_sqlite3": "-lsqlite3 -lm -lz",
    "_ssl": "-lssl -lcrypto -lzstd -lz",
    "binascii": "-lz -DUSE_ZLIB_CRC32",
    "pyexpat": "-lexpat",
    "readline": "-lreadline -ltinfo",
    "zlib": "-lz",
}
"""Modules that become a part of the interpreter, with their flags.

Debian compiles most of their static libraries with -fPIE: a program can be linked with them, a shared library can not.
Macros have no value: a line of `Modules/Setup.local` with an equals sign is a definition.
"""
MODULES = (*BUILT_IN, "_decimal")
"""The modules that wrap libraries; an installation that cannot import one of them is an error."""
TESTS = (
    "test_json", "test_struct", "test_zlib", "test_bz2", "test_lzma", "test_sqlite3", "test_ctypes", "test_hashlib",
    "test_threading", "test_math", "test_re", "test_datetime", "test_decimal", "test_select", "test_zipfile",
    "test_ssl", "test_pyexpat",
)  # fmt: skip
"""A core of CPython's own tests; they need neither a network nor a compiler."""
NOT_TESTED = ("test_find_library_with_gcc", "test_find_library_with_ld")
"""Tests that call a compiler or a linker, which the root with glibc 2.17 does not have."""
PREFIX = "install"
"""The prefix, a folder below DESTDIR. With the prefix / distutils leaves DESTDIR out and writes into this system."""
CONFIGURE = (
    f"--prefix=/{PREFIX}", "--without-ensurepip", "--with-dbmliborder=", "--with-readline=readline",
    "--with-system-expat", "py_cv_module__tkinter=n/a", "py_cv_module_nis=n/a", "py_cv_module__crypt=n/a",
    "py_cv_module__uuid=n/a", "ac_cv_header_uuid_h=no", "ac_cv_header_uuid_uuid_h=no",
)  # fmt: skip
"""Options of configure: no modules whose libraries are not linked statically here, nothing from a package index."""


EXCLUDED = ("--exclude", "*.a", "--exclude", "*.part")
"""Static libraries, which are no programs, and truncated archives among the data of CPython's tests."""
LAUNCHER = """\
#include <unistd.h>
int main(int count, char **words) { return count < 2 ? 2 : execv(words[1], words + 1); }
"""
"""A program that becomes the program that its words name. The interpreter must be where its library is."""


class StepFailedError(Exception):
    """A command failed; the text is the command and the end of what it said."""


def say(text: str) -> None:
    """Print a line with the seconds since the start."""
    print(f"[{time.monotonic() - STARTED:4.0f} s] {text}", flush=True)


def step(command: Sequence[str | Path], folder: Path, **variables: str) -> str:
    """Run a command in a folder; its output. Raises StepFailedError when it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd=folder,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode != 0:
        raise StepFailedError(f"{' '.join(words)}: exit status {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def unpacked_source(version: str, into: Path) -> Path:
    """CPython's source as Debian's source package has it, unpacked; the archive is kept in the cache."""
    suite, package = SUITES[version], f"python{version}"

    def download(folder: Path, scratch: Path) -> None:
        shutil.move(download_source(suite, package, scratch), folder)

    (archive,) = kept_folder(f"source-{package}-{suite}", download).iterdir()
    with tarfile.open(archive) as source:
        source.extractall(into, filter="data")
    return next(path for path in into.iterdir() if (path / "configure").is_file())


def static_libraries(suite: str) -> Path:
    """A folder with `include` and `lib`; in `lib` are static libraries only, so that a linker can take no other."""

    def fill(folder: Path, scratch: Path) -> None:
        root = scratch / "root"
        for package in download_packages(suite, LIBRARIES, scratch):
            unpack_deb(package, root)
        shutil.copytree(root / "usr/include", folder / "include", symlinks=True)
        shutil.copytree(root / "usr/include/x86_64-linux-gnu", folder / "include", dirs_exist_ok=True)
        (folder / "lib").mkdir()
        for library in (root / "usr/lib/x86_64-linux-gnu").glob("*.a"):
            shutil.copy(library, folder / "lib" / library.name)

    return kept_folder(f"python-libraries-{suite}", fill)


def choose_built_in(source: Path) -> None:
    """Write `Modules/Setup.local`: the lines of BUILT_IN from CPython's own list of modules, with our flags."""
    line = re.compile(r"^#?@MODULE_\w+_TRUE@(\w+)( .+)$", re.MULTILINE)
    listed = dict(line.findall((source / "Modules/Setup.stdlib.in").read_text()))
    lines = [f"{name}{re.sub('@[A-Z_]+@', '', listed[name])} {flags}\n" for name, flags in BUILT_IN.items()]
    (source / "Modules/Setup.local").write_text("".join(["*static*\n", *lines]))


def build(source: Path, kit: Path, libraries: Path, output: Path, jobs: int) -> None:
    """Configure, compile and install CPython into `output`. Raises StepFailedError, also without one of MODULES."""
    variables = {
        "CC": str(kit / "bin/cc"),
        "CXX": str(kit / "bin/c++"),
        "CPPFLAGS": f"-I{libraries}/include",
        "LDFLAGS": f"-L{libraries}/lib",
        "PKG_CONFIG": "false",
        "LIBS": "-lzstd -lz",  # of OpenSSL, for configure's own question whether it links
        "LIBSQLITE3_CFLAGS": f"-I{libraries}/include",
        "LIBSQLITE3_LIBS": "-lsqlite3 -lm -lz",
    }
    choose_built_in(source)
    step([source / "configure", *CONFIGURE, f"--with-openssl={libraries}"], source, **variables)
    say("compiling")
    step(["make", f"-j{jobs}"], source, **variables)
    say("installing")
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}-") as scratch:
        step(["make", "install", f"DESTDIR={scratch}"], source, **variables)
        installed = Path(scratch, PREFIX)
        for package in (source / "Lib/test").glob("test_*/"):  # 3.11 leaves some of its own tests out
            if not (kept := next(installed.glob("lib/python3.*/test")) / package.name).exists():
                shutil.copytree(package, kept)
        (interpreter,) = installed.glob("bin/python3.*[0-9]")
        step([interpreter, "-c", f"import {', '.join(MODULES)}"], installed)
        if output.is_dir():
            output.rmdir()
        installed.rename(output)


def verify(path: Path, glibc: str) -> str:
    """The verdict line of `symver-pin verify` with the policy. Raises StepFailedError for a file that breaks it.

    `libpython3.x.a` is left out: what is linked with it gets its versions then, from the kit.
    """
    said = symver_pin("verify", "--policy", HERE / "python.toml", "--glibc", glibc, *EXCLUDED, path)
    return next(line for line in reversed(said.splitlines()) if " ok on glibc" in line)


def symver_pin(*words: str | Path, folder: Path = HERE, **variables: str) -> str:
    """What this checkout's symver-pin prints. Raises StepFailedError when it fails."""
    own = {"PYTHONPATH": str(HERE.parent / "src")}
    return step([sys.executable, "-m", "symver_pin", *words], folder, **own, **variables)


def run_on_217(kit: Path, python: Path, program: Path, words: Sequence[str], scratch: Path) -> str:
    """Run a program in the `bin` of a copy of the installation on the real glibc 2.17; what it prints.

    Raises StepFailedError when it fails.
    """
    root = get_root("2.17")
    launcher = scratch / "launcher"
    launcher.with_suffix(".c").write_text(LAUNCHER)
    step([kit / "bin/cc", launcher.with_suffix(".c"), "-o", launcher], scratch)
    with tempfile.TemporaryDirectory(prefix="python-", dir=root / "run") as place:
        Path(place).chmod(0o755)
        copy = Path(shutil.copytree(python, Path(place, "python"), symlinks=True))
        shutil.copy(program, copy / "bin" / program.name)
        there = Path("/run", Path(place).name, "python")
        env = {"TERM": "dumb"} if program.is_relative_to(python) else {"PYTHONHOME": str(there)}
        done = run_in_root(root, launcher, [str(there / "bin" / program.name), *words], env=env, timeout=1800)
    if done.returncode != 0:
        raise StepFailedError(
            f"{program.name} {' '.join(words)} on glibc 2.17: exit status {done.returncode}\n"
            f"{(done.stdout + done.stderr)[-3000:]}"
        )
    return done.stdout


def build_embedding(python: Path, version: str, glibc: str, scratch: Path) -> Path:
    """Build the program of `demo/embedding` with pyo3 and the static libpython of the installation; its path."""
    config = scratch / "pyo3.txt"
    config.write_text(
        f"implementation=CPython\nversion={version}\nshared=false\nabi3=false\nlib_name=python{version}\n"
        f"lib_dir={python}/lib\nexecutable={python}/bin/python{version}\npointer_width=64\nbuild_flags=\n"
        "suppress_build_script_link_lines=false\n"
    )
    target = scratch / "target"
    link = "import sysconfig; print(*map(sysconfig.get_config_var, ('LDFLAGS', 'MODLIBS', 'LIBS', 'SYSLIBS')))"
    symver_pin(
        *("cargo", "--glibc", glibc, "build", "--release", "--locked"),
        folder=copy_locked(HERE / "embedding", scratch / "embedding"),
        PYO3_CONFIG_FILE=str(config),
        LINK_WITH_PYTHON=step([python / f"bin/python{version}", "-c", link], scratch),
        CARGO_TARGET_DIR=str(target),
    )
    return target / "release/embedding"


def main() -> int:
    """Build, verify, test."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the folder of the installation, new or empty")
    parser.add_argument("--python", choices=SUITES, default="3.11", help="the version of CPython; default 3.11")
    parser.add_argument("--glibc", default="2.17", help="the target; default 2.17")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="processes of make")
    parser.add_argument("--tests", nargs="*", default=TESTS, help="CPython's tests to run on the real 2.17")
    parser.add_argument("--embed", action="store_true", help="also a program in Rust that embeds it; needs cargo")
    options = parser.parse_args()
    python = options.output.absolute()
    if python.exists() and (not python.is_dir() or any(python.iterdir())):
        print(f"error: {options.output}: not an empty folder; name a new one", file=sys.stderr)
        return 2
    if missing := [tool for tool in ("make", *(["cargo"] if options.embed else [])) if shutil.which(tool) is None]:
        print(f"error: no {missing[0]} in the PATH; install it", file=sys.stderr)
        return 2
    python.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="python-source-") as scratch:
            show(options, python, Path(scratch))
    except StepFailedError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except Unavailable as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def show(options: argparse.Namespace, python: Path, scratch: Path) -> None:
    """All steps. Raises StepFailedError and Unavailable."""
    version, suite = options.python, SUITES[options.python]
    say(f"CPython {version} of Debian {suite}'s source package, for glibc {options.glibc}")
    kit = Path(symver_pin("kit", "--no-warn", "--glibc", options.glibc).splitlines()[-1])
    build(unpacked_source(version, scratch), kit, static_libraries(suite), python, options.jobs)
    say(f"verify: {verify(python, options.glibc)}")
    interpreter = python / f"bin/python{version}"
    if options.tests:
        say("running CPython's own tests on a real glibc 2.17")
        ignored = [word for name in NOT_TESTED for word in ("--ignore", name)]
        said = run_on_217(kit, python, interpreter, ["-m", "test", *ignored, *options.tests], scratch)
        for line in said.strip().splitlines()[-6:]:
            print(f"         {line}")
    if options.embed:
        say("building a program in Rust that embeds it (pyo3)")
        program = build_embedding(python, version, options.glibc, scratch)
        say(f"verify: {verify(program, options.glibc)}")
        said = run_on_217(kit, python, program, [], scratch)
        say(f"the program on a real glibc 2.17: {said.strip()}")
    say(f"{python} is done")


STARTED = time.monotonic()

if __name__ == "__main__":
    sys.exit(main())
