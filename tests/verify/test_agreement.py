"""The verifier and the real loaders agree: those of glibc 2.17, 2.31, 2.36 and 2.41, and the host's.

Each case is one thing that a program can need. It is built once; each real loader starts it or not, and the verdict for
each release must be the same, though the verifier runs nothing. The kinds of findings are compared for 2.17.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from symver_pin.glibc.release import parse_release
from symver_pin.loader.scope import NEEDED_BY_TABLE_LIBRARIES
from symver_pin.verifier.given_files import open_object

from .patch import drop_needed, flag_node_weak, unname_relocations
from .programs import (
    compile_library,
    compile_program,
    disagreements,
    host_release,
    kinds,
    report,
    starts_on,
    verdict_on,
)

FOO_V1_V2 = "V1 { global: foo; local: *; }; V2 { global: bar; } V1;"


@dataclass(frozen=True)
class Case:
    """One program: C source after the common start, link flags, and the finding kinds expected on 2.17."""

    name: str
    source: str
    flags: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    symbols: tuple[str, ...] = ()
    """The symbols that the findings name."""
    own_start: bool = True
    cc: str = "gcc"


def fails(*names: str) -> frozenset[str]:
    return frozenset(names)


def call(declaration: str, name: str, version: str = "", weak: bool = False) -> str:
    """Source of a program that looks one function up: strong or weak, its version set or the linker's choice."""
    pin = f'__asm__(".symver {name}, {name}@{version}");\n' if version else ""
    attribute = "__attribute__((weak)) " if weak else ""
    body = f"int program(void) {{ if (never) ((void (*)()){name})(); return 0; }}\n"
    return f"extern {attribute}{declaration};\n{pin}{body}"


PTHREAD_CREATE = "int pthread_create()"
OLD_PTHREAD = call(PTHREAD_CREATE, "pthread_create", "GLIBC_2.2.5")
PTHREAD_FIRST = ("-Wl,--no-as-needed", "-l:libpthread.so.0", "-l:libc.so.6", "-Wl,--as-needed")
PTHREAD_LAST = ("-Wl,--no-as-needed", "-l:libc.so.6", "-l:libpthread.so.0", "-Wl,--as-needed")
LATE_BINDING = ("-Wl,-z,lazy",)
POINTERS = "static int x; int *volatile table[64] = {" + "&x," * 64 + "};\nint program(void) { return *table[3]; }\n"

CASES = [
    Case("nothing_new", call("int puts(const char *)", "puts")),
    Case("exactly_2_14", call("void *memcpy()", "memcpy", "GLIBC_2.14")),
    Case("plain_hello", "int main(void) { puts(\"alive\"); return 0; }\n", (),
         fails("missing-version"), ("__libc_start_main",), own_start=False),
    Case("younger_function", call("int getrandom()", "getrandom"), (), fails("missing-version"), ("getrandom",)),
    Case("younger_weak_function", call("int getrandom()", "getrandom", weak=True), (),
         fails("missing-version"), ("getrandom",)),
    Case("younger_version_of_an_old_function", call(PTHREAD_CREATE, "pthread_create"), (),
         fails("missing-version"), ("pthread_create",)),
    Case("moved_function", OLD_PTHREAD, (), fails("link-time-reference"), ("pthread_create",)),
    Case("moved_function_bound_late", OLD_PTHREAD, LATE_BINDING, fails("link-time-reference"), ("pthread_create",)),
    Case("moved_weak_function", call(PTHREAD_CREATE, "pthread_create", "GLIBC_2.2.5", weak=True), (),
         fails("link-time-reference"), ("pthread_create",)),
    Case("moved_function_and_its_library_before_libc", OLD_PTHREAD, PTHREAD_FIRST),
    Case("moved_function_and_its_library_after_libc", OLD_PTHREAD, PTHREAD_LAST,
         fails("link-time-reference"), ("pthread_create",)),
    Case("moved_function_and_a_library_that_loads_its_library", OLD_PTHREAD,
         ("-Wl,--no-as-needed", "-l:librt.so.1", "-Wl,--as-needed"), fails("link-time-reference"), ("pthread_create",)),
    Case("timer_of_librt", call("int timer_create()", "timer_create", "GLIBC_2.3.3"),
         ("-Wl,--no-as-needed", "-l:librt.so.1", "-l:libc.so.6", "-Wl,--as-needed")),
    Case("library_of_2_22", call("int puts(const char *)", "puts"),
         ("-Wl,--no-as-needed", "-l:libmvec.so.1", "-Wl,--as-needed"), fails("missing-library")),
    Case("libgcc_of_gcc_12", call("int __extendhfsf2()", "__extendhfsf2"), ("-lgcc_s",),
         fails("missing-version"), ("__extendhfsf2",)),
    Case("libgcc_of_gcc_3", call("int _Unwind_Backtrace()", "_Unwind_Backtrace"), ("-lgcc_s",)),
    Case("copied_variable", "extern char **environ; int program(void) { return environ == 0 && never; }\n",
         ("-no-pie", "-fno-pie")),
    Case("packed_relocations", POINTERS, ("-pie", "-fPIE", "-Wl,-z,pack-relative-relocs"), fails("dt-relr")),
    Case("packed_relocations_without_marker", POINTERS,
         ("-pie", "-fPIE", "-fuse-ld=lld", "-Wl,--pack-dyn-relocs=relr"), fails("dt-relr")),
    Case("other_interpreter", call("int puts(const char *)", "puts"),
         ("-Wl,--dynamic-linker=/opt/elsewhere/ld-linux-x86-64.so.2",), fails("interpreter")),
    Case("static", "int main(void) { puts(\"alive\"); return 0; }\n", ("-static",), own_start=False),
    Case("static_pie", "int main(void) { puts(\"alive\"); return 0; }\n", ("-static-pie",), own_start=False),
    Case("gnu_hash_alone", call("int getrandom()", "getrandom"), ("-no-pie", "-fno-pie", "-Wl,--hash-style=gnu"),
         fails("missing-version"), ("getrandom",)),
    Case("stripped", call("int getrandom()", "getrandom"), ("-no-pie", "-fno-pie", "-Wl,--hash-style=gnu", "-s"),
         fails("missing-version"), ("getrandom",)),
    *(Case(f"moved_function_{linker}", OLD_PTHREAD, (f"-fuse-ld={linker}",),
           fails("link-time-reference"), ("pthread_create",)) for linker in ("gold", "lld", "mold")),
    *(Case(f"younger_weak_function_{linker}", call("int getrandom()", "getrandom", weak=True), (f"-fuse-ld={linker}",),
           fails("missing-version"), ("getrandom",)) for linker in ("gold", "lld", "mold")),
    Case("clang_with_lld", call("int getrandom()", "getrandom"), ("-fuse-ld=lld",),
         fails("missing-version"), ("getrandom",), cc="clang"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_verdict_is_what_the_loader_does(case: Case, tmp_path: Path, roots: dict[str, Path]) -> None:
    flags = ("-fcf-protection=none", *case.flags)
    program = compile_program(tmp_path, "program", case.source, flags, cc=case.cc, own_start=case.own_start)
    old = verdict_on(program, "2.17")
    assert kinds(old) == case.kinds
    named = {symbol.name for finding in old.findings if finding.fails for symbol in finding.symbols}
    assert named == set(case.symbols)
    assert disagreements(roots, program) == []


#: Programs that are linked against a libc.so.6 without versions: their references have none.
UNVERSIONED = [
    Case("unversioned_strong_nowhere", call("int nowhere(void)", "nowhere"), kinds=fails("missing-symbol"),
         symbols=("nowhere",)),
    Case("unversioned_weak_nowhere", call("int nowhere(void)", "nowhere", weak=True)),
    Case("unversioned_default", call("int puts(const char *)", "puts")),
    Case("unversioned_takes_the_oldest", call("void *memcpy()", "memcpy")),
    Case("unversioned_younger", call("int getrandom()", "getrandom"), kinds=fails("missing-symbol"),
         symbols=("getrandom",)),
    Case("unversioned_compat_of_a_later_node", call("int pthread_cond_init()", "pthread_cond_init")),
    Case("unversioned_copied_variable", "extern char **environ; int program(void) { return environ == 0 && never; }\n",
         ("-no-pie", "-fno-pie")),
    Case("unversioned_gnu_hash", call("int nowhere(void)", "nowhere"), ("-no-pie", "-fno-pie", "-Wl,--hash-style=gnu"),
         fails("missing-symbol"), ("nowhere",)),
]  # fmt: skip


@pytest.mark.parametrize("case", UNVERSIONED, ids=lambda case: case.name)
def test_unversioned_references_bind_as_in_the_loader(case: Case, tmp_path: Path, roots: dict[str, Path]) -> None:
    names = "nowhere", "puts", "memcpy", "getrandom", "pthread_cond_init", "write", "_exit"
    stub = "".join(f"void {name}(void) {{}}\n" for name in names) + "char **environ;\n"
    library = compile_library(tmp_path / "stub", "libc.so.6", stub, flags=("-fno-builtin", "-nostdlib"))
    program = compile_program(tmp_path, "program", case.source, ("-nodefaultlibs", *case.flags, str(library)))
    old = verdict_on(program, "2.17")
    assert kinds(old) == case.kinds
    assert {s.name for finding in old.findings if finding.fails for s in finding.symbols} == set(case.symbols)
    assert disagreements(roots, program) == []


@dataclass(frozen=True)
class Pair:
    """A program linked against one build of a library of its own and started with another."""

    name: str
    linked: tuple[str, str]
    """Source and version script of the library at link time."""
    given: tuple[str, str]
    """Source and version script of the library at run time."""
    kinds: frozenset[str] = frozenset()
    symbol: str = "bar"
    later: tuple[str, str] | None = None
    """A second library, after the first in the search order."""


BOTH = "int foo(void) { return 1; }\nint bar(void) { return 2; }\n"
FOO = "int foo(void) { return 1; }\n"
HIDDEN_BAR = FOO + '__attribute__((visibility("hidden"))) int bar(void) { return 2; }\n'
V1 = "V1 { global: foo; local: *; };"
V1_ALL = "V1 { global: foo; bar; local: *; };"

PAIRS = [
    Pair("same", (BOTH, FOO_V1_V2), (BOTH, FOO_V1_V2)),
    Pair("node_gone", (BOTH, FOO_V1_V2), (FOO, V1), fails("missing-version")),
    Pair("symbol_gone", (BOTH, V1_ALL), (FOO, V1), fails("link-time-reference")),
    Pair("symbol_moved_to_an_older_node", (BOTH, FOO_V1_V2),
         (BOTH + "int other(void) { return 3; }\n", "V1 { global: foo; bar; local: *; }; V2 { global: other; } V1;"),
         fails("link-time-reference")),
    Pair("versions_added", (BOTH, ""), (BOTH, FOO_V1_V2)),
    Pair("symbol_gone_from_here_but_in_a_later_library", (BOTH, V1_ALL), (FOO, V1), fails("link-time-reference"),
         later=("int bar(void) { return 4; }\n", "")),
    Pair("unversioned_symbol_gone", (BOTH, ""), (FOO, ""), fails("missing-symbol")),
    Pair("hidden_in_the_library", (BOTH, ""), (HIDDEN_BAR, ""), fails("missing-symbol")),
    Pair("library_without_the_needed_symbol_but_unreferenced", (BOTH, V1_ALL), (BOTH, V1_ALL), symbol="foo"),
]  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_given_libraries_are_searched_as_the_loader_does(pair: Pair, tmp_path: Path, roots: dict[str, Path]) -> None:
    # The libraries import from libc, as real ones do: that is what gives a library version tables.
    body = "extern int write(); int uses_libc(void) { return write(9, 0, 0); }\n"
    linked = compile_library(tmp_path / "linked", "libown.so", body + pair.linked[0], pair.linked[1])
    given = [compile_library(tmp_path / "given", "libown.so", body + pair.given[0], pair.given[1])]
    flags = [str(linked), "-Wl,--no-as-needed"]
    if pair.later is not None:
        given.append(compile_library(tmp_path / "given", "liblater.so", body + pair.later[0], pair.later[1]))
        flags.append(str(given[1]))
    program = compile_program(tmp_path, "program", call(f"int {pair.symbol}(void)", pair.symbol), flags)
    old = verdict_on(program, "2.17", *given)
    assert kinds(old) == pair.kinds
    assert disagreements(roots, program, *given) == []


LIBRARIES = {
    "nothing_new": ("int foo(void) { return puts(0); }\n", True),
    "younger_function": ("int foo(void) { return getrandom(0, 0, 0); }\n", False),
    "moved_function": ('__asm__(".symver dlopen, dlopen@GLIBC_2.2.5");\nint foo(void) { return dlopen(); }\n', False),
    "thread_local_storage": ("__thread int x; int *foo(void) { return &x; }\n", True),
}


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_alone_gets_the_verdict_that_a_program_with_it_gets(
    name: str, tmp_path: Path, roots: dict[str, Path]
) -> None:
    source, loads_on_217 = LIBRARIES[name]
    library = compile_library(tmp_path / "lib", "libown.so", source, flags=["-fno-builtin"])
    program = compile_program(tmp_path, "program", call("int puts(const char *)", "puts"))
    assert (verdict_on(library, "2.17").verdict == "ok") == loads_on_217
    for release, root in roots.items():
        loads = starts_on(root, program, [library], preload=library)
        assert (verdict_on(library, release).verdict == "ok") == loads, release
    assert (verdict_on(library, host_release()).verdict == "ok") == starts_on(None, program, [library], preload=library)


def test_a_library_that_lost_its_versions_stops_the_loader(tmp_path: Path, roots: dict[str, Path]) -> None:
    flags = ["-nostdlib"]
    linked = compile_library(tmp_path / "linked", "libown.so", FOO, "V1 { foo; };", flags)
    given = compile_library(tmp_path / "given", "libown.so", FOO, "", flags)
    program = compile_program(tmp_path, "program", call("int foo(void)", "foo"), [str(linked)])
    assert kinds(verdict_on(program, "2.17", given)) == {"versions-lost"}
    assert verdict_on(program, "2.41", given).verdict == "ok"
    assert disagreements(roots, program, given) == []


def test_a_program_fails_with_a_library_that_fails(tmp_path: Path, roots: dict[str, Path]) -> None:
    source = "extern int getrandom(); int foo(void) { return getrandom(0, 0, 0); }\n"
    library = compile_library(tmp_path / "lib", "libown.so", source)
    program = compile_program(tmp_path, "program", call("int foo(void)", "foo"), [str(library)])
    found = report(program, "2.17", library)
    assert [file.verdict for file in found.files] == ["fails", "fails"]
    assert {finding.file for finding in found.files[0].findings if finding.fails} == {str(library)}
    assert disagreements(roots, program, library) == []


@pytest.mark.parametrize("tags", ["--enable-new-dtags", "--disable-new-dtags"])
@pytest.mark.parametrize("versions", ["V1 { foo; };", ""])
def test_libraries_beside_the_program_are_found_through_origin(tmp_path: Path, tags: str, versions: str) -> None:
    library = compile_library(tmp_path / "lib", "libown.so", FOO, "V1 { foo; };")
    flags = [str(library), f"-Wl,{tags}", "-Wl,-rpath,$ORIGIN/lib"]
    program = compile_program(tmp_path, "program", call("int foo(void)", "foo"), flags)
    compile_library(tmp_path / "lib", "libown.so", FOO if versions else "int bar(void) { return 1; }", versions)
    assert (verdict_on(program, host_release()).verdict == "ok") == starts_on(None, program) == bool(versions)


def test_a_version_of_a_library_that_nothing_loads_stops_the_loader(tmp_path: Path, roots: dict[str, Path]) -> None:
    flags = ["-Wl,--no-as-needed", "-l:libutil.so.1", "-l:libc.so.6"]
    library = compile_library(
        tmp_path / "stub", "libutil.so.1", "int openpty(void) { return 0; }\n", "GLIBC_2.2.5 { openpty; };"
    )
    program = compile_program(
        tmp_path, "program", call("int openpty(void)", "openpty"), [f"-L{library.parent}", *flags]
    )
    assert verdict_on(program, "2.17").verdict == "ok"
    drop_needed(program, "libutil.so.1")
    verdict = verdict_on(program, "2.17")
    assert kinds(verdict) == {"library-not-loaded"}
    assert disagreements(roots, program) == []


def test_a_library_that_only_glibc_loads_counts_in_the_releases_where_it_does(
    tmp_path: Path, roots: dict[str, Path]
) -> None:
    library = compile_library(
        tmp_path / "stub",
        "libpthread.so.0",
        "int pthread_create(void) { return 0; }\n",
        "GLIBC_2.2.5 { pthread_create; };",
    )
    flags = ["-fcf-protection=none", "-Wl,--no-as-needed", f"-L{library.parent}", "-l:librt.so.1", "-l:libpthread.so.0"]
    program = compile_program(tmp_path, "program", call(PTHREAD_CREATE, "pthread_create"), flags)
    drop_needed(program, "libpthread.so.0")
    assert verdict_on(program, "2.17").verdict == "ok"
    assert kinds(verdict_on(program, "2.34")) == {"library-not-loaded"}
    assert disagreements(roots, program) == []


def test_the_scope_knows_what_glibcs_libraries_load(roots: dict[str, Path]) -> None:
    for release, root in roots.items():
        for name, theirs in NEEDED_BY_TABLE_LIBRARIES.items():
            found = [path for path in root.rglob(name) if path.is_file()]
            if not found:
                continue
            real = set(open_object(found[0]).needed)
            expected = {library for library, span in theirs if parse_release(release) in span}
            assert expected == real - {"libc.so.6", "ld-linux-x86-64.so.2"}, (release, name)


@pytest.mark.parametrize("weak", [False, True], ids=["strong", "weak"])
def test_a_node_that_is_flagged_weak_may_be_missing(weak: bool, tmp_path: Path, roots: dict[str, Path]) -> None:
    source = call("int getrandom()", "getrandom", weak=weak)
    program = compile_program(tmp_path, "program", source, ["-fcf-protection=none"])
    flag_node_weak(program, "GLIBC_2.25")
    assert kinds(verdict_on(program, "2.17")) == {"link-time-reference"}
    assert verdict_on(program, "2.25").verdict == "ok"
    assert disagreements(roots, program) == []


def test_a_symbol_that_no_relocation_names_is_not_missed(tmp_path: Path, roots: dict[str, Path]) -> None:
    program = compile_program(tmp_path, "program", OLD_PTHREAD, ["-fcf-protection=none"])
    assert verdict_on(program, "2.17").verdict == "fails"
    unname_relocations(program, "pthread_create")
    assert verdict_on(program, "2.17").verdict == "ok"
    assert disagreements(roots, program) == []
