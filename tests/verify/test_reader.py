"""The reader and pyelftools agree on the programs and libraries of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerDefSection, GNUVerNeedSection, GNUVerSymSection
from elftools.elf.relocation import RelocationSection
from elftools.elf.sections import SymbolTableSection

from symver_pin.elf.constants import ET_DYN, ET_EXEC, PT_DYNAMIC
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import Image, load_image
from symver_pin.elf.relocations import read_relocations
from symver_pin.elf.stub import StubSymbol, build_stub
from symver_pin.errors import ElfError
from symver_pin.machine.architectures import ARCHES, arch_of, find_arch

FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/lib/x86_64-linux-gnu", "/lib64")
#: The default run compares this many files, spread evenly; SYMVER_PIN_TEST_ALL_FILES=1 compares all.
SAMPLE = 200


def real_files() -> list[Path]:
    """Every program and shared library of the machine, or a sample."""
    found = sorted({path for folder in FOLDERS for path in _elf_files(Path(folder))})
    if os.environ.get("SYMVER_PIN_TEST_ALL_FILES") == "1":
        return found
    return found[:: max(1, len(found) // SAMPLE)]


def _elf_files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            try:
                image = load_image(path)
            except ElfError:
                continue
            segment = image.first(PT_DYNAMIC)
            if image.type in (ET_EXEC, ET_DYN) and segment is not None and segment.file_size:
                yield path


def by_reader(dynamic: Dynamic) -> dict[str, object]:
    """What is compared, read from the dynamic section alone."""
    return {
        "needed": list(dynamic.needed),
        "soname": dynamic.soname,
        "needs": sorted((need.library, need.version, need.weak) for need in dynamic.needs),
        "definitions": [(node.version, node.base) for node in dynamic.definitions],
        "symbols": [
            (s.name, s.version, s.defined, s.default, s.weak, s.type, s.size, s.value) for s in dynamic.symbols
        ],
        "imports": [(s.name, s.version, s.library) for s in dynamic.imports_with()],
        "relocations": sorted((r.address, r.symbol, r.type, r.addend) for r in read_relocations(dynamic)),
    }


def by_pyelftools(path: Path) -> dict[str, object]:
    """The same, read from the sections."""
    with path.open("rb") as stream:
        elf = ELFFile(stream)
        static = "SHT_SYMTAB"
        sections: dict[Any, Any] = {type(s): s for s in elf.iter_sections() if s["sh_type"] != static}
        dynamic = sections[DynamicSection]
        tags = list(dynamic.iter_tags())
        versions, libraries, needs, definitions = _versions(sections)
        symbols, imports = [], []
        versym, table = sections.get(GNUVerSymSection), sections[SymbolTableSection]
        for index, symbol in enumerate(table.iter_symbols()):
            bind, kind = symbol["st_info"]["bind"], symbol.entry["st_info"]["type"]
            if index == 0 or bind == "STB_LOCAL":
                continue
            raw: Any = versym.get_symbol(index)["ndx"] if versym is not None else 1
            raw = {"VER_NDX_LOCAL": 0, "VER_NDX_GLOBAL": 1}.get(raw, raw)
            version, library = versions.get(raw & 0x7FFF), libraries.get(raw & 0x7FFF)
            defined = symbol["st_shndx"] != "SHN_UNDEF"
            code = {"STT_GNU_UNIQUE": 0, "STT_LOOS": 10}.get(kind, _TYPES.get(kind, kind))
            symbols.append(
                (
                    symbol.name,
                    version,
                    defined,
                    not raw & 0x8000,
                    bind == "STB_WEAK",
                    code,
                    symbol["st_size"],
                    symbol["st_value"],
                )
            )
            if not defined or library is not None:
                imports.append((symbol.name, version, library))
        loaded = [s for s in elf.iter_sections() if isinstance(s, RelocationSection) and s["sh_flags"] & 2]
        return {
            "needed": [tag.needed for tag in tags if tag.entry.d_tag == "DT_NEEDED"],
            "soname": next((tag.soname for tag in tags if tag.entry.d_tag == "DT_SONAME"), None),
            "needs": sorted(needs),
            "definitions": definitions,
            "symbols": symbols,
            "imports": imports,
            "relocations": sorted(
                (r["r_offset"], r["r_info_sym"], r["r_info_type"], r.entry.get("r_addend", 0))
                for section in loaded
                for r in section.iter_relocations()
            ),
        }


_TYPE_NAMES = ("NOTYPE", "OBJECT", "FUNC", "SECTION", "FILE", "COMMON", "TLS")
_TYPES = {f"STT_{name}": code for code, name in enumerate(_TYPE_NAMES)}


def _versions(
    sections: dict[Any, Any],
) -> tuple[dict[int, str], dict[int, str], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    versions: dict[int, str] = {}
    libraries: dict[int, str] = {}
    needs: list[tuple[Any, ...]] = []
    definitions: list[tuple[Any, ...]] = []
    if GNUVerNeedSection in sections:
        for need, auxiliary in sections[GNUVerNeedSection].iter_versions():
            for entry in auxiliary:
                versions[entry["vna_other"] & 0x7FFF] = entry.name
                libraries[entry["vna_other"] & 0x7FFF] = need.name
                needs.append((need.name, entry.name, bool(entry["vna_flags"] & 2)))
    if GNUVerDefSection in sections:
        for definition, auxiliary in sections[GNUVerDefSection].iter_versions():
            name, base = next(iter(auxiliary)).name, bool(definition["vd_flags"] & 1)
            definitions.append((name, base))
            if definition["vd_ndx"] & 0x7FFF > 1:
                versions[definition["vd_ndx"] & 0x7FFF] = name
    return versions, libraries, needs, definitions


def test_the_reader_equals_pyelftools() -> None:
    files = real_files()
    assert len(files) >= 100, f"too few ELF files under {FOLDERS} to compare"
    different = []
    for path in files:
        ours, theirs = by_reader(Dynamic(load_image(path))), by_pyelftools(path)
        different += [f"{path}: {key}" for key in ours if ours[key] != theirs[key]]
    assert different == []


def test_sections_are_not_needed(tmp_path: Path) -> None:
    for path in real_files()[::10]:
        data = bytearray(path.read_bytes())
        whole = by_reader(Dynamic(Image(bytes(data), str(path))))
        data[40:48] = bytes(8)  # e_shoff
        data[60:62] = bytes(2)  # e_shnum
        bare = by_reader(Dynamic(Image(bytes(data), str(path))))
        # Without sections, and with an empty hash table, symbols that no relocation names are not counted.
        assert set(bare["imports"]) <= set(whole["imports"])  # type: ignore[call-overload]
        if Dynamic(Image(bytes(data), str(path))).symbol_count == len(whole["symbols"]) + 1:  # type: ignore[arg-type]
            assert bare == whole


@pytest.mark.parametrize("path", ["/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/libc.so.6"])
def test_the_c_library_itself(path: str) -> None:
    assert by_reader(Dynamic(load_image(Path(path)))) == by_pyelftools(Path(path))


@pytest.mark.parametrize("name", ARCHES)
def test_every_architecture_is_read(name: str, tmp_path: Path) -> None:
    exports = [
        StubSymbol("puts", "V1", True, "F", 0, ""),
        StubSymbol("environ", "V1", True, "D", 8, ""),
        StubSymbol("memcpy", "V1", False, "F", 0, ""),
        StubSymbol("memcpy", "V2", True, "F", 0, ""),
    ]
    path = tmp_path / "libown.so"
    path.write_bytes(build_stub(find_arch(name).format, "libown.so", ["V1", "V2"], exports))
    dynamic = Dynamic(load_image(path))
    assert by_reader(dynamic)["symbols"] == by_pyelftools(path)["symbols"]
    assert set(dynamic.exported_names[0]) == {b"puts", b"environ", b"memcpy"}
    assert arch_of(dynamic.image) == find_arch(name)
