"""What refers to a missing symbol: functions, in every form of call that compilers and linkers write, and tables of
pointers; source lines by debug information, objects by the link map.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pytest

from c_flags import LENIENT_C
from conftest import need_tool
from cross import EMULATORS, OLDEST
from symver_pin.cli import main
from symver_pin.elf.image import load_image
from symver_pin.errors import UsageError
from symver_pin.report.formats import json as json_report
from symver_pin.report.formats import text as text_report
from symver_pin.verifier import SymbolInfo, verify
from symver_pin.verifier.references.debug_info import DebugInfo
from symver_pin.verifier.references.link_map import read_link_map

from .programs import compile_library, compile_program

SOURCE = """
#include <stddef.h>
extern long getrandom(void *, size_t, unsigned);
extern int memfd_create();
extern int getentropy(void *, size_t);
char room[8];
__attribute__((noinline)) void fill(void) { getrandom(room, 8, 0); }
__attribute__((noinline)) void fill_more(void) { getrandom(room, 4, 1); getrandom(room, 2, 1); }
__attribute__((noinline)) int grow(void) { return memfd_create(0, 1, 1) + never; }
void *volatile table[] = { getentropy };
int program(void) { fill(); fill_more(); return grow() + (table[0] != 0); }
"""


LINKERS = ["bfd", "gold", "lld", "mold"]


def missing(
    path: Path, callers: bool = True, link_map: Path | None = None, target: str = "2.17"
) -> dict[str, SymbolInfo]:
    """The symbols of the findings on a target, by name."""
    link_maps = {str(path): str(link_map)} if link_map is not None else None
    report = verify([path], target, callers=callers, link_maps=link_maps)
    return {symbol.name: symbol for finding in report.files[0].findings for symbol in finding.symbols}


def functions(symbol: SymbolInfo) -> list[str | None]:
    return [user.function for user in symbol.used_by]


@pytest.mark.parametrize("call", ["-fplt", "-fno-plt"])
@pytest.mark.parametrize("position", ["-pie", "-no-pie"])
@pytest.mark.parametrize("linker", LINKERS)
def test_callers_are_named(linker: str, position: str, call: str, tmp_path: Path) -> None:
    flags = [f"-fuse-ld={linker}", position, "-fPIE" if position == "-pie" else "-fno-pie", call, "-fno-builtin"]
    found = missing(compile_program(tmp_path, "program", SOURCE, flags))
    assert functions(found["getrandom"]) == ["fill", "fill_more"]
    assert functions(found["memfd_create"]) == ["grow"]
    # "program" reads the table. Where gold links for a fixed address, the table has a stub's address and no relocation.
    by_address = linker == "gold" and position == "-no-pie"
    assert functions(found["getentropy"]) == ([] if by_address else ["program", "table"])


@pytest.mark.parametrize("flags", [["-fplt"], ["-fno-plt", "-O2"], ["-mbranch-protection=standard"]])
@pytest.mark.parametrize("linker", LINKERS)
def test_callers_are_named_on_aarch64(linker: str, flags: list[str], tmp_path: Path) -> None:
    found = missing(cross_program(tmp_path, "aarch64-linux-gnu", linker, ["-pie", "-fPIE", *flags]))
    assert functions(found["getrandom"]) == ["fill", "fill_more"]
    assert functions(found["memfd_create"]) == ["grow"]
    assert "table" in functions(found["getentropy"])


@pytest.mark.parametrize("flags", [["-pie", "-fPIE"], ["-no-pie", "-fno-pie"], ["-pie", "-fPIE", "-fcf-protection"]])
@pytest.mark.parametrize("linker", LINKERS)
def test_callers_are_named_on_i386(linker: str, flags: list[str], tmp_path: Path) -> None:
    found = missing(cross_program(tmp_path, "i686-linux-gnu", linker, flags))
    assert functions(found["getrandom"]) == ["fill", "fill_more"]
    assert functions(found["memfd_create"]) == ["grow"]


#: Not every linker of Debian 12 knows every architecture.
OTHERS = [
    ("arm-linux-gnueabihf", "bfd"), ("arm-linux-gnueabihf", "gold"), ("arm-linux-gnueabihf", "lld"),
    ("arm-linux-gnueabihf", "mold"), ("powerpc64le-linux-gnu", "bfd"), ("powerpc64le-linux-gnu", "gold"),
    ("powerpc64le-linux-gnu", "lld"), ("powerpc64le-linux-gnu", "mold"), ("riscv64-linux-gnu", "bfd"),
    ("riscv64-linux-gnu", "mold"), ("s390x-linux-gnu", "bfd"),
    ("s390x-linux-gnu", "gold"), ("s390x-linux-gnu", "mold"), ("mips64el-linux-gnuabi64", "bfd"),
    ("mips64el-linux-gnuabi64", "lld"),
]  # fmt: skip


@pytest.mark.parametrize("flags", [["-pie", "-fPIE"], ["-pie", "-fPIE", "-O2"]], ids=" ".join)
@pytest.mark.parametrize(("triplet", "linker"), OTHERS)
def test_callers_are_named_on_other_architectures(triplet: str, linker: str, flags: list[str], tmp_path: Path) -> None:
    newer = {} if OLDEST[triplet] == "2.17" else {"getrandom": "getcpu", "memfd_create": "gettid"}
    found = missing(cross_program(tmp_path, triplet, linker, flags, newer), target=OLDEST[triplet])
    assert functions(found[newer.get("getrandom", "getrandom")]) == ["fill", "fill_more"]
    assert functions(found[newer.get("memfd_create", "memfd_create")]) == ["grow"]


def cross_program(
    folder: Path, triplet: str, linker: str, flags: list[str], renamed: Mapping[str, str] = MappingProxyType({})
) -> Path:
    """A program for another architecture, by gcc or by clang: gcc finds only two of the cross linkers."""
    cc, *target = [f"{triplet}-gcc"] if linker in ("bfd", "gold") else ["clang", f"--target={triplet}"]
    source = f"{SOURCE}int main(void) {{ return program(); }}\n"
    for name, other in renamed.items():
        source = source.replace(name, other)
    flags = [*target, f"-fuse-ld={linker}", "-fno-builtin", *flags]
    if linker == "lld" and triplet.startswith("mips"):
        flags.append("-Wl,-z,execstack")  # what crti.o of MIPS asks for; newer releases of lld want it said
    return compile_program(folder, "program", source, flags, cc=need_tool(cc), own_start=False)


def test_callers_in_a_library_are_named(tmp_path: Path) -> None:
    found = missing(compile_library(tmp_path, "libown.so", SOURCE, flags=["-fno-builtin"]))
    assert functions(found["getrandom"]) == ["fill", "fill_more"]


def test_no_callers_are_named_in_a_stripped_file_or_unless_requested(tmp_path: Path) -> None:
    program = compile_program(tmp_path, "program", SOURCE, ["-fno-builtin", "-g"])
    assert all(symbol.used_by == () for symbol in missing(program, callers=False).values())
    subprocess.run(["strip", program], check=True)
    assert all(symbol.used_by == () for symbol in missing(program).values())


@pytest.mark.parametrize(
    ("cc", "flags"),
    [("gcc", ["-gdwarf-4"]), ("gcc", ["-gdwarf-5"]), ("gcc", ["-g", "-gz", "-ffunction-sections"]),
     ("clang", ["-g"]), ("clang", ["-gdwarf-4", "-ffunction-sections"])],
)  # fmt: skip
def test_lines_come_from_debug_information(cc: str, flags: list[str], tmp_path: Path) -> None:
    program = compile_program(tmp_path, "program", SOURCE, [*flags, "-fno-builtin"], cc=need_tool(cc))
    lines = (tmp_path / "program.c").read_text().splitlines()
    found = missing(program)
    assert functions(found["getrandom"]) == ["fill", "fill_more"]
    for user in (*found["getrandom"].used_by, *found["memfd_create"].used_by):
        assert user.source is not None and Path(user.source).name == "program.c"
        assert user.line is not None and f" {user.function}(void) {{ " in lines[user.line - 1]
    # Lines are named without a symbol table too.
    subprocess.run(["objcopy", "--strip-symbol=fill", "--strip-symbol=fill_more", program], check=True)
    users = missing(program)["getrandom"].used_by
    assert {(user.function, Path(user.source or "").name) for user in users} == {(None, "program.c")}


@pytest.mark.parametrize("section", [".debug_info", ".debug_line", ".debug_abbrev"])
def test_broken_debug_information_is_ignored(section: str, tmp_path: Path) -> None:
    program = compile_program(tmp_path, "program", SOURCE, ["-g", "-fno-builtin"])
    subprocess.run(["objcopy", "--dump-section", f"{section}={tmp_path / 'part'}", program], check=True)
    part = bytearray((tmp_path / "part").read_bytes())
    for place in range(12, len(part), 3):
        part[place] ^= 0xA5
    (tmp_path / "part").write_bytes(part)
    subprocess.run(["objcopy", "--update-section", f"{section}={tmp_path / 'part'}", program], check=True)
    assert functions(missing(program)["getrandom"]) == ["fill", "fill_more"]
    assert DebugInfo(load_image("/bin/true")).at(0x1000) is None


def linked_with_map(folder: Path, linker: str, flags: Sequence[str]) -> tuple[Path, Path]:
    """A program of an object and an archive, and the map of its link."""
    folder.mkdir(exist_ok=True)
    (folder / "net.c").write_text(
        "extern long getrandom();\nchar room[8];\nlong fill(void) { return getrandom(room, 8, 0); }\n"
    )
    (folder / "main.c").write_text(
        "extern int memfd_create(); long fill(void);\nint main(void) { return fill() + memfd_create(0, 1, 1); }\n"
    )
    cc = ["gcc", *LENIENT_C, "-g", "-fno-builtin", "-ffunction-sections", "-O1"]
    subprocess.run([*cc, "-c", "net.c", "main.c"], cwd=folder, check=True)
    subprocess.run(["ar", "rcs", "libnet.a", "net.o"], cwd=folder, check=True)
    command = [*cc, f"-fuse-ld={linker}", "main.o", "libnet.a", "-o", "app", "-Wl,-Map=app.map", *flags]
    subprocess.run(command, cwd=folder, check=True)
    return folder / "app", folder / "app.map"


@pytest.mark.parametrize("position", ["-pie", "-no-pie"])
@pytest.mark.parametrize("linker", LINKERS)
def test_objects_and_archive_members_come_from_the_link_map(linker: str, position: str, tmp_path: Path) -> None:
    program, link_map = linked_with_map(tmp_path, linker, [position])
    found = missing(program, link_map=link_map)
    assert [str(user) for user in found["getrandom"].used_by] == ["fill (net.c:3, libnet.a(net.o))"]
    assert [str(user) for user in found["memfd_create"].used_by] == ["main (main.c:2, main.o)"]
    subprocess.run(["strip", program], check=True)
    found = missing(program, callers=False, link_map=link_map)
    assert [str(user) for user in found["getrandom"].used_by] == ["libnet.a(net.o)"]
    assert [user.object for user in found["memfd_create"].used_by] == ["main.o"]


@pytest.mark.parametrize("linker", ["bfd", "gold", "lld"])
def test_the_link_maps_table_of_symbols_needs_no_code(linker: str, tmp_path: Path) -> None:
    _, link_map = linked_with_map(tmp_path, linker, ["-Wl,--cref"])
    found = read_link_map(str(link_map))
    assert found.users("getrandom") == ("libnet.a(net.o)",)
    assert found.users("memfd_create") == ("main.o",)
    assert found.users("no_such_name") == ()


def test_a_map_without_its_file_and_a_file_that_is_no_map_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program, link_map = linked_with_map(tmp_path, "bfd", [])
    two = ["verify", "--glibc", "2.17", str(program), "/bin/true"]
    assert main([*two, "--link-map", str(link_map)]) == 2
    assert "several files are given" in capsys.readouterr().err
    assert main([*two, "--link-map", f"{program}={link_map}"]) == 1
    assert "libnet.a(net.o)" in capsys.readouterr().out
    # A map may belong to a file in a folder; not to a folder, nor to a file that is not verified.
    assert main(["verify", "--glibc", "2.17", str(tmp_path), "--link-map", f"{program}={link_map}"]) == 1
    assert "libnet.a(net.o)" in capsys.readouterr().out
    for words in ([str(tmp_path), "--link-map", str(link_map)], [str(program), "--link-map", f"x={link_map}"]):
        assert main(["verify", "--glibc", "2.17", *words]) == 2
        out, err = capsys.readouterr()
        assert "has a link map, and is not among the programs and libraries to verify" in err and not out
    assert main([*two[:-1], "--link-map", str(tmp_path / "main.c")]) == 2
    assert "not a linker's map; have one written by adding -Wl,-Map=FILE,--cref" in capsys.readouterr().err
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_link_map(str(tmp_path / "none"))


@pytest.mark.parametrize("triplet", ["", *(triplet for triplet in EMULATORS if OLDEST[triplet] == "2.17")])
def test_functions_of_archive_members_are_named(triplet: str, tmp_path: Path) -> None:
    cc = need_tool(f"{triplet}-gcc" if triplet else "gcc")
    (tmp_path / "net.c").write_text(f"static volatile int never;\n{SOURCE}")
    subprocess.run([cc, *LENIENT_C, "-O1", "-ffunction-sections", "-c", "net.c"], cwd=tmp_path, check=True)
    subprocess.run(["ar", "rc", "libnet.a", "net.o"], cwd=tmp_path, check=True)
    found = missing(tmp_path / "libnet.a")
    assert functions(found["getrandom"]) == ["fill", "fill_more"]
    assert functions(found["memfd_create"]) == ["grow"]
    assert functions(found["getentropy"]) == ["table"]
    assert all(not symbol.used_by for symbol in missing(tmp_path / "libnet.a", callers=False).values())


def test_an_object_with_broken_relocations_is_verified_without_callers(tmp_path: Path) -> None:
    (tmp_path / "net.c").write_text(f"static volatile int never;\n{SOURCE}")
    subprocess.run(["gcc", *LENIENT_C, "-O1", "-c", "net.c"], cwd=tmp_path, check=True)
    data = bytearray((tmp_path / "net.o").read_bytes())
    start, count = int.from_bytes(data[40:48], "little"), int.from_bytes(data[60:62], "little")
    for header in range(start, start + 64 * count, 64):
        if data[header + 4] == 4:  # SHT_RELA: its table lies beyond the end of the file
            data[header + 24 : header + 32] = len(data).to_bytes(8, "little")
    (tmp_path / "net.o").write_bytes(data)
    found = missing(tmp_path / "net.o")
    assert {"getrandom", "memfd_create"} <= found.keys() and not any(symbol.used_by for symbol in found.values())


def test_reports_name_callers(tmp_path: Path) -> None:
    report = verify([compile_program(tmp_path, "program", SOURCE)], "2.17", callers=True)
    assert "since 2.25 in libc.so.6; used by fill, fill_more" in text_report.render(report)
    symbols = [s for f in json.loads(json_report.render(report))["files"][0]["findings"] for s in f["symbols"]]
    users = [[user["function"] for user in symbol["used_by"]] for symbol in symbols if "used_by" in symbol]
    assert ["fill", "fill_more"] in users
