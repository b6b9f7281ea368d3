"""Every stub of a kit exports what the release's library exported, says a reader that is not ours."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from exports import Exports, Seen, read_exports
from pinning import Kits, run, symver_pin_command
from symver_pin.compat.table import needed
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import Release, node_release
from symver_pin.kit.linkable import lost_exports
from symver_pin.machine.architectures import ARCHES

RELEASES = ["2.12", "2.17", "2.19", "2.28", "2.33", "2.34", "2.36", "2.43"]

EVERY_RELEASE = pytest.mark.parametrize("release", RELEASES)


def release_of(text: str) -> Release:
    return Release(*map(int, text.split(".")))


def lost_of(release: str) -> frozenset[tuple[str, str, str]]:
    """(soname, symbol, version) of what a stub leaves out, because a later release does not resolve it."""
    maps = default_maps()
    view = maps.table("x86_64").view(release_of(release))
    return lost_exports(view, maps.reference("x86_64"), ARCHES["x86_64"])


def expected(release: str) -> dict[str, Exports]:
    """What the tables say about each library of a release; what the kit replaces is no default there.

    Exports that a later release does not resolve are left out.
    """
    replaced = {item.symbol for item in needed(release_of(release), ARCHES["x86_64"])}
    found = {}
    view = default_maps().table("x86_64").view(release_of(release))
    lost = lost_of(release)
    for soname, library in view.libraries.items():
        symbols = set()
        groups: defaultdict[tuple[str, str], set[Seen]] = defaultdict(set)
        for export in library.exports:
            if export.default and (soname, export.symbol, export.version) in lost:
                continue
            default = export.default and export.symbol not in replaced
            seen = Seen(export.symbol, export.version, default, export.type, export.size)
            symbols.add(seen)
            if export.type != "F":
                groups[(export.type, export.alias) if export.alias else (export.symbol, export.version)].add(seen)
        found[soname] = Exports(soname, library.nodes, frozenset(symbols), frozenset(map(frozenset, groups.values())))
    return found


def several_names(groups: Iterable[frozenset[Seen]]) -> set[frozenset[Seen]]:
    """The addresses with more than one name; what else is at an address does not matter to a copy relocation."""
    return {group for group in groups if len({seen.symbol for seen in group}) > 1}


def stubs_of(kit: Path) -> list[Path]:
    """Every stub of a library of glibc and of libgcc_s, the slim ones too."""
    return [path for path in sorted(kit.rglob("symver-pin-*/**/*.so.*")) if not path.is_symlink()]


@EVERY_RELEASE
def test_each_library_is_there_and_exports_what_the_tables_say(kits: Kits, release: str) -> None:
    kit = kits("gcc", release, undeclared=True)
    libraries = expected(release)
    assert {path.name for path in stubs_of(kit)} == {*libraries, "libgcc_s.so.1"}
    for soname, exports in libraries.items():
        written = read_exports(kit / "lib" / soname)
        assert written.soname == exports.soname
        assert set(written.nodes) == set(exports.nodes)
        assert written.symbols == exports.symbols
        assert written.objects == exports.objects


@EVERY_RELEASE
def test_a_slim_stub_exports_nothing_that_the_whole_one_does_not(kits: Kits, release: str) -> None:
    kit = kits("gcc", release)
    for path in stubs_of(kit):
        if path.parent.name == "slim":
            slim, whole = read_exports(path), read_exports(kit / "lib" / path.name)
            assert slim.soname == whole.soname
            assert slim.symbols <= whole.symbols
            assert slim.symbols, f"{path} is there for nothing"


@EVERY_RELEASE
def test_binutils_read_every_stub_without_a_warning(kits: Kits, release: str) -> None:
    for tool, flags in (("readelf", ("-W", "-a")), ("objdump", ("-w", "-T", "-p"))):
        for stub in stubs_of(kits("gcc", release)):
            done = run([need_tool(tool), *flags, stub])
            said = succeeded(done)
            assert done.stderr == "", f"{stub}: {done.stderr}"
            assert "Warning:" not in said
            assert "<corrupt" not in said


@EVERY_RELEASE
def test_the_names_without_a_number_lead_to_the_stubs(kits: Kits, release: str) -> None:
    lib = kits("gcc", release) / "lib"
    for soname in expected(release):
        name = f"{soname.partition('.so')[0]}.so"
        if soname.startswith("ld-linux"):
            continue
        plain = lib / name
        assert plain.exists(), name
        assert plain.resolve().name == soname or f'/{soname}"' in plain.read_text()


def test_a_kit_is_the_same_byte_for_byte_when_made_again(tmp_path: Path) -> None:
    contents = []
    folder = tmp_path / "kit"
    for _ in range(2):
        succeeded(symver_pin_command("kit", "--glibc", "2.17", "--cc", "gcc", "-o", folder))
        contents.append(
            {
                path.relative_to(folder): (path.lstat().st_mode, path.read_bytes())
                for path in folder.rglob("*")
                if path.is_file()
            }
        )
        folder.rename(tmp_path / f"kit-{len(contents)}")
    first, second = contents
    assert first.keys() == second.keys()
    assert [path for path in first if first[path] != second[path]] == []


@pytest.mark.parametrize("soname", [
    "libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", "libresolv.so.2",
    "libcrypt.so.1", "libnsl.so.1", "libanl.so.1", "libBrokenLocale.so.1", "libthread_db.so.1", "ld-linux-x86-64.so.2",
])  # fmt: skip
def test_the_stub_of_217_is_as_the_real_217(kits: Kits, root217: Path, soname: str) -> None:
    kit = kits("gcc", "2.17", undeclared=True)
    real, stub = read_exports(root217 / "lib" / soname), read_exports(kit / "lib" / soname)
    replaced = {item.symbol for item in needed(Release(2, 17), ARCHES["x86_64"])}
    lost = lost_of("2.17")

    def as_pinned(seen: Seen) -> Seen:
        return seen._replace(default=seen.default and seen.symbol not in replaced)

    def is_linkable(seen: Seen) -> bool:
        # GLIBC_PRIVATE is between glibc's own libraries; a distribution may add nodes of later releases
        release = node_release(seen.version)
        is_lost = seen.default and (soname, seen.symbol, seen.version) in lost
        return release is not None and release <= Release(2, 17) and not is_lost

    assert stub.symbols == {as_pinned(seen) for seen in real.symbols if is_linkable(seen)}
    groups = {frozenset(as_pinned(seen) for seen in group if is_linkable(seen)) for group in real.objects}
    assert several_names(stub.objects) == several_names(groups)


def test_the_libgcc_stub_is_no_newer_than_the_real_one(kits: Kits, root217: Path) -> None:
    real = read_exports(root217 / "lib" / "libgcc_s.so.1")
    stub = read_exports(kits("gcc", "2.17") / "lib" / "libgcc_s.so.1")
    # a symbol that the tables hold for a compat one is not linked against, which is no harm
    there = {(seen.symbol, seen.version) for seen in real.symbols}
    assert {(seen.symbol, seen.version) for seen in stub.symbols if seen.default} <= there
    exported = {seen.symbol for seen in stub.symbols}
    assert {"_Unwind_Resume", "_Unwind_RaiseException", "__register_frame_info"} <= exported
