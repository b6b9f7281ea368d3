"""Each member does what libc's own function does, on the host and on a real glibc 2.17.

One program a family checks itself: first with the functions of a new glibc (so the expectations are real), then with
the compat archive on the host's glibc, then with the archive on 2.17, where libc has none of these functions. The last
two also play a kernel without the younger system calls.
"""

import subprocess
from pathlib import Path

import pytest

import runtimes
from conftest import RunOn217, need_root, succeeded
from symver_pin.compat.archive import build_archive

from .conftest import OLD_VERSIONS, PROGRAMS, X86_64, Archive, LinkOn

FAMILIES = sorted(path.name for path in PROGRAMS.iterdir() if path.suffix in (".c", ".cc"))

REAL = {"termios.c": "2.36", "finite.c": "2.17"}
"""Whose functions the expectations are checked against; speeds are codes only for headers and libc before 2.42, and the
``_finite`` names can be linked with up to 2.30."""
NEWEST = "2.43"

ON_OLD_KERNELS = ("fallbacks",)


@pytest.mark.parametrize("family", FAMILIES)
def test_libc_itself_meets_the_expectations(family: str, link_on: LinkOn) -> None:
    release = REAL.get(family, NEWEST)
    program = link_on(release, PROGRAMS / family, None)
    arguments = ON_OLD_KERNELS if family == "startup.c" else ()
    assert succeeded(runtimes.run_in_root(need_root(release), program, arguments)) == ""


@pytest.mark.parametrize("mode", ["pie", "exec"])
@pytest.mark.parametrize("cc", ["gcc", "clang"])
@pytest.mark.parametrize("family", FAMILIES)
def test_members_do_the_same_on_the_host_and_on_217(
    family: str, cc: str, mode: str, archive: Archive, link_on: LinkOn, run_on_217: RunOn217, tmp_path: Path
) -> None:
    program = link_on("2.17", PROGRAMS / family, archive(cc), cc=cc, mode=mode)
    on_host = subprocess.run([program, *ON_OLD_KERNELS], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert succeeded(on_host) == ""
    assert succeeded(run_on_217(program, *ON_OLD_KERNELS)) == ""


@pytest.mark.parametrize("mode", ["pie", "exec"])
def test_a_start_file_of_an_older_host_runs_everything_once_too(
    mode: str, archive: Archive, link_on: LinkOn, run_on_217: RunOn217
) -> None:
    flags = ("-DOLD_START", "-Wl,-e,old_start")
    program = link_on("2.17", PROGRAMS / "startup.c", archive(), *flags, mode=mode)
    assert succeeded(subprocess.run([program, *ON_OLD_KERNELS], capture_output=True, text=True)) == ""
    assert succeeded(run_on_217(program, *ON_OLD_KERNELS)) == ""


LIBRARY = """
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
extern int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);
extern void *__dso_handle __attribute__((visibility("hidden")));
static void say(void *text) { write(1, text, 1); }
static void leave(void) { say("a"); }
static void in_child(void) { say("f"); }
__attribute__((constructor)) static void enter(void) { say("c"); }
__attribute__((destructor)) static void end(void) { say("d"); }
void use(void) { atexit(leave); pthread_atfork(0, 0, in_child); }
void use_thread_local(void) { __cxa_thread_atexit_impl(say, "t", &__dso_handle); }
"""

LOADER = """
#include <dlfcn.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>
static void *run(void *function) { ((void (*)(void))function)(); return 0; }
int main(int count, char **arguments)
{
    void *library = dlopen(arguments[1], RTLD_NOW);
    pthread_t thread;
    if (!library)
        return 1;
    if (count > 2) {
        pthread_create(&thread, 0, run, dlsym(library, "use_thread_local"));
        pthread_join(thread, 0);
        run(dlsym(library, "use_thread_local"));
    } else
        run(dlsym(library, "use"));
    dlclose(library);
    write(1, "|", 1);
    if (fork() == 0)
        _exit(0);
    wait(0);
    return 0;
}
"""


@pytest.fixture
def loader_and_library(archive: Archive, link_on: LinkOn, tmp_path: Path) -> tuple[Path, Path]:
    for name, text in (("library.c", LIBRARY), ("loader.c", LOADER)):
        (tmp_path / name).write_text(text)
    library = link_on("2.17", tmp_path / "library.c", archive(), mode="shared", name="library.so")
    return link_on("2.17", tmp_path / "loader.c", archive(), name="loader"), library


def test_dlclose_runs_and_forgets_what_the_library_registered(
    loader_and_library: tuple[Path, Path], run_on_217: RunOn217
) -> None:
    loader, library = loader_and_library
    assert succeeded(subprocess.run([loader, library], capture_output=True, text=True)) == "cda|"
    assert succeeded(run_on_217(loader, "./library.so", extra_files=[library])) == "cda|"


def test_a_library_with_a_pending_thread_local_destructor_stays_until_it_ran(
    loader_and_library: tuple[Path, Path], run_on_217: RunOn217
) -> None:
    loader, library = loader_and_library
    # A thread's runs when the thread ends, the main thread's at exit; the library is not unmapped before.
    assert succeeded(subprocess.run([loader, library, "t"], capture_output=True, text=True)) == "ct|td"
    assert succeeded(run_on_217(loader, "./library.so", "t", extra_files=[library])) == "ct|td"


def test_speeds_are_rates_for_a_program_compiled_with_headers_that_say_so(
    link_on: LinkOn, run_on_217: RunOn217, tmp_path: Path
) -> None:
    # The one change of the 2.42 headers that counts here, laid over the host's own.
    headers = tmp_path / "include"
    headers.mkdir()
    (headers / "termios.h").write_text(
        "#include_next <termios.h>\n"
        + "".join(f"#undef B{rate}\n#define B{rate} {rate}\n" for rate in (134, 9600, 115200, 4000000))
    )
    overlay = ("-isystem", str(headers))
    built = tmp_path / "rates.a"
    build_archive(["gcc", *overlay], X86_64, 17, OLD_VERSIONS, built)
    program = link_on("2.17", PROGRAMS / "termios.c", built, *overlay)
    assert succeeded(subprocess.run([program, *ON_OLD_KERNELS], capture_output=True, text=True)) == ""
    assert succeeded(run_on_217(program, *ON_OLD_KERNELS)) == ""
