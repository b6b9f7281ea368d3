"""Options of a link line that have to go on meaning what they mean."""

from pathlib import Path

import pytest

from conftest import succeeded
from pinning import CCS, LINKERS, PROGRAMS, Pinned, dynamic_of, run

EVERY_CC = pytest.mark.parametrize("cc", CCS)
EVERY_LINK = pytest.mark.parametrize("linker", LINKERS)

OPTIONS = {
    "no-undefined": ("-Wl,--no-undefined",),
    "defs": ("-Wl,-z,defs",),
    "gc-sections": ("-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"),
    "as-needed": ("-Wl,--as-needed",),
    "no-as-needed": ("-Wl,--no-as-needed",),
    "rdynamic": ("-rdynamic",),
    "fatal-warnings": ("-Wl,--fatal-warnings",),
    "stripped": ("-s",),
    "now": ("-Wl,-z,relro,-z,now",),
    "sysv hash": ("-Wl,--hash-style=both",),
    "build id": ("-Wl,--build-id",),
    "debug": ("-g",),
    "static libgcc": ("-static-libgcc",),
    "start-group": ("-Wl,--start-group", "-lm", "-lc", "-Wl,--end-group"),
    "no copy relocations": ("-Wl,-z,nocopyreloc",),
}


@EVERY_CC
@EVERY_LINK
@pytest.mark.parametrize("flags", OPTIONS.values(), ids=OPTIONS)
def test_a_program_links_and_runs_with(pinned: Pinned, cc: str, linker: str, flags: tuple[str, ...]) -> None:
    program = pinned.link("plain.c", *flags, "-lm", "-lpthread", "-ldl", cc=cc, linker=linker)
    assert pinned.runs(program) == "37 1\n"


@EVERY_LINK
def test_no_as_needed_keeps_what_the_line_names(pinned: Pinned, linker: str) -> None:
    source = pinned.write("main.c", "int main(void) { return 0; }")
    program = pinned.link(source, "-Wl,--no-as-needed", "-lm", "-lrt", "-lutil", linker=linker)
    assert {"libm.so.6", "librt.so.1", "libutil.so.1"} <= set(dynamic_of(program).needed)
    assert pinned.runs(program) == ""


@EVERY_LINK
def test_only_libc_is_needed_by_a_program_that_uses_nothing_else(pinned: Pinned, linker: str) -> None:
    source = pinned.write("main.c", '#include <stdio.h>\nint main(void) { return puts("small") < 0; }')
    program = pinned.link(source, linker=linker)
    assert dynamic_of(program).needed == ("libc.so.6",)
    assert pinned.runs(program) == "small\n"


@EVERY_LINK
@pytest.mark.parametrize("flag", ["-Wl,--no-undefined", "-Wl,-z,defs"])
def test_a_library_must_be_complete_when_that_is_asked_for(pinned: Pinned, linker: str, flag: str) -> None:
    whole = pinned.link("greet.c", flag, linker=linker, mode="shared", output="libgreet.so")
    assert "libpthread.so.0" in dynamic_of(whole).needed
    source = pinned.write("partial.c", "int not_there(void); int use(void) { return not_there(); }")
    done = pinned.try_link(source, flag, linker=linker, mode="shared", output="libpartial.so")
    assert done.returncode != 0
    assert "not_there" in done.stderr


@EVERY_LINK
def test_one_library_can_be_asked_for_as_an_archive(pinned: Pinned, linker: str) -> None:
    pinned.write("foo.c", "int foo(void) { return 42; }")
    succeeded(pinned.driver(["-c", "-fPIC", "foo.c", "-o", "foo.o"]))
    succeeded(run(["ar", "rcs", pinned.folder / "libfoo.a", pinned.folder / "foo.o"]))
    succeeded(pinned.driver(["-shared", "foo.o", "-o", "libfoo.so"]))
    main = pinned.write("main.c", "int foo(void); int main(void) { return foo() - 42; }")
    program = pinned.link(main, "-L.", "-Wl,-Bstatic", "-lfoo", "-Wl,-Bdynamic", "-lm", linker=linker)
    assert "libfoo.so" not in dynamic_of(program).needed
    assert pinned.runs(program) == ""


@EVERY_LINK
def test_a_version_script_rules_the_exports_of_a_library(pinned: Pinned, linker: str) -> None:
    script = pinned.write("greet.map", "GREET_1.0 { global: greet; local: *; };")
    flags = (f"-Wl,--version-script={script}", "-Wl,-soname,libgreet.so")
    library = pinned.link("greet.c", *flags, linker=linker, mode="shared", output="libgreet.so")
    exported = {(symbol.name, symbol.version) for symbol in dynamic_of(library).symbols if symbol.defined}
    assert exported - {("GREET_1.0", "GREET_1.0")} == {("greet", "GREET_1.0")}
    program = pinned.link("greeter.c", "-L.", "-lgreet", linker=linker)
    assert "hello again\n" in pinned.runs(program, "world", libraries=[library])


@EVERY_LINK
@pytest.mark.parametrize("mode", ["exec", "shared"])
def test_compat_objects_are_not_exported(pinned: Pinned, linker: str, mode: str) -> None:
    source = pinned.write(
        "use.c",
        """
        #define _GNU_SOURCE
        #include <unistd.h>
        #include <stdlib.h>
        #include <sys/stat.h>
        int use(void) { struct stat s; return stat("/", &s) + (gettid() > 0) + (reallocarray(0, 1, 1) != 0) - 2; }
        int main(void) { return use(); }
        """,
    )
    binary = pinned.link(source, "-rdynamic", linker=linker, mode=mode)
    exported = {symbol.name for symbol in dynamic_of(binary).symbols if symbol.defined}
    assert not exported & {"stat", "gettid", "reallocarray", "__libc_start_main"}


@EVERY_LINK
@pytest.mark.parametrize("storage", ["static", "extern"])
@pytest.mark.parametrize("mode", ["pie", "exec"])
def test_functions_of_the_users_own_win_over_compat_objects(
    pinned: Pinned, linker: str, storage: str, mode: str
) -> None:
    word = "static" if storage == "static" else ""
    source = pinned.write(
        "own.c",
        f"""
        #include <stddef.h>
        #include <stdio.h>
        {word} size_t strlcpy(char *to, const char *from, size_t size) {{ (void)from; if (size) *to = 'm'; return 1; }}
        {word} int gettid(void) {{ return -5; }}
        {word} long getrandom(void *to, size_t size, unsigned flags) {{ (void)to, (void)size; return -(long)flags; }}
        int main(void) {{
            char text[8] = "";
            size_t length = strlcpy(text, "other", 8);
            printf("%s %zu %d %ld\\n", text, length, gettid(), getrandom(text, 8, 7));
            return 0;
        }}
        """,
    )
    program = pinned.link(source, "-fno-builtin", linker=linker, mode=mode)
    assert pinned.runs(program) == "m 1 -5 -7\n"


@EVERY_LINK
@pytest.mark.parametrize("mode", ["pie", "exec", "shared"])
def test_a_symbol_younger_than_the_target_stops_the_link_by_name(pinned: Pinned, linker: str, mode: str) -> None:
    source = pinned.write("young.c", "int _Fork(void); int main(void) { return _Fork(); }")
    flags = ("-Wl,--no-undefined",) if mode == "shared" else ()
    done = pinned.try_link(source, *flags, linker=linker, mode=mode)
    assert done.returncode != 0
    assert "_Fork" in done.stderr
    assert not (pinned.folder / "program").exists()


@EVERY_CC
@EVERY_LINK
def test_objects_of_the_plain_compiler_can_be_linked(pinned: Pinned, cc: str, linker: str, tmp_path: Path) -> None:
    succeeded(run([cc, "-O2", "-fPIE", "-c", PROGRAMS / "plain.c", "-o", tmp_path / "plain.o"]))
    assert pinned.runs(pinned.link(tmp_path / "plain.o", "-lm", cc=cc, linker=linker)) == "37 1\n"
