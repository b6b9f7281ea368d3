"""The table of what a program may do with each compat object agrees with the archive, linked programs and the page.

Which members use the running libc's own function is shown twice: the archive says which members look for one, and with
a library that exports the functions, each member is seen to call the library's.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

import safety_table
from conftest import succeeded
from symver_pin.compat.safety import CALLED, Safety, load_safety, parse_safety, safety_of
from symver_pin.compat.table import CompatSymbol, load, needed
from symver_pin.errors import CompatError
from symver_pin.glibc.release import Release

from .conftest import PROGRAMS, X86_64, Archive, LinkOn
from .test_archive import CANCELLATION_POINTS
from .test_tested import names_of

MEMBERS = needed(Release(2, 12), X86_64)

LINES = [(row, members) for row, members in safety_of(load_safety(), load())]

SEARCH = {"symver_pin_running_function", "_r_debug"}
"""What a member refers to that looks for the running libc's own function."""

FOR_TEXTS = {"__isoc23_sscanf", "__isoc23_vsscanf", "__isoc23_swscanf", "__isoc23_vswscanf"}
"""They contain the code for streams, and do not run it."""

CALLED_THROUGH = {
    "__getauxval": "getauxval",
    "__isoc23_scanf": "__isoc23_vfscanf",
    "__isoc23_vscanf": "__isoc23_vfscanf",
}
CALLED_THROUGH |= {"__isoc23_wscanf": "__isoc23_vfwscanf", "__isoc23_vwscanf": "__isoc23_vfwscanf"}
CALLED_THROUGH |= {f"__isoc23_{name}": f"__isoc23_v{name}" for name in ("sscanf", "fscanf", "swscanf", "fwscanf")}
"""Members that cannot pass their arguments on, and a second name -> the function of libc that they call."""


def _here(members: tuple[CompatSymbol, ...]) -> list[CompatSymbol]:
    return [member for member in members if member in MEMBERS]


def _references(archive: Path) -> dict[str, set[str]]:
    """Member -> the symbols that it refers to and does not define."""
    found: dict[str, set[str]] = {row.symbol: set() for row in MEMBERS}
    shown = succeeded(subprocess.run(["nm", "-A", "-u", archive], capture_output=True, text=True))
    for line in shown.splitlines():
        found[line.split(":")[1].removesuffix(".o")].add(line.split()[-1].split("@")[0])
    return found


def test_the_page_has_the_table() -> None:
    text = safety_table.PAGE.read_text()
    assert safety_table.with_table(text) == text, "run `make docs`"


def test_a_page_without_a_place_for_the_table_is_named() -> None:
    with pytest.raises(safety_table.PageError, match="no lines '<!-- safety -->' and, below it, '<!-- end -->'"):
        safety_table.with_table("# Page\n")


GOOD = "a.c\tyes\tno\tyes\tyes\t-\tno: why\ta.c"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a.c\tyes", "t:1: 2 columns, expected 8"),
        (GOOD.replace("yes\tno", "maybe\tno"), "t:1: the column signal has a value"),
        (GOOD.replace("\tno\t", "\tperhaps\t"), "t:1: the column cancel has a value"),
        (GOOD.replace("no: why", "no"), "t:1: the column libc has a value"),
    ],
)
def test_a_malformed_line_is_named(line: str, message: str) -> None:
    with pytest.raises(CompatError, match=message):
        parse_safety(line, "t")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no line is about one of a.c"),
        (GOOD.replace("a.c\tyes", "a.c:one,two\tyes"), "a.c has no member two"),
        (f"{GOOD}\n{GOOD}", "two lines are about the same members"),
    ],
)
def test_each_member_has_one_line(text: str, message: str) -> None:
    member = CompatSymbol("one", "a.c", "one", None, "real", "")
    with pytest.raises(CompatError, match=message):
        safety_of(parse_safety(text, "t"), [member])


@pytest.mark.parametrize("cc", ["gcc", "clang"])
def test_cancellation_points_are_those_of_the_archive(cc: str, archive: Archive) -> None:
    references = _references(archive(cc))
    for row, members in LINES:
        for member in _here(members):
            calls = references[member.symbol] & CANCELLATION_POINTS and member.symbol not in FOR_TEXTS
            passes_on = row.libc.startswith(CALLED) and member.symbol in CANCELLATION_POINTS
            expected = {"yes", "libc"} if calls else {"libc"} if passes_on else {"no"}
            assert row.cancel in expected, member.symbol


@pytest.mark.parametrize("cc", ["gcc", "clang"])
def test_members_that_use_libcs_own_function_are_those_of_the_archive(cc: str, archive: Archive) -> None:
    references = _references(archive(cc))
    for row, members in LINES:
        for member in _here(members):
            found = references[member.symbol]
            assert bool(found & SEARCH) == row.libc.startswith(CALLED), member.symbol
            if row.libc.startswith("asked"):
                assert member.kind in ("wrapper", "alias") or "gnu_get_libc_version" in found, member.symbol


def test_kernels_are_those_of_the_limits() -> None:
    for row, members in LINES:
        for member in members:
            stated = set(re.findall(r"before Linux ([\d.]+\d)", member.limits))
            assert not stated or any(row.kernel.startswith(release) for release in stated), member.symbol


SUFFIX = "(f128|f64x|f64|f32x|f32|l|f)?(_r)?$"


def _stem(symbol: str) -> str:
    """The name of a mathematical function without its format: ``fmaf32`` is ``fma``, ``__fmaieee128``, too."""
    name = re.sub(r"^_ZGV\w+?_", "", symbol)
    name = re.sub(r"^__(?:isoc\d\d_)?(\w+?)(?:_chk)?ieee128", r"\1", name)
    return re.sub(SUFFIX, "", re.sub(r"^(f32x|f64x|f32|f64|f|d)(add|sub|mul|div|sqrt|fma)\w*", r"\2", name))


SHOWN_HERE = [
    row for row, members in LINES if any(member.where - {"i386", "arm"} or not member.where for member in members)
]
"""Not the lines about 32-bit architectures alone, whose tests are test_time64.py and kit/test_nonshared.py."""


@pytest.mark.parametrize("row", SHOWN_HERE, ids=lambda row: ",".join(row.symbols[:1]) or row.file)
def test_the_named_tests_contain_the_members(row: Safety, archive: Archive, link_on: LinkOn) -> None:
    members = next(members for line, members in LINES if line is row)
    if any(name.endswith(".py") for name in row.tests):
        # Their programs are generated, for each format; the names of the functions are in the files.
        text = "".join((PROGRAMS.parent / name).read_text() for name in row.tests)
        assert [member.symbol for member in members if _stem(member.symbol) not in text] == []
        return
    linked: set[str] = set()
    for number, name in enumerate(row.tests):
        linked |= names_of("--defined-only", link_on("2.17", PROGRAMS / name, archive(), name=f"program{number}"))
    # Of the start-up code, an executable has the function that its crt1.o calls.
    symbols = {member.symbol for member in _here(members)} - ({"__libc_csu_init", "__libc_csu_fini"} - linked)
    assert symbols - linked == set()


CALLER = """
#include <dlfcn.h>
#include <stdio.h>
static char room[1 << 12];
int main(void)
{{
    int failed = 0;
    int (*called)(int) = (int (*)(int))dlsym(RTLD_DEFAULT, "called");
{calls}
    return failed;
}}
"""


def test_each_member_calls_the_function_of_a_library_that_has_it(
    archive: Archive, link_on: LinkOn, tmp_path: Path
) -> None:
    """A preloaded library stands before libc, so its functions count as the running libc's."""
    names = [m.symbol for row, members in LINES if row.libc.startswith(CALLED) for m in _here(members)]
    assert len(names) > 80
    exported = sorted({CALLED_THROUGH.get(name, name) for name in names})
    stand_in = f"static int calls[{len(exported)}];\nint called(int which) {{ return calls[which]; }}\n"
    stand_in += "".join(f"long {name}(void) {{ ++calls[{i}]; return 0; }}\n" for i, name in enumerate(exported))
    calls = ""
    for name in names:
        index = exported.index(CALLED_THROUGH.get(name, name))
        calls += f'    {{ extern long own_{name}(void *, ...) __asm__("{name}");\n'
        calls += f"      int before = called({index});\n      own_{name}(room, room, room, 0, 0, 0);\n"
        calls += f'      if (called({index}) != before + 1) {{ failed = 1; puts("{name}"); }} }}\n'
    (tmp_path / "library.c").write_text(stand_in)
    (tmp_path / "caller.c").write_text(CALLER.format(calls=calls))
    library = tmp_path / "libstand_in.so"
    command = ["gcc", "-w", "-fno-builtin", "-shared", "-fPIC", "-o", str(library), str(tmp_path / "library.c")]
    succeeded(subprocess.run(command, capture_output=True, text=True))
    program = link_on("2.17", tmp_path / "caller.c", archive(), "-w")
    environment = os.environ | {"LD_PRELOAD": str(library)}
    assert succeeded(subprocess.run([program], env=environment, capture_output=True, text=True)) == ""


def test_the_function_of_the_vdso_is_not_libcs(archive: Archive, link_on: LinkOn, tmp_path: Path) -> None:
    # The vDSO of x86-64 exports a getrandom with other parameters since Linux 6.11; its name marks it.
    (tmp_path / "vdso.c").write_text("long getrandom(void) { return -22; }\nint getcpu(void) { return -22; }\n")
    (tmp_path / "caller.c").write_text(
        "#include <stddef.h>\n"
        "extern long getrandom(void *, size_t, unsigned);\n"
        "extern int getcpu(unsigned *, unsigned *);\n"
        "int main(void) { char room[8]; unsigned cpu; return getrandom(room, 8, 0) != 8 || getcpu(&cpu, 0) != 0; }\n"
    )
    library = tmp_path / "vdso.so"
    command = ["gcc", "-w", "-fno-builtin", "-shared", "-fPIC", "-Wl,-soname,linux-vdso.so.1"]
    command += ["-o", str(library), str(tmp_path / "vdso.c")]
    succeeded(subprocess.run(command, capture_output=True, text=True))
    program = link_on("2.17", tmp_path / "caller.c", archive(), "-w")
    environment = os.environ | {"LD_PRELOAD": str(library)}
    succeeded(subprocess.run([program], env=environment, capture_output=True, text=True))
