"""Some three hundred small programs, and the installed ones: verdicts are what real loaders do.

Each small program looks one function up. They differ in the function (old, young, moved to another library, given
another version), in the reference (strong, weak), in the linker, in the libraries on the link line and their order,
and in the position of the code. The loaders of 2.17, 2.31, 2.36, 2.41 and the host's start each, with all functions
bound at start.
"""

from __future__ import annotations

import itertools
import stat
from pathlib import Path

import pytest

import rootrun
from maps.real_libraries import exceptions
from symver_pin.verifier.given_files import open_object

from .programs import compile_program, disagreements, kinds, verdict_on
from .test_agreement import PTHREAD_FIRST, PTHREAD_LAST
from .test_reader import real_files

#: Functions and the versions with which they are imported; "" is the host's default.
FUNCTIONS = (
    ("puts", ""), ("memcpy", "GLIBC_2.2.5"), ("memcpy", "GLIBC_2.14"), ("secure_getenv", "GLIBC_2.17"),
    ("getrandom", ""), ("reallocarray", ""), ("fcntl64", ""), ("fstat", ""), ("arc4random", ""),
    ("quick_exit", "GLIBC_2.10"), ("quick_exit", "GLIBC_2.24"), ("glob", "GLIBC_2.2.5"), ("glob", "GLIBC_2.27"),
    ("clock_gettime", "GLIBC_2.17"), ("clock_gettime", "GLIBC_2.2.5"), ("dlopen", "GLIBC_2.2.5"), ("dlopen", ""),
    ("sem_init", "GLIBC_2.2.5"), ("timer_create", "GLIBC_2.3.3"), ("pthread_cond_init", "GLIBC_2.2.5"),
    ("pthread_cond_init", "GLIBC_2.3.2"), ("pthread_create", "GLIBC_2.2.5"), ("pthread_mutex_lock", "GLIBC_2.2.5"),
    ("pthread_getattr_np", ""), ("pthread_setname_np", "GLIBC_2.12"), ("mq_open", "GLIBC_2.3.4"),
)  # fmt: skip
LINKS: dict[str, tuple[str, ...]] = {
    "bfd": ("-fuse-ld=bfd",),
    "gold": ("-fuse-ld=gold",),
    "lld": ("-fuse-ld=lld",),
    "mold": ("-fuse-ld=mold",),
    "libpthread_first": PTHREAD_FIRST,
    "libpthread_last": PTHREAD_LAST,
    "fixed": ("-no-pie", "-fno-pie"),
}
#: Version nodes that Debian's 2.41 has and glibc's own 2.41, which the tables describe, has not.
BACKPORTED = {node for _, node in exceptions("debian-trixie", "x86_64", "libc.so.6")}
#: How many installed programs are verified, spread evenly over those that load glibc's own libraries alone.
INSTALLED = 40


def call_of(name: str, version: str, weak: bool) -> str:
    """The source of a program that calls one function, in C by another name, since headers declare the real one."""
    pin = f'__asm__(".symver {name}, {name}@{version}");\n' if version else ""
    attribute = "__attribute__((weak)) " if weak else ""
    body = "int program(void) { if (never) imported(); return 0; }\n"
    return f'extern {attribute}int imported(void) __asm__("{name}");\n{pin}{body}'


@pytest.mark.parametrize("link", LINKS)
def test_small_programs_start_as_the_verdicts_predict(link: str, tmp_path: Path, roots: dict[str, Path]) -> None:
    wrong = {}
    for (name, version), weak in itertools.product(FUNCTIONS, (False, True)):
        title = f"{name}{version}{'weak' * weak}".replace(".", "_")
        source = call_of(name, version, weak)
        program = compile_program(tmp_path, title, source, ("-fcf-protection=none", "-fno-builtin", *LINKS[link]))
        found = disagreements(roots, program)
        if found:
            wrong[title] = found
    assert wrong == {}


SET_ID = stat.S_ISUID | stat.S_ISGID
"""The loader ignores the variables of a trace in a program that runs with the rights of another user."""


def test_installed_programs_load_as_the_verdicts_predict(roots: dict[str, Path]) -> None:
    glibc = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libgcc_s.so.1", "libstdc++.so.6"}
    programs = [
        path
        for path in real_files()
        if (file := open_object(path)).kind == "executable"
        and file.arch.name == "x86_64"
        and glibc.issuperset(file.needed)
        and not path.stat().st_mode & SET_ID
    ]
    assert len(programs) >= 10
    wrong = []
    for program in programs[:: max(1, len(programs) // INSTALLED)]:
        for release, root in roots.items():
            verdict = verdict_on(program, release)
            if kinds(verdict) == {"glibc-private"}:
                continue  # it loads on its own build of glibc, which no table describes
            if any(finding.version in BACKPORTED for finding in verdict.findings):
                continue
            if (verdict.verdict == "ok") != traces(root, program):
                wrong.append((release, verdict))
    assert wrong == []


def traces(root: Path, program: Path) -> bool:
    """True if a real loader finds all libraries, versions and symbols of a program; the program does not run."""
    settings = {"LD_TRACE_LOADED_OBJECTS": "1", "LD_BIND_NOW": "1", "LD_WARN": "1"}
    done = rootrun.run_in_root(root, program, env=settings)
    output = done.stdout + done.stderr
    faults = ("not found", "undefined symbol", "symbol lookup error", "not defined in file")
    return done.returncode == 0 and not any(fault in output for fault in faults)
