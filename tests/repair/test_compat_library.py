"""The compat library: what it exports under which version, by whichever compiler and linker it is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from symver_pin import repair, verify
from symver_pin.compat.shared import PRIVATE_NODE
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import load_image
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import Release
from symver_pin.kit.command import find_command
from symver_pin.machine.architectures import ARCHES
from symver_pin.repairer.compat_library import ensure_compat_library, library_exports, library_rows

from .conftest import Plain
from .test_traps import SIGNAL_STACK

MAPS, X86_64 = default_maps(), ARCHES["x86_64"]
COMPILERS = ("gcc", "clang", "gcc -fuse-ld=gold", "gcc -fuse-ld=lld", "clang -fuse-ld=mold")


def exports(target: Release, headers: Release) -> dict[str, set[str]]:
    """Symbol -> the versions under which a library for a target exports it."""
    found: dict[str, set[str]] = {}
    for export in library_exports(library_rows(target, X86_64), X86_64.name, target, headers, MAPS):
        found.setdefault(export.row.symbol, set()).add(export.node)
    return found


def test_symbols_have_the_versions_that_glibc_gives_them() -> None:
    found = exports(Release(2, 17), Release(2, 36))
    assert found["getrandom"] == {"GLIBC_2.25"}
    assert found["pthread_cond_clockwait"] == {"GLIBC_2.30", "GLIBC_2.34"}
    assert found["__libc_start_main"] == {"GLIBC_2.34"}
    assert found["sysconf"] == found["posix_spawn"] == {PRIVATE_NODE}
    loader = ("__rseq_offset", "__rseq_size", "__rseq_flags")
    assert {node for name in loader for node in found[name]} == {PRIVATE_NODE}, "libc's own references would find these"
    assert "getrandom" not in exports(Release(2, 25), Release(2, 36))
    assert not {"atexit", "crypt_r", "symver_pin_quad"} & found.keys()


def test_a_function_that_changed_has_only_the_versions_that_it_does_right() -> None:
    """totalorder takes pointers since 2.31, and the member is compiled with the headers of the host."""
    assert exports(Release(2, 17), Release(2, 36))["totalorder"] == {"GLIBC_2.31"}
    assert exports(Release(2, 17), Release(2, 28))["totalorder"] == {"GLIBC_2.25"}
    assert exports(Release(2, 17), Release(2, 36))["fromfp"] == {"GLIBC_2.25"}


@pytest.mark.parametrize("compiler", COMPILERS)
def test_every_compiler_and_linker_makes_one_that_works(plain: Plain, compiler: str) -> None:
    library = ensure_compat_library(MAPS.target("2.17"), X86_64, find_command(compiler), MAPS)
    assert verify([library.path], "2.17").exit_status == 0
    dynamic = Dynamic(load_image(library.path))
    visible = [s for s in dynamic.symbols if s.defined and s.default and s.version not in (None, s.name)]
    assert not visible, "look-ups without a version would find these"
    assert {name for name, _node in library.exports} >= exports(Release(2, 17), Release(2, 36)).keys() - {"totalorder"}
    outcome = repair([plain.build(plain.write("sizes.c", SIGNAL_STACK))], "2.17", plain.out, compiler=compiler)
    assert outcome.exit_status == 0
    assert (plain.out / "libsymver_pin_compat.so").read_bytes() == library.data
    assert succeeded(plain.run_old("program")) == "1 1\n"


def test_the_loader_of_an_old_target_chooses_no_function_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """libgcc's arithmetic on PowerPC does so, from 2.23 on with what the loader says of the processor."""
    monkeypatch.setenv("SYMVER_PIN_CACHE", str(tmp_path))
    arch = ARCHES["powerpc64le"]
    chosen_at_start = 248  # R_PPC64_IRELATIVE
    compiler = find_command(need_tool("powerpc64le-linux-gnu-gcc"))
    for target, is_chosen in (("2.17", False), ("2.23", True)):
        library = ensure_compat_library(MAPS.target(target), arch, compiler, MAPS)
        types = Dynamic(load_image(library.path)).relocation_types
        assert (chosen_at_start in types) == is_chosen, target


def test_it_is_made_once_and_again_when_it_is_damaged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SYMVER_PIN_CACHE", str(tmp_path))
    target, command = MAPS.target("2.17"), find_command("gcc")
    library = ensure_compat_library(target, X86_64, command, MAPS)
    first = library.path.stat().st_mtime_ns
    assert ensure_compat_library(target, X86_64, command, MAPS).path.stat().st_mtime_ns == first
    data = library.path.read_bytes()
    library.path.write_bytes(data[:1000])
    assert ensure_compat_library(target, X86_64, command, MAPS).data == data
