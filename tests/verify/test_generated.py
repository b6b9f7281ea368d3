"""The reader on thousands of generated files: written by the stub writer, and real ones with changed symbols.

Its results are compared with what pyelftools reads from the sections, and its two forms of results (lists of names, and
one record for each symbol) with each other.
"""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symver_pin.elf.constants import DT_SYMTAB, DT_VERSYM, SHN_ABS, STB_LOCAL, STB_WEAK, STT_TLS, VERSYM_HIDDEN
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.hash_table import HashTable, gnu_hash, has_hash_table
from symver_pin.elf.image import Image, load_image
from symver_pin.elf.stub import StubSymbol, build_stub
from symver_pin.machine.architectures import ARCHES, arch_of, find_arch

from .programs import compile_library, compile_program
from .test_reader import by_pyelftools, by_reader, real_files

NAMES = st.text("abcdefgXYZ_0189$.", min_size=1, max_size=24)
SYMBOLS = st.lists(
    st.tuples(NAMES, st.integers(0, 3), st.booleans(), st.sampled_from("FDT"), st.integers(0, 64)),
    max_size=60, unique_by=lambda row: (row[0], row[1]),
)  # fmt: skip


@pytest.mark.parametrize("arch", ARCHES)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=SYMBOLS)
def test_written_libraries_are_read_alike(
    arch: str, rows: list[tuple[str, int, bool, str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    nodes = ["V1", "V2", "NODE_3.4"]
    symbols = [
        StubSymbol(name, ["", *nodes][node], default, kind, size if kind != "F" else 0, "")
        for name, node, default, kind, size in rows
    ]
    path = tmp_path_factory.getbasetemp() / f"stub-{os.getpid()}.so"
    path.write_bytes(build_stub(find_arch(arch).format, "libown.so", nodes, symbols))
    dynamic = Dynamic(load_image(path))
    ours, theirs = by_reader(dynamic), by_pyelftools(path)
    assert [key for key in ours if ours[key] != theirs[key]] == []
    assert in_bulk(dynamic) == one_by_one(dynamic)


def in_bulk(dynamic: Dynamic) -> tuple[object, object]:
    """The imported names, by version index, and the exported names with their raw indexes."""
    first, several = dynamic.exported_names
    exported = {name: sorted(several.get(name, [index])) for name, index in first.items()}
    imported: dict[int, list[bytes]] = {}
    for name, index in zip(*dynamic.imported_names, strict=True):
        imported.setdefault(index, []).append(name)
    return {index: sorted(names) for index, names in imported.items()}, exported


def one_by_one(dynamic: Dynamic) -> tuple[object, object]:
    """The same, made of the records."""
    imported: dict[int, list[bytes]] = {}
    versions = dynamic.versions
    for found in dynamic.imports_with():
        index = versions[found.number] & ~VERSYM_HIDDEN
        if index > 1 or not found.weak:
            imported.setdefault(index, []).append(found.name.encode("utf-8", "surrogateescape"))
    exported: dict[bytes, list[int]] = {}
    bits, raw = dynamic.image.bits, dynamic.raw
    for number, name in enumerate(dynamic.names(range(len(raw) // (24 if bits == 64 else 16)))):
        at = number * (24 if bits == 64 else 16)
        info, other = (raw[at + 4], raw[at + 5]) if bits == 64 else (raw[at + 12], raw[at + 13])
        place = at + (6 if bits == 64 else 14)
        order = "little" if dynamic.image.order == "<" else "big"
        section = int.from_bytes(raw[place : place + 2], order)  # type: ignore[arg-type]
        value = raw[at + 8 : at + 16] if bits == 64 else raw[at + 4 : at + 8]
        has_address = any(value) or section == SHN_ABS or info & 15 == STT_TLS
        is_findable = info >> 4 in (1, 2, 10) and info & 15 in (0, 1, 2, 5, 6, 10) and other & 3 not in (1, 2)
        if section and has_address and is_findable and number >= dynamic.first_hashed:
            exported.setdefault(name, []).append(versions[number])
    return {k: sorted(v) for k, v in imported.items()}, {k: sorted(v) for k, v in exported.items()}


SOURCE = """
extern int puts(const char *), getrandom(), printf(const char *, ...), pthread_create();
extern int nowhere(void) __attribute__((weak));
extern char **environ;
__thread int thread_local_one;
int data_one = 1, data_two[40];
int one(void) { return puts("x") + getrandom(0, 0, 0) + (nowhere ? nowhere() : 0); }
int two(void) { return printf("%p", environ) + data_one + data_two[3] + (thread_local_one++); }
int three(void) { return pthread_create(0, 0, 0, 0) + one() + two(); }
"""
PROGRAM = "extern char **environ; int puts(); int program(void) { return puts(environ[0]); }\n"


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Real files of several linkers and both hash styles."""
    folder = tmp_path_factory.mktemp("linked")
    versions = "V1 { global: one; data_one; local: *; }; V2 { global: two; three; data_two; } V1;"
    files = [
        compile_library(
            folder, f"lib{linker}{style}.so", SOURCE, versions, [f"-fuse-ld={linker}", f"-Wl,--hash-style={style}"]
        )
        for linker in ("bfd", "gold", "lld", "mold")
        for style in ("gnu", "both")
    ]
    files.append(compile_program(folder, "fixed", PROGRAM, ["-no-pie", "-fno-pie"]))
    return [path.read_bytes() for path in files]


def reshuffled(data: bytes, seed: int) -> bytes:
    """The same file with other symbols: bindings, types, visibilities, sections, names and versions that it has."""
    chance = random.Random(seed)
    dynamic = Dynamic(Image(data, "whole"))
    image, out = dynamic.image, bytearray(data)
    table = image.offset_of(dynamic.tags[DT_SYMTAB], "DT_SYMTAB")
    versym = image.offset_of(dynamic.tags[DT_VERSYM], "DT_VERSYM")
    indexes = [0, 1, *dynamic.needs_by_index, *dynamic.definitions_by_index]
    names = [data[table + 24 * number : table + 24 * number + 4] for number in range(dynamic.symbol_count)]
    for number in range(1, dynamic.symbol_count):
        at = table + 24 * number
        if chance.random() < 0.3:
            out[at + 4] = chance.choice((STB_LOCAL, 1, 1, STB_WEAK, 10)) << 4 | chance.choice((0, 1, 2, 6, 10))
        if chance.random() < 0.2:
            out[at + 5] = chance.choice((0, 1, 2, 3))
        if chance.random() < 0.3:
            out[at + 6 : at + 8] = chance.choice((0, 5, 256, 0xFFF1)).to_bytes(2, "little")
        if chance.random() < 0.2:
            out[at : at + 4] = chance.choice(names)
        if chance.random() < 0.3:
            raw = chance.choice(indexes) | (VERSYM_HIDDEN if chance.random() < 0.2 else 0)
            out[versym + 2 * number : versym + 2 * number + 2] = raw.to_bytes(2, "little")
    return bytes(out)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_other_symbols_in_real_files_are_read_alike(
    seed: int, linked: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"reshuffled-{os.getpid()}"
    for data in linked:
        path.write_bytes(reshuffled(data, seed))
        dynamic = Dynamic(load_image(path))
        ours, theirs = by_reader(dynamic), by_pyelftools(path)
        assert [key for key in ours if ours[key] != theirs[key]] == []
        assert in_bulk(dynamic) == one_by_one(dynamic)


@given(name=st.binary(max_size=300))
def test_the_hash_of_a_name_is_that_of_the_format(name: bytes) -> None:
    expected = 5381
    for byte in name:
        expected = (expected * 33 + byte) & 0xFFFFFFFF
    assert gnu_hash(name) == expected


def test_names_and_records_agree_on_real_files() -> None:
    for path in real_files():
        dynamic = Dynamic(load_image(path))
        assert in_bulk(dynamic) == one_by_one(dynamic), path
        if has_hash_table(dynamic):
            first, several = dynamic.exported_names
            names = list(first)[:50]
            found = HashTable(dynamic).find([*names, b"no such name"])
            assert {name: sorted(indexes) for name, indexes in found.items()} == {
                name: sorted(several.get(name, [first[name]])) for name in names
            }, path


#: clang's names of targets, both byte orders and both word sizes; s390x is another's, which lld of LLVM 14 cannot link.
TARGETS = {
    "i386": "i686-linux-gnu", "aarch64": "aarch64-linux-gnu", "arm": "armv7-linux-gnueabihf",
    "powerpc64le": "powerpc64le-linux-gnu", "riscv64": "riscv64-linux-gnu", "mips64": "mips64el-linux-gnuabi64",
}  # fmt: skip
#: MIPS orders its symbol table in another way than DT_GNU_HASH requires.
NO_GNU_HASH = ("mips64", "gnu")
FOREIGN = """
extern int puts(const char *), pin_me(int);
extern int weak_one(void) __attribute__((weak));
extern char **environ;
int data_one = 1;
int one(void) { return puts("x") + pin_me(3) + (weak_one ? weak_one() : 0) + (environ != 0); }
int two(void) { return one() + data_one; }
"""


@pytest.mark.parametrize(
    ("name", "style"), [(name, style) for name in TARGETS for style in ("sysv", "gnu") if (name, style) != NO_GNU_HASH]
)
def test_libraries_of_other_processors_are_read_alike(name: str, style: str, tmp_path: Path) -> None:
    exports = [
        StubSymbol("puts", "V1", True, "F", 0, ""),
        StubSymbol("pin_me", "V1", False, "F", 0, ""),
        StubSymbol("pin_me", "V2", True, "F", 0, ""),
        StubSymbol("environ", "V1", True, "D", 8, ""),
    ]
    stub, text, script, output = (tmp_path / part for part in ("libother.so", "own.c", "own.ver", "libown.so"))
    stub.write_bytes(build_stub(find_arch(name).format, "libother.so", ["V1", "V2"], exports))
    text.write_text(FOREIGN)
    script.write_text("OWN_1 { global: one; local: *; }; OWN_2 { global: two; data_one; } OWN_1;")
    command = [
        "clang",
        f"--target={TARGETS[name]}",
        "-fuse-ld=lld",
        "-shared",
        "-fPIC",
        "-nostdlib",
        "-O1",
        f"-Wl,--hash-style={style}",
        f"-Wl,--version-script={script}",
        "-o",
        *map(str, (output, text, stub)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    dynamic = Dynamic(load_image(output))
    assert arch_of(dynamic.image) == find_arch(name)
    assert {(found.name, found.version) for found in dynamic.imports_with() if not found.weak} == {
        ("puts", "V1"),
        ("pin_me", "V2"),
        ("environ", "V1"),
    }
    ours, theirs = by_reader(dynamic), by_pyelftools(output)
    assert [key for key in ours if ours[key] != theirs[key]] == []
    assert in_bulk(dynamic) == one_by_one(dynamic)
