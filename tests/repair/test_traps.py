"""What goes wrong easily when a finished file is rewritten: each program here was built plainly and shows one of it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from conftest import succeeded
from pinning import CCS, LINKERS, dynamic_of, run
from symver_pin import repair
from symver_pin.elf.constants import DT_JMPREL, DT_PLTRELSZ, DT_RELR, DT_RPATH, DT_RUNPATH, PT_DYNAMIC

from .conftest import Plain

EVERY_LINK = pytest.mark.parametrize("linker", LINKERS)
EVERY_CC = pytest.mark.parametrize("cc", CCS)
PROGRAM_MODES = pytest.mark.parametrize("mode", ["pie", "exec"])


@EVERY_LINK
@PROGRAM_MODES
def test_constructors_run_once_and_in_order(plain: Plain, linker: str, mode: str) -> None:
    plain.repair(plain.build("constructors.cc", linker=linker, mode=mode))
    said = plain.runs("program", "a b", "exit", env={"PINNED": "1"}).splitlines()
    assert said.count("main") == 1 and len(said) == len(set(said))
    assert said.index("preinit_array") < said.index("constructor 101") < said.index("main")


def test_exceptions_cross_libraries_that_are_shipped(plain: Plain) -> None:
    library = plain.build("throwing.cc", "-Wl,-soname,libthrowing.so", mode="shared", output="libthrowing.so")
    program = plain.build("catching.cc", "-L.", "-lthrowing", "-Wl,-rpath,$ORIGIN")
    outcome = plain.repair(program, library)
    assert {Path(file.path).name for file in outcome.files if file.status == "added"} >= {"libstdc++.so.6"}
    assert "refused by the library 1" in plain.runs("program")


@PROGRAM_MODES
def test_variables_of_libc_stay_one_object(plain: Plain, mode: str) -> None:
    plain.repair(plain.build("objects.c", "-w", mode=mode))
    assert "is __environ: 1" in plain.runs("program")


SIGNAL_STACK = r"""
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>
int main(void) {
    char byte;
    long size = sysconf(_SC_SIGSTKSZ);
    printf("%d %d\n", size > 2000 && size < 10000000, (int)getrandom(&byte, 1, 0));
}
"""


def test_a_wrapper_does_not_find_itself(plain: Plain) -> None:
    outcome = plain.repair(plain.build(plain.write("sizes.c", SIGNAL_STACK)))
    (program,) = (file for file in outcome.files if file.status == "repaired")
    assert ("sysconf", "SYMVER_PIN_1") in {(d.symbol, d.version.node) for d in program.decisions if d.version}
    assert plain.runs("program") == "1 1\n"


PROBES = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
extern int getentropy(void *, size_t) __attribute__((weak));
int main(void) {
    char byte;
    printf("%d %d %d\n", (int)getrandom(&byte, 1, 0), dlsym(RTLD_DEFAULT, "getrandom") != NULL, getentropy != NULL);
}
"""


@pytest.mark.parametrize("linker", ["bfd", "gold", "lld"])  # mold resolves the weak reference when it links
def test_a_program_that_probes_gets_the_target_s_answer(plain: Plain, linker: str) -> None:
    plain.repair(plain.build(plain.write("probes.c", PROBES), linker=linker))
    assert succeeded(run([plain.out / "program"])) == "1 1 1\n"
    assert succeeded(plain.run_old("program")) == "1 0 0\n"


def test_a_weak_function_with_an_address_in_the_program_is_supplied(plain: Plain) -> None:
    source = plain.write("fixed.c", PROBES.replace("getentropy != NULL", "getentropy(&byte, 1) == 0"))
    program = plain.build(source, "-fno-pic", mode="exec")
    (symbol,) = (s for s in dynamic_of(program).symbols if s.name == "getentropy")
    outcome = plain.repair(program)
    (file,) = (file for file in outcome.files if file.status == "repaired")
    decision = next(d for d in file.decisions if d.symbol == "getentropy")
    assert decision.outcome == ("supplied" if symbol.value else "left")


DESTRUCTOR = r"""
#include <cstdio>
#include <pthread.h>
struct Noisy { int number; ~Noisy() { std::printf("~%d\n", number); } };
static thread_local Noisy noisy{0};
static void *work(void *) { noisy.number = 7; return 0; }
int main() {
    noisy.number = 1;
    pthread_t thread;
    pthread_create(&thread, 0, work, 0);
    pthread_join(thread, 0);
    std::puts("joined");
}
"""


@EVERY_CC
def test_thread_local_destructors_run(plain: Plain, cc: str) -> None:
    plain.repair(plain.build(plain.write("destructor.cc", DESTRUCTOR), cc=cc))
    assert plain.runs("program") == "~7\njoined\n~1\n"


SHARED_DATA = r"""
#include <sys/single_threaded.h>
#include <stdio.h>
int main(void) { printf("%d\n", __libc_single_threaded == 0 || __libc_single_threaded == 1); }
"""


@PROGRAM_MODES
def test_a_variable_that_the_target_lacks_is_copied_from_the_library(plain: Plain, mode: str) -> None:
    plain.repair(plain.build(plain.write("data.c", SHARED_DATA), "-fno-pic" if mode == "exec" else "-fPIE", mode=mode))
    assert plain.runs("program") == "1\n"


INDIRECT = r"""
#include <stdio.h>
#include <sys/stat.h>
#include <threads.h>
static int one(void) { return 1; }
static int (*choose(void))(void) { return one; }
int chosen(void) __attribute__((ifunc("choose")));
static __thread int mine = 5;
static int work(void *unused) { (void)unused; return ++mine; }
int main(void) {
    thrd_t thread;
    int result;
    struct stat status;
    if (thrd_create(&thread, work, 0) != thrd_success || thrd_join(thread, &result) != thrd_success) return 1;
    printf("%d %d %d %d\n", chosen(), mine, result, stat("/", &status));
}
"""


@EVERY_LINK
@PROGRAM_MODES
def test_indirect_functions_threads_of_c11_and_thread_local_variables(plain: Plain, linker: str, mode: str) -> None:
    plain.repair(plain.build(plain.write("indirect.c", INDIRECT), linker=linker, mode=mode))
    assert plain.runs("program") == "1 5 6 0\n"


PLUGIN = "#include <sys/random.h>\nint plugged(void) { char byte; return (int)getrandom(&byte, 1, 0) + 41; }\n"
HOST = r"""
#include <dlfcn.h>
#include <stdio.h>
int main(void) {
    void *library = dlopen("./plugin.so", RTLD_NOW);
    if (!library) return puts(dlerror()), 1;
    printf("%d\n", ((int (*)(void))dlsym(library, "plugged"))());
    return dlclose(library);
}
"""


def test_a_plug_in_is_opened(plain: Plain) -> None:
    plugin = plain.build(plain.write("plugin.c", PLUGIN), mode="shared", output="plugin.so")
    plain.repair(plain.build(plain.write("host.c", HOST)), plugin)
    assert plain.runs("program") == "42\n"


RELATIVE = r"""
#include <stdio.h>
#include <sys/stat.h>
static const char *const words[] = {"zero", "one", "two", "three"};
static const char *const *volatile table = words;
int main(int count, char **arguments) {
    struct stat status;
    (void)arguments;
    printf("%s %s %d\n", table[count], table[count + 2], stat("/", &status));
}
"""
PACKED = ("-Wl,-z,pack-relative-relocs",)
RELR = {"bfd": PACKED, "lld": ("-Wl,--pack-dyn-relocs=relr",), "mold": PACKED}


@pytest.mark.parametrize("linker", RELR)
def test_packed_relative_relocations_become_ordinary_ones(plain: Plain, linker: str) -> None:
    program = plain.build(plain.write("relative.c", RELATIVE), *RELR[linker], linker=linker)
    if DT_RELR not in dynamic_of(program).tags:
        pytest.fail(f"{linker} made no DT_RELR", pytrace=False)
    plain.repair(program)
    assert DT_RELR not in dynamic_of(plain.out / "program").tags
    # Old releases of lld and mold make DT_RELR without its version node, which newer loaders refuse: not run as it was.
    assert succeeded(run([plain.out / "program"])) == "one three 0\n"
    assert succeeded(plain.run_old("program")) == "one three 0\n"
    # Old loaders that bind at once take the relocations of the PLT from behind the others, wherever DT_JMPREL is.
    assert succeeded(plain.run_old("program", env={"LD_BIND_NOW": "1"})) == "one three 0\n"


EXPORTING = r"""
#include <sys/random.h>
#include <iostream>
#include <sstream>
extern "C" int plugged() {
    char byte;
    std::ostringstream text;
    text << getrandom(&byte, 1, 0);
    return text.str().size();
}
"""


def test_a_library_with_a_c_plus_plus_runtime_of_its_own_is_warned_of(plain: Plain) -> None:
    library = plain.build(plain.write("own.cc", EXPORTING), "-static-libstdc++", mode="shared", output="libown.so")
    (file,) = (file for file in plain.repair(library).files if file.status == "repaired")
    assert "static C++ library" in file.note


def test_the_marks_of_plt_entries_are_taken_away(plain: Plain) -> None:
    """What `-z mark-plt` of newer linkers makes, by hand: a tag, and addends of jump slots. Old loaders add these."""
    program = plain.build(plain.write("sizes.c", SIGNAL_STACK), "-Wl,-z,now")
    dynamic = dynamic_of(program)
    image, segment = dynamic.image, dynamic.image.first(PT_DYNAMIC)
    assert segment is not None
    data = bytearray(image.data)
    end = next(
        at for at in range(segment.offset, segment.offset + segment.file_size, 16) if not any(data[at : at + 16])
    )
    data[end : end + 16] = struct.pack("<QQ", 0x70000000, 0x1000)
    table = image.offset_of(dynamic.tags[DT_JMPREL], "DT_JMPREL")
    for at in range(table, table + dynamic.tags[DT_PLTRELSZ], 24):
        data[at + 16 : at + 24] = struct.pack("<Q", 0x1000)
    program.write_bytes(data)
    plain.repair(program)
    assert 0x70000000 not in dynamic_of(plain.out / "program").tags
    assert succeeded(plain.run_old("program")) == "1 1\n"


def test_libc_is_searched_before_the_compat_library(plain: Plain) -> None:
    inner = plain.build(plain.write("inner.c", PLUGIN), "-Wl,-soname,libinner.so", mode="shared", output="libinner.so")
    flags = ("-nostdlib", "-Wl,-soname,libouter.so", "-L.", "-linner", "-Wl,-rpath,$ORIGIN")
    text = "#include <sys/random.h>\nint outer(void) { char byte; return (int)getrandom(&byte, 1, 0); }\n"
    outer = plain.build(plain.write("outer.c", text), *flags, "-lc", mode="shared", output="libouter.so")
    succeeded(run(["patchelf", "--remove-needed", "libc.so.6", outer]))
    plain.repair(outer, inner)
    needed = dynamic_of(plain.out / "libouter.so").needed
    assert needed.index("libc.so.6") < needed.index("libsymver_pin_compat.so")


def test_search_paths_are_kept(plain: Plain) -> None:
    source = plain.write("sizes.c", SIGNAL_STACK)
    old = plain.build(source, "-Wl,--disable-new-dtags,-rpath,/opt/a", output="old")
    new = plain.build(source, "-Wl,--enable-new-dtags,-rpath,/opt/b", output="new")
    plain.repair(old, new)
    paths = [(dynamic_of(plain.out / name).string_of(DT_RPATH), dynamic_of(plain.out / name).string_of(DT_RUNPATH))
             for name in ("old", "new")]  # fmt: skip
    assert paths == [("/opt/a:$ORIGIN", None), (None, "/opt/b:$ORIGIN")]
    assert plain.runs("old") == plain.runs("new") == "1 1\n"


def test_a_repaired_file_is_fine_the_second_time(plain: Plain, tmp_path: Path) -> None:
    plain.repair(plain.build(plain.write("sizes.c", SIGNAL_STACK)))
    again = repair([plain.out / "program", plain.out / "libsymver_pin_compat.so"], "2.17", tmp_path / "again")
    assert {file.status for file in again.files} == {"fine"}
    assert (tmp_path / "again/program").read_bytes() == (plain.out / "program").read_bytes()


def test_a_repaired_file_is_repaired_again_for_an_older_target(plain: Plain, tmp_path: Path) -> None:
    program = plain.build(plain.write("sizes.c", SIGNAL_STACK))
    first = repair([program], "2.28", tmp_path / "first")
    second = repair([tmp_path / "first/program"], "2.17", plain.out)
    assert (first.exit_status, second.exit_status) == (0, 0)
    assert plain.runs("program") == "1 1\n"


def test_a_static_program_needs_nothing(plain: Plain) -> None:
    program = plain.build(plain.write("sizes.c", SIGNAL_STACK), "-static-pie", mode="pie")
    assert [file.status for file in plain.repair(program).files] == ["static"]
    assert (plain.out / "program").read_bytes() == program.read_bytes()


def test_a_program_that_carries_an_archive_is_refused(plain: Plain) -> None:
    program = plain.build(plain.write("sizes.c", SIGNAL_STACK))
    with program.open("ab") as stream:
        stream.write(b"PK\x03\x04" + b"x" * 500)
    outcome = repair([program], "2.17", plain.out)
    assert outcome.exit_status == 1 and not plain.out.exists()
    assert "behind its end" in outcome.files[0].reason


PRIVATE = "extern int __libc_enable_secure;\nint main(void) { return __libc_enable_secure; }\n"
ABSENT = "#define _GNU_SOURCE\n#include <unistd.h>\nint main(void) { return _Fork() < 0; }\n"


@pytest.mark.parametrize(
    ("text", "symbol", "reason"),
    [(PRIVATE, "__libc_enable_secure", "GLIBC_PRIVATE"), (ABSENT, "_Fork", "pthread_atfork")],
)
def test_what_nothing_supplies_is_refused_and_nothing_is_written(
    plain: Plain, text: str, symbol: str, reason: str
) -> None:
    refused = plain.build(plain.write("refused.c", text), output="refused")
    fine = plain.build(plain.write("sizes.c", SIGNAL_STACK))
    outcome = repair([refused, fine], "2.17", plain.out)
    assert outcome.exit_status == 1 and not outcome.is_written and not plain.out.exists()
    (decision,) = (d for file in outcome.files for d in file.decisions if d.outcome == "refused")
    assert decision.symbol == symbol and reason in decision.note
    forced = repair([refused, fine], "2.17", plain.out, force=True)
    assert forced.is_written and not (plain.out / "refused").exists()
    assert succeeded(plain.run_old("program")) == "1 1\n"
