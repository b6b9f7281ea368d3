"""Every compiler with every linker makes programs and libraries that run on the real 2.17."""

import pytest

from pinning import CCS, LINKERS, Pinned, dynamic_of

EVERY_LINK = pytest.mark.parametrize("linker", LINKERS)
EVERY_CC = pytest.mark.parametrize("cc", CCS)
PROGRAM_MODES = pytest.mark.parametrize("mode", ["pie", "exec"])

CPP_SAYS = """\
constructed 1
main 2 one argument value of env 1
caught deep
ended 36
0 = thread 0
1 = thread 1
2 = thread 2
timed out 1
sum 42
thread_local destructor 99
atexit
static destructor 1
"""

GREETER_SAYS = """\
hello world
hello again
42 42
library destructor 1
"""

LTO = [("gcc", "bfd"), ("gcc", "gold"), ("gcc", "mold"), ("clang", "lld"), ("clang", "gold"), ("clang", "bfd")]
"""GCC's LTO needs a linker with plugins (lld has none); clang's is lld's own, and a plugin in the GNU linkers."""


def check_cpp(pinned: Pinned, cc: str, linker: str, mode: str, *flags: str) -> None:
    program = pinned.link("matrix.cc", "-std=c++17", *flags, cc=cc, linker=linker, mode=mode)
    needed = dynamic_of(program).needed
    assert "libpthread.so.0" in needed
    assert "libstdc++.so.6" not in needed
    assert pinned.runs(program, "one argument", env={"PINNED": "value of env"}) == CPP_SAYS


@EVERY_CC
@EVERY_LINK
@PROGRAM_MODES
def test_a_cpp_program_does_all_it_does_on_the_build_machine(pinned: Pinned, cc: str, linker: str, mode: str) -> None:
    check_cpp(pinned, cc, linker, mode)


@EVERY_CC
@EVERY_LINK
@PROGRAM_MODES
def test_a_c_library_works_linked_and_opened(pinned: Pinned, cc: str, linker: str, mode: str) -> None:
    named = "-Wl,-soname,libgreet.so"
    library = pinned.link("greet.c", named, cc=cc, linker=linker, mode="shared", output="libgreet.so")
    assert "libpthread.so.0" in dynamic_of(library).needed
    program = pinned.link("greeter.c", "-L.", "-lgreet", cc=cc, linker=linker, mode=mode)
    assert "libdl.so.2" in dynamic_of(program).needed
    assert pinned.runs(program, "world", libraries=[library]) == GREETER_SAYS


@pytest.mark.parametrize(("cc", "linker"), LTO)
@PROGRAM_MODES
def test_link_time_optimised_programs_run(pinned: Pinned, cc: str, linker: str, mode: str) -> None:
    check_cpp(pinned, cc, linker, mode, "-flto")


@pytest.mark.parametrize(("cc", "linker"), LTO)
def test_a_link_time_optimised_library_works(pinned: Pinned, cc: str, linker: str) -> None:
    flags = ("-flto", "-Wl,-soname,libgreet.so")
    library = pinned.link("greet.c", *flags, cc=cc, linker=linker, mode="shared", output="libgreet.so")
    program = pinned.link("greeter.c", "-flto", "-L.", "-lgreet", cc=cc, linker=linker)
    assert pinned.runs(program, "world", libraries=[library]) == GREETER_SAYS
