"""Make, a configure script and CMake take the wrappers for compilers."""

import shlex
from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from pinning import CCS, COMMAND, IMPORTABLE, Pinned, check_fits, dynamic_of, run

LIBRARY = "#include <math.h>\ndouble squared(double x) { return pow(x, 2); }\n"
PROGRAM = """\
#include <pthread.h>
#include <stdio.h>
double squared(double x);
static void *work(void *x) { *(double *)x = squared(*(double *)x); return x; }
int main(int argc, char **argv) {
    double x = argc + 5;
    pthread_t thread;
    (void)argv;
    if (pthread_create(&thread, NULL, work, &x) || pthread_join(thread, NULL)) return 1;
    printf("%g\\n", x);
    return 0;
}
"""

MAKEFILE = """\
CFLAGS = -O1 -Wall -Werror
LDLIBS = -lm
app: app.o libsquare.a
libsquare.a: libsquare.a(square.o)
"""

CONFIGURE = """\
set -e
CC=${CC-cc}
printf 'int main(void) { return 0; }\\n' > conftest.c
$CC -o conftest conftest.c
./conftest
printf '#include <stdio.h>\\n' > conftest.c
$CC -E conftest.c > conftest.i
for function in pow pthread_create reallocarray _Fork; do
  printf 'char %s(void); int main(void) { return %s(); }\\n' $function $function > conftest.c
  if $CC -o conftest conftest.c -lm 2> conftest.err; then found=yes; else found=no; fi
  printf '%s %s\\n' $function $found
done
"""

CMAKE = """\
cmake_minimum_required(VERSION 3.10)
project(square C CXX)
find_library(MATHS m REQUIRED)
find_package(Threads REQUIRED)
message(STATUS "found ${MATHS}")
add_library(square SHARED square.c)
target_link_libraries(square ${MATHS})
add_executable(app app.c)
target_link_libraries(app square ${MATHS} Threads::Threads)
"""


@pytest.fixture
def project(pinned: Pinned) -> Path:
    """A folder with the sources of a library and a program."""
    pinned.write("square.c", LIBRARY)
    pinned.write("app.c", PROGRAM)
    return pinned.folder


def command(cc: str, cache: Path) -> str:
    """`symver-pin cc` as a value of CC, from any directory."""
    return shlex.join(["env", f"SYMVER_PIN_CACHE={cache}", *COMMAND, "cc", "--glibc", "2.17", f"--cc={cc}"])


@pytest.mark.parametrize("cc", CCS)
@pytest.mark.parametrize("kind", ["wrapper", "command"])
def test_make(pinned: Pinned, project: Path, cc: str, kind: str) -> None:
    need_tool("make")
    pinned.write("Makefile", MAKEFILE)
    kit = pinned.kits(cc)
    compiler = str(kit / "bin" / "cc") if kind == "wrapper" else command(cc, kit.parents[1])
    succeeded(run(["make", f"CC={compiler}"], IMPORTABLE, cwd=project))
    check_fits(project / "app")
    assert pinned.runs(project / "app") == "36\n"


@pytest.mark.parametrize("cc", CCS)
def test_a_configure_script_finds_what_the_target_has(pinned: Pinned, cc: str) -> None:
    script = pinned.write("configure", CONFIGURE)
    said = succeeded(run(["sh", script], {"CC": str(pinned.kits(cc) / "bin" / "cc")}, cwd=pinned.folder))
    assert said == "pow yes\npthread_create yes\nreallocarray yes\n_Fork no\n"


@pytest.mark.parametrize("cc", CCS)
def test_cmake(pinned: Pinned, project: Path, cc: str) -> None:
    need_tool("cmake")
    pinned.write("CMakeLists.txt", CMAKE)
    drivers = pinned.kits(cc) / "bin"
    configure = ["cmake", "-S", ".", "-B", "build", f"-DCMAKE_C_COMPILER={drivers}/cc"]
    said = succeeded(run([*configure, f"-DCMAKE_CXX_COMPILER={drivers}/c++"], cwd=project))
    assert "found /usr/lib" in said, "CMake names libm by its full path, or this test proves less than it says"
    succeeded(run(["cmake", "--build", "build"], cwd=project))
    library, program = project / "build" / "libsquare.so", project / "build" / "app"
    for file in (library, program):
        check_fits(file)
    assert "libpthread.so.0" in dynamic_of(program).needed
    old = pinned.run_on_217(program, extra_files=[library])
    assert succeeded(old) == succeeded(run([program])) == "36\n"
