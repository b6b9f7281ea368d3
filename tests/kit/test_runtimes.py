"""The compiler's runtime libraries in pinned programs and libraries: static, hidden, and shared on request."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from pinning import CCS, LINKERS, Pinned, dynamic_of, run, symver_pin_command
from symver_pin.verifier.run import verify

EVERY_CC = pytest.mark.parametrize("cc", CCS)
EVERY_LINK = pytest.mark.parametrize("linker", LINKERS)

PARTS = {"regex": "17", "async": "5", "time": "2", "failure": "failure", "locale": "1.5 true"}
"""The parts of programs/runtime_plugin.cc, and what each returns."""

WAYS = [(cc, linker, "") for cc in CCS for linker in LINKERS]
WAYS += [("gcc", "bfd", "-flto=auto"), ("gcc", "gold", "-flto=auto"), ("clang", "lld", "-flto")]
"""Compiler, linker and option. Of bytecode each linker reads what its plug-ins know: lld none of GCC's."""


OF_THE_LIBRARY = frozenset(
    {
        "__cxa_begin_catch",
        "__cxa_throw",
        "__gxx_personality_v0",
        "_ZNSt6locale7classicEv",
        "_ZNSt6thread4joinEv",
        "_ZNSt8ios_base4InitC1Ev",
        "_ZSt9terminatev",
    }
)
"""Symbols of libstdc++ that no program defines. Instances of templates are a program's own, and exported as always."""


def runtime_exports(file: Path) -> frozenset[str]:
    """Those of ``OF_THE_LIBRARY`` that a file exports."""
    return OF_THE_LIBRARY & {symbol.name for symbol in dynamic_of(file).symbols if symbol.defined}


def links_plainly(pinned: Pinned, cc: str, linker: str, flags: list[str]) -> bool:
    """True if the C++ compiler links the plug-in without a kit. gold fails with the plug-in of GCC 16."""
    driver = need_tool({"gcc": "g++", "clang": "clang++"}[cc])
    words = ("-O1", "-shared", "-fPIC", "-static-libstdc++", f"-fuse-ld={linker}", "-o", pinned.folder / "plain.so")
    return run([driver, *words, pinned.source("runtime_plugin.cc"), *flags]).returncode == 0


@pytest.mark.parametrize(("cc", "linker", "flag"), WAYS)
@pytest.mark.parametrize("part", PARTS)
def test_a_plug_in_uses_its_own_libstdcxx_beside_an_older_one(
    pinned: Pinned, root217: Path, cc: str, linker: str, flag: str, part: str
) -> None:
    flags = [f"-DPART_{part}", *([flag] if flag else [])]
    if linker == "gold" and flag and not links_plainly(pinned, cc, linker, flags):
        pytest.skip("gold cannot link this with link-time optimisation by the machine's compiler alone")
    plugin = pinned.link("runtime_plugin.cc", *flags, cc=cc, linker=linker, mode="shared", output="plugin.so")
    assert not runtime_exports(plugin)
    host = pinned.link("plugin_host.c", "-ldl", output="host")
    assert pinned.run_here(host, "./plugin.so") == f"{PARTS[part]}\n"
    assert pinned.run_old(host, "./plugin.so", libraries=[plugin]) == f"{PARTS[part]}\n"
    older = (root217 / "lib" / "libstdc++.so.6").resolve()
    assert pinned.run_old(host, "./plugin.so", f"./{older.name}", libraries=[plugin, older]) == f"{PARTS[part]}\n"


@EVERY_LINK
def test_a_program_with_rdynamic_does_not_export_its_libstdcxx(pinned: Pinned, linker: str) -> None:
    program = pinned.link("matrix.cc", "-rdynamic", linker=linker)
    assert not runtime_exports(program)
    pinned.runs(program)


def test_the_verifier_says_that_a_library_exports_its_static_libstdcxx(pinned: Pinned) -> None:
    source = pinned.source("runtime_plugin.cc")
    exporting = pinned.folder / "exporting.so"
    succeeded(run([need_tool("g++"), "-shared", "-fPIC", "-static-libstdc++", "-DPART_regex", source, "-o", exporting]))
    assert {"__cxa_throw", "_ZSt9terminatev", "_ZNSt6locale7classicEv"} <= runtime_exports(exporting)
    hidden = pinned.link(source, "-DPART_regex", mode="shared", output="hidden.so")
    kinds = {
        file.path: {finding.kind for finding in file.findings} for file in verify([exporting, hidden], "2.17").files
    }
    assert "exported-runtime" in kinds[str(exporting)]
    assert "exported-runtime" not in kinds[str(hidden)]


OPENMP = """
#include <omp.h>
#include <stdio.h>
int main(void) {
    long sum = 0;
    int threads = 0;
    #pragma omp parallel reduction(+ : sum) num_threads(3)
    {
        #pragma omp single
        threads = omp_get_num_threads();
        #pragma omp for
        for (int i = 1; i <= 1000; ++i) sum += i;
    }
    printf("%ld %d\\n", sum, threads);
    return 0;
}
"""


@EVERY_LINK
def test_openmp_is_linked_statically_into_a_program(pinned: Pinned, linker: str) -> None:
    program = pinned.link(pinned.write("sum.c", OPENMP), "-fopenmp", linker=linker)
    assert not [name for name in dynamic_of(program).needed if "gomp" in name]
    assert pinned.runs(program) == "500500 3\n"


def test_a_library_with_openmp_names_the_shared_one_and_the_verifier_its_release(pinned: Pinned) -> None:
    source = pinned.write("sum.c", OPENMP.replace("main(void)", "sum(void)"))
    library = pinned.link(source, "-fopenmp", mode="shared", output="libsum.so")
    assert "libgomp.so.1" in dynamic_of(library).needed
    (file,) = verify([library], "rhel7").files
    (finding,) = [finding for finding in file.findings if finding.kind == "missing-version"]
    assert (finding.library, finding.version) == ("libgomp.so.1", "GOMP_4.0")
    assert verify([library], "debian8").exit_status == 0  # GCC 4.9


def test_a_shared_openmp_is_that_of_the_target(pinned: Pinned) -> None:
    shared = {"SYMVER_PIN_RUNTIME_LIBS": "shared"}
    old = pinned.write("old.c", "#include <omp.h>\nint main(void) { return omp_get_max_threads() < 1; }\n")
    program = pinned.link(old, "-fopenmp", env=shared)
    assert "libgomp.so.1" in dynamic_of(program).needed
    done = pinned.try_link(pinned.write("sum.c", OPENMP), "-fopenmp", env=shared)
    assert done.returncode != 0 and "GOMP_parallel" in done.stderr  # 4.9


FORTRAN = """
program main
  implicit none
  real(8) :: x
  real(16) :: q
  integer :: i
  character(len=20) :: word
  x = 0
  do i = 1, 10
    x = x + sqrt(real(i, 8))
  end do
  q = 2.0_16
  write (word, '(f8.4)') x
  print '(a, f8.4)', trim(word), sqrt(q)
end program
"""


@EVERY_LINK
@pytest.mark.parametrize("how", ["fc", "cc"])
def test_a_fortran_program_runs_on_the_target(pinned: Pinned, linker: str, how: str) -> None:
    need_tool("gfortran")
    source = pinned.write("main.f90", FORTRAN)
    if how == "fc":
        succeeded(pinned.driver([source, f"-fuse-ld={linker}", "-o", "program"], driver="fc"))
    else:
        words = ("cc", "--glibc", "2.17", "--cc", "gfortran", source, f"-fuse-ld={linker}")
        succeeded(symver_pin_command(*words, "-o", pinned.folder / "program"))
    program = pinned.folder / "program"
    assert not [name for name in dynamic_of(program).needed if "gfortran" in name or "quadmath" in name]
    assert verify([program], "rhel7").exit_status == 0
    assert pinned.runs(program) == " 22.4683  1.4142\n"


def test_the_shared_fortran_library_of_a_later_gcc_is_reported(pinned: Pinned) -> None:
    program = pinned.folder / "program"
    succeeded(run([need_tool("gfortran"), pinned.write("main.f90", FORTRAN), "-o", program]))
    (file,) = verify([program], "rhel7").files
    assert "GFORTRAN_8" in {finding.version for finding in file.findings if finding.library == "libgfortran.so.5"}
    ids = {platform.id for platform in file.runs_on}
    assert "rhel7" not in ids and "debian12" in ids


ATOMIC = """
#include <stdatomic.h>
#include <stdio.h>
struct wide { long a, b, c; };
_Atomic struct wide shared;
int main(void) {
    struct wide value = {1, 2, 3};
    atomic_store(&shared, value);
    value = atomic_load(&shared);
    printf("%ld\\n", value.a + value.b + value.c);
    return 0;
}
"""


@EVERY_CC
@EVERY_LINK
def test_libatomic_is_linked_statically(pinned: Pinned, cc: str, linker: str) -> None:
    program = pinned.link(pinned.write("atomic.c", ATOMIC), "-w", "-latomic", cc=cc, linker=linker)
    assert "libatomic.so.1" not in dynamic_of(program).needed
    assert pinned.runs(program) == "6\n"


OBJECTIVE_C = """
#include <stdio.h>
#include <objc/objc.h>
@interface Counter { id isa; }
+ (int) next;
@end
static int count;
@implementation Counter
+ (int) next { return ++count; }
@end
int main(void) { [Counter next]; printf("%d\\n", [Counter next]); return 0; }
"""


@EVERY_LINK
def test_an_objective_c_program_runs_on_the_target(pinned: Pinned, linker: str) -> None:
    program = pinned.link(pinned.write("main.m", OBJECTIVE_C), "-w", "-lobjc", linker=linker)
    assert not [name for name in dynamic_of(program).needed if "objc" in name]
    assert pinned.runs(program) == "2\n"


def test_an_unknown_value_of_a_variable_is_refused(pinned: Pinned) -> None:
    for name in ("SYMVER_PIN_RUNTIME_LIBS", "SYMVER_PIN_LIBSTDCXX"):
        done = pinned.try_link("plain.c", "-lm", env={name: "Shared"})
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert f"{name}=Shared" in done.stderr
