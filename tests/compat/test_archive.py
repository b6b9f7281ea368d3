"""The archive as linkers see it: one hidden symbol a member, no clash with the user's own, the same bytes each time."""

import subprocess
import sys
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from conftest import need_tool, succeeded
from cross import EMULATORS
from symver_pin.compat.archive import BUNDLE, FILE_FLAGS, FLAGS, SOURCES, archive_bytes, compile_families, units_of
from symver_pin.compat.table import KINDS_IN_EVERY_KIT, CompatSymbol, load, needed
from symver_pin.errors import CompatError, OutputError
from symver_pin.glibc.release import Release
from symver_pin.machine.architectures import ARCHES, arch_of_triplet

from .conftest import OLD_VERSIONS, X86_64, Archive, LinkOn, build_archive, defines

COMPILERS = ("gcc", "clang")
LINKERS = ("bfd", "gold", "lld", "mold")
NO_MEMBERS = {"static_unwinder.c": "x86_64", "libgcc_float128.c": "powerpc64le", "libatomic_aarch64.c": "aarch64"}
"""Files that are objects of a kit, and no members of the archive -> an architecture for which they are compiled."""
KIT_PROGRAMS = Path(__file__).parents[1] / "kit" / "programs"


def _run(*command: object) -> str:
    return succeeded(subprocess.run([str(part) for part in command], capture_output=True, text=True))


@pytest.mark.parametrize("cc", COMPILERS)
def test_each_member_defines_its_one_symbol_hidden(cc: str, archive: Archive, tmp_path: Path) -> None:
    need_tool("ar")
    listed = _run("ar", "t", archive(cc)).split()
    assert sorted(listed) == sorted(f"{row.symbol}.o" for row in needed(Release(2, 12), X86_64))
    subprocess.run(["ar", "x", str(archive(cc))], cwd=tmp_path, check=True)
    for name in listed:
        with (tmp_path / name).open("rb") as stream:
            table = ELFFile(stream).get_section_by_name(".symtab")
            assert isinstance(table, SymbolTableSection)
            defined = [
                (symbol.name, symbol["st_other"]["visibility"])
                for symbol in table.iter_symbols()
                if symbol["st_info"]["bind"] != "STB_LOCAL" and symbol["st_shndx"] != "SHN_UNDEF"
            ]
        assert defined == [(name.removesuffix(".o"), "STV_HIDDEN")]


CANCELLATION_POINTS = {
    line
    for line in Path(__file__).with_name("cancellation_points.txt").read_text().splitlines()
    if not line.startswith("#")
}

_READS_A_STREAM = {
    *("getc", "ungetc", "__isoc99_fscanf", "__isoc99_vfscanf"),
    *("getwc", "ungetwc", "__isoc99_fwscanf", "__isoc99_vfwscanf"),
}

CANCELLABLE = {
    **{name: {name} for name in ("openat", "openat64", "open", "open64")},
    "copy_file_range": {"fcntl", "pread64", "pwrite64"},
    **{name: {"preadv64", "readv"} for name in ("preadv2", "preadv64v2")},
    **{name: {"pwritev64", "writev"} for name in ("pwritev2", "pwritev64v2")},
    "fcntl64": {"fcntl"},
    "__poll_chk": {"poll"},
    "__ppoll_chk": {"ppoll"},
    "thrd_sleep": {"nanosleep"},
    "thrd_join": {"pthread_join"},
    "cnd_wait": {"pthread_cond_wait"},
    "cnd_timedwait": {"pthread_cond_timedwait"},
    "pthread_cond_clockwait": {"pthread_cond_timedwait"},
    "pthread_clockjoin_np": {"pthread_join", "pthread_timedjoin_np"},
    "sem_clockwait": {"sem_timedwait"},
    **{f"fts64_{name}": {f"fts_{name}"} for name in ("open", "read", "children", "close")},
    **{
        f"res_{name}": {f"__res_{name}"}
        for kind in ("", "n")
        for name in (f"{kind}query", f"{kind}search", f"{kind}querydomain", f"{kind}send")
    },
}
"""Members that are cancellation points in libc too -> the cancellation points that they call.

The scanf family is one as well; of it, the functions for texts contain the code for streams but do not run it."""


@pytest.mark.parametrize("cc", COMPILERS)
def test_a_member_calls_a_cancellation_point_only_if_libcs_function_is_one(cc: str, archive: Archive) -> None:
    called: dict[str, set[str]] = {}
    for line in _run("nm", "-A", "-u", archive(cc)).splitlines():
        member, name = line.split(":")[1].removesuffix(".o"), line.split()[-1].split("@")[0]
        called.setdefault(member, set()).add(name)
    for member, names in called.items():
        allowed = _READS_A_STREAM if member.endswith("scanf") else CANCELLABLE.get(member, set())
        assert names & CANCELLATION_POINTS - allowed == set(), member
    assert called["getentropy"] and called["sysconf"]


@pytest.mark.parametrize("cc", COMPILERS)
def test_no_member_runs_code_at_start_or_asks_for_an_executable_stack(cc: str) -> None:
    families = compile_families([cc], X86_64, Release(2, 12), OLD_VERSIONS)
    for symbols, data in (*families.members, *families.bundles):
        assert b".init_array" not in data.replace(b"__init_array", b""), symbols
        assert b".ctors" not in data, symbols
        assert b".note.GNU-stack" in data, symbols


@pytest.mark.parametrize(
    ("command", "mark"),
    [
        (("gcc", "-fcf-protection=full"), "IBT, SHSTK"),
        (("clang", "-fcf-protection=full"), "IBT, SHSTK"),
        (("aarch64-linux-gnu-gcc",), "BTI"),
        (("aarch64-linux-gnu-gcc", "-mbranch-protection=standard"), "BTI"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_members_and_bundles_have_the_marks_that_the_compiler_gives(
    command: tuple[str, ...], mark: str, tmp_path: Path
) -> None:
    need_tool(command[0])
    arch = ARCHES["aarch64"] if "aarch64" in command[0] else X86_64
    old = {row.symbol: "GLIBC_2.17" for row in load() if row.needs_old_version}
    names = {"getrandom", "_dl_find_object", "close_range", "closefrom"}
    families = compile_families(command, arch, Release(2, 17), old, names=names)
    for number, (symbols, data) in enumerate((*families.members, *families.bundles)):
        (tmp_path / f"{number}.o").write_bytes(data)
        said = _run("readelf", "-nAW", tmp_path / f"{number}.o")
        # binutils since 2.46 writes aarch64's marks as build attributes, not as a note
        as_attributes = all(f"Tag_Feature_{word}:\t1" in said for word in mark.split(", "))
        assert mark in said or as_attributes, symbols


@pytest.mark.parametrize("linker", LINKERS)
@pytest.mark.parametrize("cc", COMPILERS)
def test_every_linker_takes_all_members_into_a_shared_library(
    cc: str, linker: str, link_on: LinkOn, tmp_path: Path
) -> None:
    # mold cannot bind an old version to a symbol that is a library's default; a kit's stub makes it a non-default one.
    plain = {row.symbol for row in load() if not row.needs_old_version}
    whole = tmp_path / "whole.a"
    families = compile_families([cc], X86_64, Release(2, 12), OLD_VERSIONS)
    objects = families.bundles if linker == "mold" else families.members
    whole.write_bytes(archive_bytes(m for m in objects if linker != "mold" or plain.issuperset(m.symbols)))
    empty = tmp_path / "empty.c"
    empty.write_text("")
    library = link_on(
        "2.17",
        empty,
        whole,
        "-Wl,--whole-archive",
        str(whole),
        "-Wl,--no-whole-archive",
        "-Wl,-z,defs",
        linker=linker,
        mode="shared",
        name="whole.so",
    )
    shown = {line.split()[-1] for line in _run("nm", "-D", "--defined-only", library).splitlines()}
    assert not shown & {row.symbol for row in load()}


def test_a_program_keeps_its_own_function_of_that_name(archive: Archive, link_on: LinkOn) -> None:
    program = link_on("2.17", KIT_PROGRAMS / "own_strlcpy.c", archive())
    succeeded(subprocess.run([program], capture_output=True, text=True))
    assert _run("nm", program).count(" strlcpy\n") == 1


def test_a_library_exports_its_own_function_of_that_name(archive: Archive, link_on: LinkOn, tmp_path: Path) -> None:
    # A hidden reference would make the library's own, exported getrandom hidden as well.
    source = tmp_path / "library.c"
    source.write_text(
        """
        #include <stddef.h>
        long getrandom(void *to, size_t size, unsigned flags) { (void)to, (void)flags; return (long)size; }
        int getentropy(void *to, size_t size);
        int use(void *to) { return getentropy(to, 1); }
        """
    )
    library = link_on("2.17", source, archive(), mode="shared", name="library.so")
    assert "getrandom" in _run("nm", "-D", "--defined-only", library)


def test_a_member_brings_nothing_but_what_it_needs(archive: Archive, link_on: LinkOn, tmp_path: Path) -> None:
    source = tmp_path / "small.c"
    source.write_text(
        """
        #include <stddef.h>
        size_t strlcpy(char *, const char *, size_t);
        int main(int count, char **arguments) { char text[8]; return strlcpy(text, arguments[count - 1], 8) == 0; }
        """
    )
    program = link_on("2.17", source, archive())
    assert [line.split()[-1] for line in _run("readelf", "-dW", program).splitlines() if "(NEEDED)" in line] == [
        "[libc.so.6]"
    ]
    defined = {line.split()[-1] for line in _run("nm", "--defined-only", program).splitlines()}
    assert defined & {row.symbol for row in load()} == {"strlcpy", "__libc_start_main"}


@pytest.mark.parametrize("cc", COMPILERS)
def test_the_same_inputs_give_the_same_bytes(cc: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first.a", tmp_path / "second.a"
    build_archive([cc], X86_64, 17, OLD_VERSIONS, first)
    build_archive([cc], X86_64, 17, OLD_VERSIONS, second, jobs=1)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("target", [12, 19, 28, 33, 41, 42])
def test_an_archive_has_what_its_target_lacks(target: int, archive: Archive) -> None:
    listed = _run("ar", "t", archive("gcc", target)).split()
    assert sorted(listed) == sorted(f"{row.symbol}.o" for row in needed(Release(2, target), X86_64))


def test_bundles_hold_what_members_hold_weakly_and_what_every_program_takes_alone(tmp_path: Path) -> None:
    need_tool("nm")
    bundles = compile_families(["gcc"], X86_64, Release(2, 12), OLD_VERSIONS).bundles
    wanted = needed(Release(2, 12), X86_64)
    assert sorted(symbol for bundle in bundles for symbol in bundle.symbols) == sorted(row.symbol for row in wanted)
    assert len(bundles) < len(wanted) / 4
    standing = {row.symbol for row in load() if row.kind in KINDS_IN_EVERY_KIT}
    functions = {row.symbol: (row.file, row.function) for row in wanted}
    for number, bundle in enumerate(bundles):
        assert len({functions[symbol] for symbol in bundle.symbols}) <= BUNDLE
        assert len(bundle.symbols) == 1 or not standing.intersection(bundle.symbols)
        (tmp_path / f"{number}.o").write_bytes(bundle.data)
        shown = {line.split()[-1]: line.split()[-2] for line in _run("nm", tmp_path / f"{number}.o").splitlines()}
        for symbol in bundle.symbols:
            assert shown[symbol] in ("WV" if len(bundle.symbols) > 1 else "TDBRVW"), (symbol, shown[symbol])


def test_a_target_before_234_has_a_start_and_one_from_then_on_has_none() -> None:
    assert "__libc_start_main" in {row.symbol for row in needed(Release(2, 33), X86_64)}
    assert "__libc_start_main" not in {row.symbol for row in needed(Release(2, 34), X86_64)}


def _compilers() -> list[tuple[str, str, str]]:
    """(source, architecture, compiler): both compilers for x86_64, a cross compiler for what only others have."""
    archs: dict[str, set[str]] = {}
    for row in load():
        archs.setdefault(row.file, set()).update(name for name, arch in ARCHES.items() if row.exists_on(arch))
    archs |= {file: {arch} for file, arch in NO_MEMBERS.items()}
    found = []
    for source in sorted(path.name for path in SOURCES.glob("*.c")):
        if "x86_64" in archs[source]:
            found += [(source, "x86_64", cc) for cc in COMPILERS]
        else:
            name = min(archs[source] - {"loongarch64"})
            found.append((source, name, f"{ARCHES[name].compiler_prefix}-gcc"))
    return found


@pytest.mark.parametrize(("source", "arch", "cc"), _compilers())
def test_sources_compile_without_a_warning(source: str, arch: str, cc: str, tmp_path: Path) -> None:
    flags = [flag for flag in FLAGS if flag != "-w"]
    options = [*flags, *defines(ARCHES[arch]), "-Wall", "-Wextra", "-Wno-format", "-Werror"]
    command = [need_tool(cc), *options, "-c", str(SOURCES / source), "-o", str(tmp_path / "x.o")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.returncode == 0


#: (PowerPC has no unit of several files.)
@pytest.mark.parametrize("cc", [*COMPILERS, *(f"{name}-gcc" for name in EMULATORS if "powerpc" not in name)])
def test_all_that_may_share_a_unit_compiles_as_one(cc: str, tmp_path: Path) -> None:
    """No static name has two meanings, whatever families a target needs. A macro may: each file defines its own."""
    triplet = cc.removesuffix("-gcc")
    arch = next((each for each in ARCHES.values() if each.compiler_prefix == triplet), X86_64)
    families: dict[str, list[CompatSymbol]] = {}
    for row in load():
        if row.exists_on(arch):
            families.setdefault(row.file, []).append(row)
    need_tool(cc)
    files = sorted(file for unit in units_of(families, arch) if len(unit) > 1 for file in unit)
    assert len(files) > 40
    flags = [flag for flag in FLAGS if flag != "-w"]
    command = [cc, *flags, *defines(arch), "-Wall", "-Wextra", "-x", "c", "-c", "-", "-o", str(tmp_path / "x.o")]
    text = "".join(f'#include "{SOURCES / file}"\n' for file in files)
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    succeeded(done)
    assert [line for line in done.stderr.splitlines() if "warning:" in line and "redefined" not in line] == []


@pytest.mark.parametrize("triplet", EMULATORS)
def test_sources_compile_for_every_architecture(triplet: str, tmp_path: Path) -> None:
    arch = arch_of_triplet(triplet)
    assert arch is not None
    files = sorted({row.file for row in load() if row.exists_on(arch)} | {"static_unwinder.c"})
    command = [need_tool(f"{triplet}-gcc"), *FLAGS, *defines(arch), "-c", *(str(SOURCES / file) for file in files)]
    succeeded(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True))


def test_every_global_function_of_the_sources_stands_in_the_table() -> None:
    here = [row for row in load() if row.exists_on(X86_64)]
    listed = {(row.file, row.function) for row in here}
    written = set()
    for file in sorted({row.file for row in here}):
        assembler = _run("gcc", *FLAGS, *defines(), "-S", SOURCES / file, "-o", "-")
        lines = assembler.splitlines()
        labels = {line[:-1] for line in lines if line.endswith(":")}  # what libgcc is called for is global here too
        globls = {line.split()[1] for line in lines if line.split()[:1] == [".globl"]}
        written |= {(file, symbol) for symbol in globls & labels}
    assert written == listed
    assert {path.name for path in SOURCES.glob("*.c")} - NO_MEMBERS.keys() == {row.file for row in load()}


def test_a_missing_compiler_is_named(tmp_path: Path) -> None:
    with pytest.raises(CompatError, match="cannot run the compiler 'no-such-cc': No such file"):
        build_archive(["no-such-cc"], X86_64, 19, OLD_VERSIONS, tmp_path / "x.a")
    assert list(tmp_path.iterdir()) == []


def test_a_compiler_that_fails_is_named_with_its_first_error(tmp_path: Path) -> None:
    with pytest.raises(CompatError, match=r"^gcc --no-such cannot compile the compat objects: gcc: error: .*--no-such"):
        build_archive(["gcc", "--no-such"], X86_64, 19, OLD_VERSIONS, tmp_path / "x.a")
    assert list(tmp_path.iterdir()) == []


def test_a_compiler_that_writes_no_object_is_an_error(tmp_path: Path) -> None:
    script = tmp_path / "cc"
    script.write_text(f'#!{sys.executable}\nimport sys\nopen(sys.argv[-1], "wb").write(b"BC bytecode")\n')
    script.chmod(0o755)
    with pytest.raises(CompatError, match="the compiler wrote no ELF object"):
        build_archive([str(script)], X86_64, 19, OLD_VERSIONS, tmp_path / "x.a")


def test_a_missing_old_version_is_named(tmp_path: Path) -> None:
    with pytest.raises(CompatError, match=r"__libc_start_main .* no version of it is known for glibc 2\.19"):
        build_archive(["gcc"], X86_64, 19, {}, tmp_path / "x.a")


def test_an_unwritable_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        build_archive(["gcc"], X86_64, 19, OLD_VERSIONS, tmp_path / "absent" / "x.a")


def test_progress_is_counted_from_none_to_all() -> None:
    calls: list[tuple[int, int]] = []
    names = {"getrandom", "secure_getenv"}
    compile_families(
        ["gcc"],
        X86_64,
        Release(2, 12),
        OLD_VERSIONS,
        names=names,
        progress=lambda done, all_, _: calls.append((done, all_)),
    )
    count = calls[0][1]
    assert count > 1 and calls == [(number, count) for number in range(count + 1)]


def test_a_family_is_left_out_for_an_old_compiler_and_for_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"getrandom"}
    with monkeypatch.context() as patch:
        patch.setitem(FILE_FLAGS, "random.c", (("-march=younger",), "char nothing;\n"))
        objects = compile_families(["gcc"], X86_64, Release(2, 17), OLD_VERSIONS, names=names)
        assert names.isdisjoint(symbol for member in objects.members for symbol in member.symbols)
    monkeypatch.setitem(FILE_FLAGS, "random.c", (("-Dint=+",), "char nothing;\n"))
    with pytest.raises(CompatError, match="cannot compile the compat objects"):
        compile_families(["gcc"], X86_64, Release(2, 17), OLD_VERSIONS, names=names)
