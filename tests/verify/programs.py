"""Small programs that differ in what they want from the loader, and the two judges: the verifier and a real loader.

A program here brings its own ``_start``, so that nothing but the case under test is asked of the C library. (The host's
crt1.o would want ``__libc_start_main@GLIBC_2.34`` in every one of them.)
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

import rootrun
from c_flags import LENIENT_C
from symver_pin.maps.platforms import Target, resolve_target
from symver_pin.verify import FileVerdict, Report, verify

#: What every start prints when it got as far as running code of the program.
ALIVE = "alive"

START = """
#include <stdlib.h>
#include <unistd.h>
__asm__(".globl _start\\n_start: xor %ebp,%ebp\\n and $-16,%rsp\\n call begin\\n hlt");
int program(void);
__attribute__((used)) static void begin(void) { int status = program(); write(1, "alive\\n", 6); _exit(status); }
"""

#: Room for calls whose result does not matter: they must be looked up, not made.
NEVER = "static volatile int never;\n"


def host_target() -> Target:
    """The glibc that runs these tests."""
    return resolve_target(platform.libc_ver()[1])


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
    """Whether a real loader starts a program: that of the root given, or the host's. All functions are looked up.

    ``preload`` is a library that is loaded into the program (in a root it must be among the extra files).
    """
    wish = {"LD_BIND_NOW": "1"}
    if preload is not None:
        wish["LD_PRELOAD"] = preload.name
    try:
        if root is not None:
            done = rootrun.run_in_root(root, program, env=wish, extra_files=extra_files)
        else:
            variables = {**os.environ, **wish}
            if extra_files:
                variables["LD_LIBRARY_PATH"] = ":".join(str(file.parent) for file in extra_files)
            done = subprocess.run([program], capture_output=True, text=True, env=variables, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        return False  # The interpreter is not there.
    return ALIVE in done.stdout


def disagreements(roots: dict[str, Path], program: Path, *others: Path) -> list[str]:
    """What the verifier says otherwise than the real loaders of all old roots and of the host; empty when all agree."""
    found = []
    places: list[tuple[Target, Path | None]] = [(resolve_target(release), root) for release, root in roots.items()]
    for target, root in [*places, (host_target(), None)]:
        verdict = judge(program, target, *others)
        started = starts_on(root, program, others)
        if (verdict.verdict == "ok") != started:
            found.append(f"glibc {target.glibc} {'starts' if started else 'refuses'} it, said {verdict}")
    return found


def judge(program: Path, target: str | Target, *others: Path) -> FileVerdict:
    """The verifier's verdict of a program, its libraries given along."""
    return report(program, target, *others).files[0]


def report(program: Path, target: str | Target, *others: Path) -> Report:
    """The verifier's report of a program and its libraries."""
    return verify([program, *others], resolve_target(target) if isinstance(target, str) else target)


def kinds(verdict: FileVerdict) -> set[str]:
    """The kinds of the findings that fail."""
    return {finding.kind for finding in verdict.findings if finding.fails}
