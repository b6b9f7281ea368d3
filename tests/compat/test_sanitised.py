"""The compat objects under the address, undefined-behaviour and thread sanitisers, by the behaviour programs.

Program and family are compiled together and run on this machine: a sanitised program needs the runtime of its compiler.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from symver_pin.compat.archive import SOURCES
from symver_pin.compat.table import load

from .circumstances import left_out, programs_in
from .conftest import PROGRAMS, defines
from .test_behaviour import FILES, ON_OLD_KERNELS

_FORMATS = ("float32.c", "float64.c", "float64x.c", "rounding.c", "minmax.c")

FAMILY = {
    "bauds.c": ("termios.c",),
    "spawn.c": ("spawn.c", "spawnpaths.c"),
    "auxiliary.c": ("auxiliary.c", "running.c"),
    "floatn.c": _FORMATS,
    "floatn_more.c": (*_FORMATS, "binary128.c", "engines.c"),
    "finite_more.c": ("finite.c", "binary128.c", "engines.c"),
}
"""The files of a program, where they are not the one of its own name."""

OPTIONS = """
const char *__asan_default_options(void)
{
    return "detect_leaks=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_abort=0";
}
const char *__tsan_default_options(void)
{
    return "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_abort=0:die_after_fork=0";
}
"""
"""Signals stay as the program has them. Part of each program, since some start others with another environment."""

SANITISERS = {"asan": "address,undefined", "tsan": "thread"}

SECOND_NAMES = {f"logp1{suffix}" for suffix in ("f32", "f64", "f32x", "f64x")}
"""Those that this machine's libm lacks."""

NEEDS_SEARCH = {"auxiliary.c"}
"""Its secure_getenv is libc's, under one name or another."""

NO_SEARCH = """
void *symver_pin_running_function(const char *name) { (void)name; return 0; }
const char *gnu_get_libc_version(void) { return "2.17"; }
"""
"""Instead of running.c, and instead of this machine's release: the members' own code runs, although this machine's libc
has the functions."""


RUNS = [
    (sanitiser, family, cc)
    for sanitiser in SANITISERS
    for cc in ("gcc", "clang")
    for family in programs_in(sanitiser) + (left_out("early", sanitiser) if cc == "gcc" else [])
]


@pytest.mark.parametrize(("sanitiser", "family", "cc"), RUNS)
def test_no_sanitiser_complains(sanitiser: str, family: str, cc: str, tmp_path: Path) -> None:
    program = tmp_path / "program"
    (tmp_path / "options.c").write_text(OPTIONS + ("" if family in NEEDS_SEARCH else NO_SEARCH))
    sources = [tmp_path / "options.c", PROGRAMS / family, *(SOURCES / file for file in FAMILY.get(family, (family,)))]
    flags = ["-std=gnu11", "-O1", "-g", "-fno-builtin", "-D_GNU_SOURCE", "-U_FORTIFY_SOURCE", "-w", *defines()]
    # Functions called by a pointer of another type are so by design: the objects declare libc's functions in their own
    # types. clang has checked that in C since 17.
    flags += [f"-fsanitize={SANITISERS[sanitiser]}", "-fno-sanitize-recover=all", "-DSANITISED"]
    if cc == "clang":
        flags.append("-fno-sanitize=function")
    # Second names of functions, which the archive's members get when they are cut.
    rows = (row for row in load() if row.file == "rounding.c" and row.file in FAMILY.get(family, ()))
    flags += [f"-Wl,--defsym={row.symbol}={row.function}" for row in rows if row.symbol in SECOND_NAMES]
    libraries = ["-lm", "-lpthread", "-ldl", "-lcrypt"]
    command = [need_tool(cc), *flags, *map(str, sources), *libraries, "-o", str(program)]
    succeeded(subprocess.run(command, capture_output=True, text=True))
    for file in FILES.get(family, ()):
        shutil.copy(file, tmp_path)
    done = subprocess.run([program, *ON_OLD_KERNELS], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert succeeded(done) == ""
