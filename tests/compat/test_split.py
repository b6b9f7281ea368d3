"""A compiled object is cut into sound members, whatever the architecture: both classes, both byte orders, groups."""

import io
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from conftest import need_tool, succeeded
from cross import EMULATORS
from symver_pin.compat.split import Splitter
from symver_pin.errors import CompatError

SOURCE = """
extern int elsewhere(const char *);
static int state;
static const char *const words[] = {"first", "second"};
__attribute__((noinline)) static int helper(int i) { return elsewhere(words[i & 1]) + ++state; }
__attribute__((visibility("hidden"))) int one(int i) { return helper(i); }
__attribute__((visibility("hidden"))) int two(int i) { return helper(i) * helper(i + 1); }
__attribute__((visibility("hidden"))) int three = 3;
"""
SYMBOLS = ("one", "two", "three")
FLAGS = ("-O2", "-fPIC", "-ffunction-sections", "-fdata-sections", "-fasynchronous-unwind-tables", "-w")

TARGETS = {
    "x86_64": ["clang", "--target=x86_64-linux-gnu"],
    "i386": ["clang", "--target=i686-linux-gnu"],
    "i386, gcc": ["gcc", "-m32"],
    "aarch64": ["clang", "--target=aarch64-linux-gnu"],
    "arm": ["clang", "--target=arm-linux-gnueabihf"],
    "riscv64": ["clang", "--target=riscv64-linux-gnu"],
    "powerpc64le": ["clang", "--target=powerpc64le-linux-gnu"],
    "s390x": ["clang", "--target=s390x-linux-gnu"],
}
LLD_LACKS = {"s390x"}


def _compile(source: str, cc: list[str], folder: Path) -> bytes:
    need_tool(cc[0])
    (folder / "source.c").write_text(source)
    command = [*cc, *FLAGS, "-c", "source.c", "-o", "whole.o"]
    succeeded(subprocess.run(command, cwd=folder, capture_output=True, text=True))
    return (folder / "whole.o").read_bytes()


@pytest.mark.parametrize("target", TARGETS)
def test_members_link_together_as_the_whole_did(target: str, tmp_path: Path) -> None:
    splitter = Splitter(_compile(SOURCE, TARGETS[target], tmp_path), "whole.o")
    for symbol in SYMBOLS:
        data = splitter.member(symbol)
        (tmp_path / f"{symbol}.o").write_bytes(data)
        assert _globals(data) == {symbol}
    command = ["readelf", "-aW", *(f"{symbol}.o" for symbol in SYMBOLS)]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stderr == ""
    if target not in LLD_LACKS:
        need_tool("ld.lld")
        command = ["ld.lld", "-shared", *(f"{symbol}.o" for symbol in SYMBOLS), "-o", "all.so"]
        succeeded(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True))


def _globals(data: bytes) -> set[str]:
    """The global definitions of an object, without what compilers put into groups of their own."""
    table = ELFFile(io.BytesIO(data)).get_section_by_name(".symtab")
    return {
        symbol.name
        for symbol in table.iter_symbols()
        if symbol["st_info"]["bind"] != "STB_LOCAL"
        and symbol["st_shndx"] != "SHN_UNDEF"
        and not symbol.name.startswith("__x86.get_pc_thunk")
    }


@pytest.mark.parametrize("target", TARGETS)
def test_a_member_may_have_another_name(target: str, tmp_path: Path) -> None:
    splitter = Splitter(_compile(SOURCE, TARGETS[target], tmp_path), "whole.o")
    plain, renamed = splitter.member("one"), splitter.member("uno", "one")
    assert _globals(renamed) == {"uno"}
    assert len(plain) - len(renamed) in range(-8, 9)


def test_cut_members_run_and_unwind_as_compiled_ones_do(tmp_path: Path) -> None:
    splitter = Splitter(_compile(SOURCE, TARGETS["x86_64"], tmp_path), "whole.o")
    for symbol in SYMBOLS:
        (tmp_path / f"{symbol}.o").write_bytes(splitter.member(symbol))
    (tmp_path / "main.cc").write_text(
        """
        #include <cstring>
        extern "C" int one(int), two(int), three;
        extern "C" int elsewhere(const char *word) { if (!std::strcmp(word, "second")) throw 7; return 10; }
        int main()
        {
            try { two(0); } catch (int seven) { return one(0) == 11 && three == 3 && seven == 7 ? 0 : 1; }
            return 2;
        }
        """
    )
    need_tool("g++")
    command = ["g++", "main.cc", *(f"{symbol}.o" for symbol in SYMBOLS), "-o", "program"]
    succeeded(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True))
    succeeded(subprocess.run([tmp_path / "program"], capture_output=True, text=True))


ON_MACHINES = {"gcc": "", "clang": "", **{f"{triplet}-gcc": emulator for triplet, emulator in EMULATORS.items()}}


@pytest.mark.parametrize("cc", ON_MACHINES)
def test_a_bundle_runs_as_the_whole_did(cc: str, tmp_path: Path) -> None:
    constants = "int four(int i) { static const int table[] = {4, 40, 400}; return table[i]; }\n"
    constants += "int five(int i) { static const int table[] = {5, 50, 500}; return table[i] + one(i); }\n"
    data = Splitter(_compile(SOURCE + constants, [cc], tmp_path), "whole.o").bundle(
        {**{symbol: [symbol] for symbol in SYMBOLS}, "four": ["four", "vier"], "five": ["funf"]}
    )
    (tmp_path / "bundle.o").write_bytes(data)
    sections = [section.name for section in ELFFile(io.BytesIO(data)).iter_sections()]
    # ARM's unwind tables say in what order its code must lie.
    assert sections.count(".text") == (0 if "arm-" in cc else 1)
    assert ".text.helper" not in sections or "arm-" in cc
    (tmp_path / "main.c").write_text(
        """
        #include <string.h>
        int one(int), two(int), four(int), vier(int), funf(int);
        extern int three;
        int elsewhere(const char *word) { return strcmp(word, "second") ? 10 : 20; }
        int main(int count, char **words)
        {
            (void)words;
            if (one(1) != 21 || two(0) != 12 * 23 || one(2) != 14 || three != 3)
                return 1;
            return four(count) == 40 && vier(count + 1) == 400 && funf(count) == 50 + 25 ? 0 : 2;
        }
        """
    )
    command = [cc, "-static", "-O1", "main.c", "bundle.o", "-o", "program"]
    succeeded(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True))
    emulator = [need_tool(ON_MACHINES[cc])] if ON_MACHINES[cc] else []
    succeeded(subprocess.run([*emulator, str(tmp_path / "program")], capture_output=True, text=True))


def test_a_member_that_calls_its_sibling_leaves_it_to_the_linker(tmp_path: Path) -> None:
    source = """
    __attribute__((visibility("hidden"))) int one(int i) { return i * 2; }
    __attribute__((visibility("hidden"))) int two(int i) { return one(i) + 1; }
    """
    splitter = Splitter(_compile(source, ["gcc", "-fno-inline", "-fno-ipa-icf"], tmp_path), "whole.o")
    data = splitter.member("two")
    assert _globals(data) == {"two"}
    (wanted,) = ELFFile(io.BytesIO(data)).get_section_by_name(".symtab").get_symbol_by_name("one")
    assert wanted["st_shndx"] == "SHN_UNDEF"
    # Hidden, it could not be another library's.
    assert wanted["st_other"]["visibility"] == "STV_DEFAULT"
    (tmp_path / "two.o").write_bytes(data)
    (tmp_path / "main.c").write_text("int two(int); int one(int i) { return i * 3; } int main(void) { return two(2); }")
    succeeded(subprocess.run(["gcc", "main.c", "two.o", "-o", "program"], cwd=tmp_path, capture_output=True, text=True))
    assert subprocess.run([tmp_path / "program"]).returncode == 7


@pytest.mark.parametrize("damage", [b"", b"\x7fELF", b"\x7fELF\x07\x01" + bytes(60)])
def test_a_file_that_is_no_object_is_named(damage: bytes) -> None:
    with pytest.raises(CompatError, match=r"^whole\.o: "):
        Splitter(damage, "whole.o")


def test_a_truncated_object_is_named(tmp_path: Path) -> None:
    data = _compile(SOURCE, ["gcc"], tmp_path)
    with pytest.raises(CompatError, match=r"^whole\.o: "):
        Splitter(data[: len(data) // 2], "whole.o")
