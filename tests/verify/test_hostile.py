"""Files made to break the reader: a finding or one clear line each, in bounded time and memory; the run goes on."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from symver_pin.elf.constants import (
    DT_GNU_HASH,
    DT_HASH,
    DT_INIT_ARRAYSZ,
    DT_NEEDED,
    DT_RELASZ,
    DT_STRSZ,
    DT_STRTAB,
    DT_SYMTAB,
    DT_VERNEED,
    DT_VERNEEDNUM,
    DT_VERSYM,
    PT_DYNAMIC,
)
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import Image
from symver_pin.elf.stub import StubSymbol, build_stub
from symver_pin.machine.architectures import find_arch
from symver_pin.verifier import Content, verify

from .fuzz import run
from .programs import compile_library, compile_program

SOURCE = """
extern int puts(const char *), getrandom();
extern char **environ;
int program(void) { puts(environ[0]); return never && getrandom(0, 0, 0); }
"""
FUZZ_SECONDS = 60
HUGE = (2**31, 2**32 - 1, 2**32, 2**63, 2**64 - 1)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small real program."""
    folder = tmp_path_factory.mktemp("program")
    return compile_program(folder, "program", SOURCE, ["-no-pie", "-fno-pie"]).read_bytes()


def set_tag(data: bytes, tag: int, value: int) -> bytes:
    """The same file with another value of a dynamic tag."""
    out = bytearray(data)
    segment = Image(data, "whole").first(PT_DYNAMIC)
    assert segment is not None
    for at in range(segment.offset, segment.offset + segment.file_size, 16):
        if struct.unpack_from("<Q", data, at)[0] == tag:
            struct.pack_into("<Q", out, at + 8, value)
            return bytes(out)
    raise AssertionError(f"no tag {tag:#x}")


def place_of(data: bytes, tag: int) -> int:
    """The file offset of the table that a tag points to."""
    dynamic = Dynamic(Image(data, "whole"))
    return dynamic.image.offset_of(dynamic.tags[tag], "tag")


def error_of(data: bytes) -> str:
    """The one line of error about a file, "" when it can be verified. A sound file beside it is verified."""
    sound = Content("sound.so", build_stub(find_arch("x86_64").format, "sound.so", ["V1"], []))
    found = verify([Content("hostile", data), sound], "2.19")
    assert found.files[1].verdict == "ok"
    assert found.exit_status == (2 if found.errors else int(found.files[0].verdict == "fails"))
    assert all("\n" not in line for line in found.errors)
    return found.errors[0] if found.errors else ""


@pytest.mark.parametrize("value", HUGE, ids=hex)
@pytest.mark.parametrize(
    "tag", [DT_STRTAB, DT_SYMTAB, DT_VERSYM, DT_VERNEED, DT_NEEDED], ids=lambda tag: f"tag{tag:#x}"
)
def test_places_beyond_the_file_are_errors(tag: int, value: int, program: bytes) -> None:
    assert error_of(set_tag(program, tag, value)).startswith("hostile: ")


@pytest.mark.parametrize("value", (0, 1, *HUGE), ids=hex)
def test_the_size_of_the_string_table_does_not_matter(value: int, program: bytes) -> None:
    assert error_of(set_tag(program, DT_STRSZ, value)) == ""


@pytest.mark.parametrize("tag", [DT_SYMTAB, DT_VERSYM], ids=lambda tag: f"tag{tag:#x}")
def test_an_error_about_a_table_has_the_architecture(tag: int, program: bytes) -> None:
    (found,) = verify([Content("hostile", set_tag(program, tag, 2**32))], "2.19").files
    assert (found.verdict, found.arch) == ("error", "x86_64")


@pytest.mark.parametrize("value", HUGE, ids=hex)
@pytest.mark.parametrize("tag", [DT_RELASZ, DT_INIT_ARRAYSZ, DT_VERNEEDNUM], ids=lambda tag: f"tag{tag:#x}")
def test_counts_without_end_are_bounded(tag: int, value: int, program: bytes) -> None:
    data = set_tag(program, tag, value) if tag in Dynamic(Image(program, "whole")).tags else program
    error_of(data)


@pytest.mark.parametrize("kind", ["hash", "gnu hash"])
def test_a_symbol_count_of_four_thousand_million_is_an_error(kind: str, tmp_path: Path) -> None:
    style = "sysv" if kind == "hash" else "gnu"
    source, flags = "int one(void) { return puts(0); }\n", [f"-Wl,--hash-style={style}"]
    library = compile_library(tmp_path, "libown.so", source, flags=flags)
    data = bytearray(library.read_bytes())
    at = place_of(bytes(data), DT_HASH if kind == "hash" else DT_GNU_HASH)
    struct.pack_into("<I", data, at + 4 if kind == "hash" else at, 2**32 - 1)
    assert error_of(bytes(data)).startswith("hostile: ")


def test_a_version_chain_that_runs_in_place_ends(program: bytes) -> None:
    data = bytearray(set_tag(program, DT_VERNEEDNUM, 2**32 - 1))
    at = place_of(bytes(data), DT_VERNEED)
    struct.pack_into("<H", data, at + 2, 0xFFFF)  # vn_cnt
    struct.pack_into("<I", data, at + 12, 1)  # vn_next: the next entry begins one byte on, inside of this one
    struct.pack_into("<I", data, at + 16 + 12, 1)  # vna_next
    error_of(bytes(data))


@pytest.mark.parametrize("number", ["9" * 5000, "\u0663.\u0664", "2." * 3000, "\u00b2", ".", "2.\x1b[31m"])
def test_a_version_node_may_have_any_name(number: str, tmp_path: Path) -> None:
    symbols = [StubSymbol("one", f"GLIBC_{number}", True, "F", 0, "")]
    stub = tmp_path / "libc.so.6"
    stub.write_bytes(build_stub(find_arch("x86_64").format, "libc.so.6", [f"GLIBC_{number}"], symbols))
    user = compile_library(tmp_path, "libuser.so", "int two(void) { return one(); }\n", "", ["-nostdlib", str(stub)])
    found = verify([user], "2.19")
    assert [finding.kind for finding in found.files[0].findings if finding.fails] == ["missing-version"]


def test_tables_that_lie_over_each_other_are_bounded(program: bytes) -> None:
    dynamic = Dynamic(Image(program, "whole"))
    for tag in (DT_SYMTAB, DT_STRTAB, DT_VERSYM, DT_VERNEED):
        for other in (DT_SYMTAB, DT_STRTAB, DT_VERSYM, DT_VERNEED, DT_GNU_HASH):
            error_of(set_tag(program, tag, dynamic.tags[other]))


def test_names_that_share_one_long_string_cost_no_memory(tmp_path: Path) -> None:
    symbols = [StubSymbol(f"f{number}", "", True, "F", 0, "") for number in range(20_000)]
    data = bytearray(build_stub(find_arch("x86_64").format, "libown.so", [], symbols))
    dynamic = Dynamic(Image(bytes(data), "whole"))
    at, size = place_of(bytes(data), DT_STRTAB), dynamic.tags[DT_STRSZ]
    data[at : at + size] = b"\0" + b"A" * (size - 2) + b"\0"
    table = place_of(bytes(data), DT_SYMTAB)
    for number in range(1, 20_001):
        struct.pack_into("<IBBH", data, table + 24 * number, number, 0x10, 0, 0)
    assert "longer than DT_STRTAB" in error_of(bytes(data))


@pytest.mark.parametrize(
    "change",
    [lambda data: set_tag(data, DT_STRSZ, 3 << 30), lambda data: set_tag(data, DT_VERNEEDNUM, 2**32 - 1), bytes],
    ids=["strings", "needs", "sound"],
)
def test_a_file_of_four_gigabytes_costs_little_memory(
    change: Callable[[bytes], bytes], tmp_path: Path, program: bytes
) -> None:
    large = tmp_path / "large"
    large.write_bytes(change(program))
    os.truncate(large, 1 << 32)
    code = (
        f"from symver_pin.verifier import verify\nverify([{str(large)!r}], '2.19')\n"
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 60_000


def test_files_that_cannot_be_read_do_not_end_the_run(tmp_path: Path, program: bytes) -> None:
    loop, away = tmp_path / "loop", tmp_path / "away"
    loop.symlink_to(loop)
    away.symlink_to(tmp_path / "nowhere")
    (tmp_path / "cut").write_bytes(program[:200])
    (tmp_path / "program").write_bytes(program)
    names = ["loop", "away", "cut", "program", "a\0b", "x" * 300]
    found = verify([str(tmp_path / name) for name in names], "2.41")
    assert [file.verdict for file in found.files] == ["error"] * 3 + ["ok"] + ["error"] * 2
    assert found.exit_status == 2


def test_several_processes_report_what_one_reports(tmp_path: Path, program: bytes) -> None:
    for number in range(60):
        (tmp_path / f"p{number}").write_bytes(program if number % 3 else program[: 100 * number])
    paths = [str(tmp_path / f"p{number}") for number in range(60)]
    assert verify(paths, "2.19", jobs=3) == verify(paths, "2.19", jobs=1)


def test_changed_copies_of_real_files_get_a_verdict_or_an_error(tmp_path: Path, program: bytes) -> None:
    source = "extern int puts(const char *); int foo(void) { return puts(0); }\nint bar(void) { return 2; }\n"
    versions = "V1 { global: foo; local: *; }; V2 { global: bar; } V1;"
    corpus = [program]
    for linker in ("bfd", "lld", "mold"):
        corpus.append(compile_library(tmp_path, "libown.so", source, versions, [f"-fuse-ld={linker}"]).read_bytes())
    corpus.append(compile_program(tmp_path, "plain", "int main(void) { return 0; }\n", own_start=False).read_bytes())
    for arch in ("i386", "s390x", "mips64", "arm"):
        exports = [StubSymbol("puts", "V1", True, "F", 0, ""), StubSymbol("environ", "V1", True, "D", 8, "")]
        corpus.append(build_stub(find_arch(arch).format, "libown.so", ["V1"], exports))
    assert run(corpus, FUZZ_SECONDS) > 100
