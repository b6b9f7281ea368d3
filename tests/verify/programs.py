"""Small programs that differ in what they need from the loader; the verifier and real loaders run over them.

A program here has its own ``_start``, so that it needs nothing from the C library but the case under test. (With the
host's crt1.o every one of them would need ``__libc_start_main@GLIBC_2.34``.)
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

import rootrun
from c_flags import LENIENT_C
from symver_pin.verifier import FileVerdict, Report, verify

#: Every start prints this once it runs code of the program.
ALIVE = "alive"

START = """
#include <stdlib.h>
#include <unistd.h>
__asm__(".globl _start\\n_start: xor %ebp,%ebp\\n and $-16,%rsp\\n call begin\\n hlt");
int program(void);
__attribute__((used)) static void begin(void) { int status = program(); write(1, "alive\\n", 6); _exit(status); }
"""

#: A condition for calls that must be linked but never made.
NEVER = "static volatile int never;\n"


def host_release() -> str:
    """The release of the glibc that runs these tests."""
    return platform.libc_ver()[1]


def compile_program(
    folder: Path, name: str, source: str, flags: Sequence[str] = (), *, cc: str = "gcc", own_start: bool = True
) -> Path:
    """Compile and link one C file; its path."""
    text = folder / f"{name}.c"
    text.write_text((START if own_start else "") + NEVER + source)
    output = folder / name
    start = ["-nostartfiles"] if own_start else []
    command = [cc, "-O1", *LENIENT_C, "-o", str(output), str(text), *start, *flags]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
    return output


def compile_library(folder: Path, name: str, source: str, versions: str = "", flags: Sequence[str] = ()) -> Path:
    """Compile a shared library whose soname is its name, with a version script when ``versions`` has one."""
    folder.mkdir(exist_ok=True)
    extra = []
    if versions:
        script = folder / f"{name}.ver"
        script.write_text(versions)
        extra = [f"-Wl,--version-script={script}"]
    options = ["-shared", "-fPIC", "-nostartfiles", f"-Wl,-soname,{name}", *extra, *flags]
    return compile_program(folder, name, source, options, own_start=False)


def starts_on(root: Path | None, program: Path, extra_files: Sequence[Path] = (), preload: Path | None = None) -> bool:
    """True if a real loader starts a program: that of ``root``, or the host's for None. All functions are looked up.

    ``preload`` is a library that is loaded into the program (in a root it must be among the extra files).
    """
    settings = {"LD_BIND_NOW": "1"}
    if preload is not None:
        settings["LD_PRELOAD"] = preload.name
    try:
        if root is not None:
            done = rootrun.run_in_root(root, program, env=settings, extra_files=extra_files)
        else:
            variables = {**os.environ, **settings}
            if extra_files:
                variables["LD_LIBRARY_PATH"] = ":".join(str(file.parent) for file in extra_files)
            done = subprocess.run([program], capture_output=True, text=True, env=variables, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        return False  # there is no such interpreter
    return ALIVE in done.stdout


def disagreements(roots: dict[str, Path], program: Path, *others: Path) -> list[str]:
    """One line for each loader, of the old roots and of the host, whose behaviour differs from the verdict."""
    found = []
    places: list[tuple[str, Path | None]] = [*roots.items(), (host_release(), None)]
    for release, root in places:
        verdict = verdict_on(program, release, *others)
        started = starts_on(root, program, others)
        if (verdict.verdict == "ok") != started:
            found.append(f"glibc {release} {'starts' if started else 'refuses'} it; the verdict is {verdict}")
    return found


def verdict_on(program: Path, target: str, *others: Path) -> FileVerdict:
    """The verdict on a program that is verified together with its libraries (``others``)."""
    return report(program, target, *others).files[0]


def report(program: Path, target: str, *others: Path) -> Report:
    """The verifier's report on a program and its libraries."""
    return verify([program, *others], target)


def kinds(verdict: FileVerdict) -> set[str]:
    """The kinds of the findings that fail."""
    return {finding.kind for finding in verdict.findings if finding.fails}
