"""`--embed`: what the target lacks is in the file itself. One file goes to the old system, and nothing beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from pinning import LINKERS, Word, dynamic_of, run
from symver_pin import repair
from symver_pin.elf.constants import DT_FLAGS_1
from symver_pin.glibc.maps import default_maps
from symver_pin.repairer.batch import Batch, Settings
from symver_pin.repairer.members import Member
from verify.mutate import mutated

from .conftest import Plain
from .test_aarch64 import Emulated, emulated, root  # noqa: F401
from .test_rewrite import CROSS, sections_of
from .test_traps import DESTRUCTOR, HOST, PLUGIN, PROBES, RELR, SHARED_DATA

UNWINDING = r"""
#include <pthread.h>
#include <stdio.h>
#include <threads.h>
#include <stdexcept>
struct Local { ~Local() { puts("destroyed"); } };
static thread_local Local local;
static int work(void *) { (void)&local; return 7; }
static int leave(void *) { Local here; pthread_exit(0); }
int main() {
    thrd_t thread;
    int result;
    thrd_create(&thread, work, 0);
    thrd_join(thread, &result);
    printf("%d\n", result);
    thrd_create(&thread, leave, 0);
    thrd_join(thread, 0);
    try { throw std::runtime_error("thrown"); } catch (const std::exception &error) { puts(error.what()); }
    fflush(stdout);
    pthread_exit(0);
}
"""
MANY = r"""
#include <sys/random.h>
#define NAMED(n) int exported_##n(void) { char byte; return (int)getrandom(&byte, 1, 0) * n + inner(); }
__attribute__((weak)) int inner(void) { return 0; }
NAMED(1) NAMED(2) NAMED(3) NAMED(4) NAMED(5) NAMED(6) NAMED(7) NAMED(8) NAMED(9)
int (*table[])(void) = {exported_1, exported_9};
int plugged(void) { return table[0]() + table[1](); }
"""
CALLER = r"""
#include <stdio.h>
extern int exported_1(void), exported_5(void), exported_9(void), plugged(void);
int main(void) { printf("%d %d %d %d\n", exported_1(), exported_5(), exported_9(), plugged()); }
"""
TREE = r"""
#define _GNU_SOURCE
#include <search.h>
static void visit(const void *node, VISIT order, void *given) { (void)node; (void)order; (void)given; }
int main(void) { twalk_r(0, visit, 0); }
"""


def test_a_file_gets_its_members_and_nothing_beside_it(plain: Plain) -> None:
    outcome = plain.repair(plain.build(plain.write("cross.c", CROSS)), embed=True)
    assert [path.name for path in plain.out.iterdir()] == ["program"]
    (file,) = outcome.files
    assert file.count("embedded") > 2 and file.count("supplied") == 0
    assert not any("symver_pin" in name for name in dynamic_of(plain.out / "program").needed)
    assert plain.runs("program") == "1 1 0 1 1\n"
    again = repair([plain.out / "program"], "2.17", plain.folder / "again", embed=True)
    assert [file.status for file in again.files] == ["fine"]


@pytest.mark.parametrize("linker", LINKERS)
@pytest.mark.parametrize("mode", ["pie", "exec"])
@pytest.mark.parametrize("binding", ["lazy", "now"])
def test_programs_of_every_linker_run_with_their_members(plain: Plain, linker: str, mode: str, binding: str) -> None:
    source = plain.write("cross.c", CROSS)
    program = plain.build(source, f"-Wl,-z,{binding}", "-Wl,--build-id", linker=linker, mode=mode)
    plain.repair(program, embed=True)
    assert plain.runs("program") == "1 1 0 1 1\n"
    assert succeeded(plain.run_old("program", env={"LD_BIND_NOW": "1"})) == "1 1 0 1 1\n"
    before, after = sections_of(program), sections_of(plain.out / "program")
    for name in (".text", ".rodata", ".eh_frame", ".note.gnu.build-id"):
        assert before.get(name) == after.get(name)
    for path in (program, plain.out / "program"):
        assert run(["readelf", "-aW", path]).stderr == ""


@pytest.mark.parametrize("linker", RELR)
def test_packed_relocations_and_members_are_put_in_together(plain: Plain, linker: str) -> None:
    plain.repair(plain.build(plain.write("cross.c", CROSS), *RELR[linker], linker=linker), embed=True)
    assert succeeded(plain.run_old("program")) == "1 1 0 1 1\n"
    assert succeeded(plain.run_old("program", env={"LD_BIND_NOW": "1"})) == "1 1 0 1 1\n"


@pytest.mark.parametrize("flags", [(), ("-static-libstdc++",)], ids=["shared", "static"])
def test_exceptions_and_exits_of_threads_pass_through_members(plain: Plain, flags: tuple[str, ...]) -> None:
    plain.repair(plain.build(plain.write("unwinding.cc", UNWINDING), *flags), embed=True)
    assert plain.runs("program") == "destroyed\n7\ndestroyed\nthrown\n"


def test_destructors_and_probes_are_as_with_the_library(plain: Plain) -> None:
    for name, text, said in (("destructor", DESTRUCTOR, "~7\njoined\n~1\n"), ("probes", PROBES, "1 0 0\n")):
        program = plain.build(plain.write(f"{name}.cc" if "thread_local" in text else f"{name}.c", text), output=name)
        repair([program], "2.17", plain.out, embed=True)
        assert succeeded(plain.run_old(name)) == said


def test_a_plug_in_stays_loaded_since_libc_may_know_its_members(plain: Plain) -> None:
    plugin = plain.build(plain.write("plugin.c", PLUGIN), mode="shared", output="plugin.so")
    plain.repair(plain.build(plain.write("host.c", HOST)), plugin, embed=True)
    assert plain.runs("program") == "42\n"
    flags = [dynamic_of(plain.out / name).value(DT_FLAGS_1) or 0 for name in ("plugin.so", "program")]
    assert [each & 8 for each in flags] == [8, 0]  # DF_1_NODELETE


@pytest.mark.parametrize("style", ["gnu", "sysv", "both"])
@pytest.mark.parametrize("linker", LINKERS)
def test_a_library_is_found_by_its_hash_tables_as_before(plain: Plain, linker: str, style: str) -> None:
    library = plain.build(
        plain.write("many.c", MANY), f"-Wl,--hash-style={style}", "-Wl,-soname,libmany.so",
        linker=linker, mode="shared", output="libmany.so",
    )  # fmt: skip
    program = plain.build(plain.write("caller.c", CALLER), library, "-Wl,-rpath,$ORIGIN")
    plain.repair(program, library, embed=True)
    assert plain.runs("program") == "1 5 9 10\n"
    assert run(["readelf", "-aDW", plain.out / "libmany.so"]).stderr == run(["readelf", "-aDW", library]).stderr


@pytest.mark.parametrize("mode", ["pie", "exec"])
def test_a_variable_that_the_program_copies_is_its_own(plain: Plain, mode: str) -> None:
    plain.repair(plain.build(plain.write("data.c", SHARED_DATA), mode=mode), embed=True)
    assert plain.runs("program") == "1\n"


def test_a_member_that_cannot_be_embedded_is_named(plain: Plain) -> None:
    outcome = repair([plain.build(plain.write("tree.c", TREE))], "2.17", plain.out, embed=True)
    assert outcome.exit_status == 1 and "twalk_r" in outcome.files[0].reason and not plain.out.exists()


def test_files_of_other_architectures_are_refused_in_one_line(plain: Plain) -> None:
    compiler = need_tool("i686-linux-gnu-gcc")
    source, program = plain.write("cross.c", CROSS), plain.folder / "program"
    succeeded(run([compiler, "-O1", source, "-o", program]))
    outcome = repair([program], "2.17", plain.out, embed=True)
    assert outcome.exit_status == 1 and "cannot be embedded in files of i386" in outcome.files[0].reason


@pytest.mark.parametrize("mode", ["pie", "exec"])
def test_members_are_embedded_on_aarch64(emulated: Emulated, mode: str) -> None:  # noqa: F811
    program = emulated.build(CROSS, mode=mode)
    outcome = repair([program], "2.17", emulated.folder / "out", embed=True)
    assert outcome.exit_status == 0, [(file.reason, file.decisions) for file in outcome.files]
    assert [path.name for path in (emulated.folder / "out").iterdir()] == ["program"]
    command: list[Word] = [need_tool("qemu-aarch64"), "-L", emulated.root, emulated.folder / "out/program"]
    environments: tuple[dict[str, str], ...] = ({}, {"LD_BIND_NOW": "1"})
    for environment in environments:
        assert succeeded(run(command, environment)) == "1 1 0 1 1\n"


def test_changed_copies_of_a_file_raise_nothing(plain: Plain) -> None:
    whole = plain.build(plain.write("cross.c", CROSS)).read_bytes()
    maps = default_maps()
    batch = Batch(Settings(maps.target("2.17"), maps, embeds=True))
    statuses: set[str] = set()
    for seed in range(120):
        member = Member(str(plain.out / "file"), mutated(whole, seed), "file", str(plain.out), True)
        statuses.update(result.file.status for result in batch.repair([member]))
    assert statuses >= {"repaired", "error", "refused"} and not Path(plain.out).exists()
