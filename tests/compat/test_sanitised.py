"""The compat objects under the address and undefined-behaviour sanitisers, by the behaviour programs.

Program and family are compiled together and run on this machine: a sanitised program needs the runtime of its compiler.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from symver_pin.compat.archive import SOURCES
from symver_pin.compat.table import load

from .conftest import PROGRAMS, defines
from .test_behaviour import FILES, ON_OLD_KERNELS

FAMILY = {
    "bauds.c": ("termios.c",),
    "spawn.c": ("spawn.c", "spawnpaths.c"),
    "auxiliary.c": ("auxiliary.c", "running.c"),
}
"""The files of a program, where they are not the one of its own name."""

NOT_TO_BE_SANITISED = {
    "startup.c": "the sanitiser's runtime starts the program",
    "memory.c": "the sanitiser has an allocator of its own, which mallinfo does not know",
    "resolver.c": "this machine's libresolv does not let anything link to the names of old",
    "syscalls.c": "the sanitiser lets munlock do nothing, and a locked page refuses advice",
}

OPTIONS = """
const char *__asan_default_options(void)
{
    return "detect_leaks=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_abort=0";
}
"""
"""Signals stay as the program has them. Part of each program, since some start others with another environment."""

NEEDS_SEARCH = {"auxiliary.c"}
"""Its secure_getenv is libc's, under one name or another."""

NO_SEARCH = "void *symver_pin_running_function(const char *name) { (void)name; return 0; }"
"""Instead of running.c: the members' own code runs, although this machine's libc has the functions."""


def _families() -> list[str]:
    own = {row.file for row in load()}
    programs = sorted(path.name for path in PROGRAMS.glob("*.c"))
    return [name for name in programs if name not in NOT_TO_BE_SANITISED and own & {name, *FAMILY.get(name, ())}]


@pytest.mark.parametrize("cc", ["gcc", "clang"])
@pytest.mark.parametrize("family", _families())
def test_no_sanitiser_complains(family: str, cc: str, tmp_path: Path) -> None:
    program = tmp_path / "program"
    (tmp_path / "options.c").write_text(OPTIONS + ("" if family in NEEDS_SEARCH else NO_SEARCH))
    sources = [tmp_path / "options.c", PROGRAMS / family, *(SOURCES / file for file in FAMILY.get(family, (family,)))]
    flags = ["-std=gnu11", "-O1", "-g", "-fno-builtin", "-D_GNU_SOURCE", "-U_FORTIFY_SOURCE", "-w", *defines()]
    # Functions called by a pointer of another type are so by design: the objects declare libc's functions in their own
    # types. clang has checked that in C since 17.
    flags += ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-DSANITISED"]
    if cc == "clang":
        flags.append("-fno-sanitize=function")
    libraries = ["-lm", "-lpthread", "-ldl", "-lcrypt"]
    command = [need_tool(cc), *flags, *map(str, sources), *libraries, "-o", str(program)]
    succeeded(subprocess.run(command, capture_output=True, text=True))
    for file in FILES.get(family, ()):
        shutil.copy(file, tmp_path)
    done = subprocess.run([program, *ON_OLD_KERNELS], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert succeeded(done) == ""
