"""Data objects and weak references: where a stub of the wrong shape links well and runs wrong."""

import pytest

from conftest import succeeded
from pinning import CCS, LINKERS, Pinned, dynamic_of, run

EVERY_LINK = pytest.mark.parametrize("linker", LINKERS)
EVERY_CC = pytest.mark.parametrize("cc", CCS)

OBJECTS_SAY = """\
environ is __environ: 1
environ is _environ: 1
timezone is __timezone: 1
daylight is __daylight: 1
tzname is __tzname: 1
program_invocation_short_name is __progname: 1
program_invocation_name is __progname_full: 1
environ moved: 1, has the new one: 1
libc sees ours: this 1
timezone 10800 ABC DEF 1
optarg value
optind 3 of 3
name program
stdout: 1
through stdout
"""


@EVERY_CC
@EVERY_LINK
@pytest.mark.parametrize("mode", ["pie", "exec"])
def test_a_program_and_libc_share_each_object_under_all_its_names(
    pinned: Pinned, cc: str, linker: str, mode: str
) -> None:
    program = pinned.link("objects.c", cc=cc, linker=linker, mode=mode)
    if mode == "exec":
        assert "R_X86_64_COPY" in succeeded(run(["readelf", "-Wr", program]))
    assert pinned.runs(program, "-a", "value") == OBJECTS_SAY


@EVERY_CC
@EVERY_LINK
@pytest.mark.parametrize("mode", ["pie", "exec"])
def test_weak_thread_functions_are_there_with_pthread(pinned: Pinned, cc: str, linker: str, mode: str) -> None:
    program = pinned.link("weak_threads.c", "-pthread", cc=cc, linker=linker, mode=mode)
    assert "libpthread.so.0" in dynamic_of(program).needed
    assert pinned.runs(program) == "a thread\n"


@EVERY_CC
@EVERY_LINK
def test_weak_thread_functions_are_absent_without_pthread(pinned: Pinned, cc: str, linker: str) -> None:
    program = pinned.link("weak_threads.c", cc=cc, linker=linker)
    is_named = "libpthread.so.0" in dynamic_of(program).needed
    # With weak symbols left to the loader, mold takes a weak reference for a use of the library.
    assert not is_named or linker == "mold"
    assert pinned.run_old(program) == ("a thread\n" if is_named else "no threads\n")
    pinned.run_here(program)


@EVERY_CC
@EVERY_LINK
@pytest.mark.parametrize("mode", ["pie", "exec"])
def test_a_weak_reference_to_a_younger_function_asks_for_no_version(
    pinned: Pinned, cc: str, linker: str, mode: str
) -> None:
    source = pinned.write(
        "weak.c",
        """
        #include <stdio.h>
        #pragma weak pidfd_open
        int pidfd_open(int, unsigned);
        int main(void) { puts(pidfd_open ? "new" : "old"); return 0; }
        """,
    )
    program = pinned.link(source, cc=cc, linker=linker, mode=mode)
    assert pinned.run_old(program) == "old\n"
    pinned.run_here(program)


@EVERY_LINK
def test_compat_objects_have_their_constants(pinned_undeclared: Pinned, linker: str) -> None:
    source = pinned_undeclared.write(
        "constants.c",
        """
        #include <math.h>
        #include <stdio.h>
        #include <string.h>
        double sinpi(double), exp2m1(double), log10p1(double);
        const char *sigabbrev_np(int), *strerrorname_np(int);
        int main(int count, char **words) {
            (void)words;
            printf("%.15g %.15g %.15g ", sinpi(count / 6.0), exp2m1(count + 0.5), log10p1(count + 8));
            printf("%s %s\\n", sigabbrev_np(count + 1), strerrorname_np(count));
            return 0;
        }
        """,
    )
    program = pinned_undeclared.link(source, "-lm", linker=linker)
    assert pinned_undeclared.run_old(program) == "0.5 1.82842712474619 1 INT EPERM\n"


@EVERY_LINK
def test_a_programs_own_function_goes_before_a_compat_object_of_that_name(
    pinned_undeclared: Pinned, linker: str
) -> None:
    # With mold, strlcpy and strlcat come in one object.
    program = pinned_undeclared.link("own_strlcpy.c", linker=linker)
    assert pinned_undeclared.runs(program) == ""
    assert succeeded(run(["nm", program])).count(" strlcat\n") == 1
