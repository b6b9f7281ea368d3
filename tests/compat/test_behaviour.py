"""Each member does what libc's own function does, on the host and on a real glibc 2.17.

One program a family checks itself: first with the functions of a new glibc (so the expectations are real), then with
the compat archive on the host's glibc, then with the archive on 2.17, where libc has none of these functions. The last
two also play a kernel without the younger system calls.
"""

import platform
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

import rootrun
from conftest import RunOn217, need_root, succeeded
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import Release

from .circumstances import programs_in
from .conftest import OLD_VERSIONS, PROGRAMS, X86_64, Archive, LinkOn, build_archive

FAMILIES = sorted(path.name for path in PROGRAMS.iterdir() if path.suffix in (".c", ".cc"))

REAL = {"termios.c": "2.36", "finite.c": "2.17", "crypt.c": "2.17"}
"""Whose functions the expectations are checked against; speeds are codes only for headers and libc before 2.42, the
``_finite`` names can be linked with up to 2.30, and encrypt_r up to 2.27."""
NEWEST = "2.43"

ON_OLD_KERNELS = ("fallbacks",)

LOCALE = Path("/usr/lib/locale/C.utf8/LC_CTYPE")
"""A locale of this machine in UTF-8; the roots have none. Its format is read by every glibc since 2.12."""

FILES = {"uchar.c": (LOCALE,)}
"""What a program wants beside itself where it runs."""


@pytest.mark.parametrize("family", programs_in("real"))
def test_libc_itself_meets_the_expectations(family: str, link_on: LinkOn) -> None:
    if family == "termios.c" and default_maps().target(platform.libc_ver()[1]).glibc >= Release(2, 42):
        pytest.skip(
            "in this machine's headers speeds are plain numbers: no libc before 2.42 takes them, none after it "
            "refuses any"
        )
    release = REAL.get(family, NEWEST)
    program = link_on(release, PROGRAMS / family, None)
    arguments = ON_OLD_KERNELS if family == "startup.c" else ()
    files = FILES.get(family, ())
    assert succeeded(rootrun.run_in_root(need_root(release), program, arguments, extra_files=files)) == ""


@pytest.mark.parametrize("mode", ["pie", "exec"])
@pytest.mark.parametrize("cc", ["gcc", "clang"])
@pytest.mark.parametrize("family", FAMILIES)
def test_members_do_the_same_on_the_host_and_on_217(
    family: str, cc: str, mode: str, archive: Archive, link_on: LinkOn, run_on_217: RunOn217, tmp_path: Path
) -> None:
    program = link_on("2.17", PROGRAMS / family, archive(cc), cc=cc, mode=mode)
    files = FILES.get(family, ())
    for file in files:
        shutil.copy(file, tmp_path)
    on_host = subprocess.run([program, *ON_OLD_KERNELS], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert succeeded(on_host) == ""
    assert succeeded(run_on_217(program, *ON_OLD_KERNELS, extra_files=files)) == ""


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


REGISTERING_PLUGIN = """
#include <unistd.h>
extern int registers(void (*)(void *), void *, void *);
extern void *__dso_handle __attribute__((visibility("hidden")));
static void say(void *text) { write(1, text, 1); }
void use_thread_local(void) { registers(say, "t", &__dso_handle); registers(say, "u", &__dso_handle); }
"""

REGISTERING_PROGRAM = """
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>
extern int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);
int registers(void (*destroy)(void *), void *object, void *dso)
{
    return __cxa_thread_atexit_impl(destroy, object, dso);
}
static pthread_barrier_t barrier;
static void *run(void *function)
{
    ((void (*)(void))function)();
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return 0;
}
int main(int count, char **arguments)
{
    pthread_t thread;
    void *library = dlopen(arguments[count - 1], RTLD_NOW);
    if (!library)
        return 1;
    pthread_barrier_init(&barrier, 0, 2);
    pthread_create(&thread, 0, run, dlsym(library, "use_thread_local"));
    pthread_barrier_wait(&barrier);
    dlclose(library);
    pthread_barrier_wait(&barrier);
    pthread_join(thread, 0);
    write(1, "|", 1);
    return 0;
}
"""


def test_a_library_that_registers_through_the_program_stays_until_its_destructors_ran(
    archive: Archive, link_on: LinkOn, run_on_217: RunOn217, tmp_path: Path
) -> None:
    # As a plug-in does that binds to the __cxa_thread_atexit of the program's own static libstdc++.
    (tmp_path / "plugin.c").write_text(REGISTERING_PLUGIN)
    (tmp_path / "program.c").write_text(REGISTERING_PROGRAM)
    plugin = link_on("2.17", tmp_path / "plugin.c", archive(), mode="shared", name="plugin.so")
    program = link_on("2.17", tmp_path / "program.c", archive(), "-rdynamic")
    assert succeeded(subprocess.run([program, plugin], capture_output=True, text=True)) == "ut|"
    assert succeeded(run_on_217(program, "./plugin.so", extra_files=[plugin])) == "ut|"


SPAWNING_LIBRARY = """
#include <spawn.h>
int spawn_there(pid_t *pid, posix_spawn_file_actions_t *actions, char **arguments)
{
    return posix_spawn(pid, "/proc/self/exe", actions, 0, arguments, arguments);
}
"""

SPAWNING = """
#include <dlfcn.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
int main(int count, char **arguments)
{
    char *child[] = {"self", 0}, directory[100];
    posix_spawn_file_actions_t actions;
    pid_t pid;
    if (count == 1)
        return puts(getcwd(directory, sizeof directory)) < 0;
    void *library = dlopen(arguments[1], RTLD_NOW);
    int (*spawn_there)(pid_t *, void *, char **) = dlsym(library, "spawn_there");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, "/proc");
    int error = spawn_there(&pid, &actions, child);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    if (error == 0)
        waitpid(pid, &status, 0);
    return error ? error : WEXITSTATUS(status);
}
"""


@pytest.mark.parametrize(("with_objects", "status", "said"), [(True, 0, "/proc\n"), (False, 127, "")])
def test_a_list_of_spawn_actions_is_carried_out_by_a_library_or_fails_there(
    with_objects: bool, status: int, said: str, archive: Archive, link_on: LinkOn, run_on_217: RunOn217, tmp_path: Path
) -> None:
    (tmp_path / "library.c").write_text(SPAWNING_LIBRARY)
    (tmp_path / "program.c").write_text(SPAWNING)
    own = archive() if with_objects else None
    library = link_on("2.17", tmp_path / "library.c", own, mode="shared", name="library.so")
    program = link_on("2.17", tmp_path / "program.c", archive())
    done = run_on_217(program, "./library.so", extra_files=[library])
    # Up to 2.23 libc's posix_spawn tells of no failure: the child ends with 127, here before it was another program.
    assert (done.returncode, done.stdout) == (status, said)
    # A newer libc knows the action itself.
    assert succeeded(subprocess.run([program, library], capture_output=True, text=True)) == "/proc\n"


PASSING_LIBRARY = 'void pass(void (*function)(void)) { function(); __asm__ volatile(""); }\n'

THROWING = """
#include <atomic>
#include <dlfcn.h>
#include <string>
#include <thread>
#include <vector>
static std::atomic<int> caught, failed, busy{4};
static void thrower() { throw 7; }
/* Every thread maps a library of its own, throws through its frames, and unmaps it, while the others do the same. */
static void with_library(int number) {
  const std::string name = "./passing" + std::to_string(number) + ".so";
  for (int i = 0; i < 100; ++i) {
    void *library = dlopen(name.c_str(), RTLD_NOW);
    auto pass = library ? reinterpret_cast<void (*)(void (*)())>(dlsym(library, "pass")) : nullptr;
    try {
      if (pass) pass(thrower);
      ++failed;
    } catch (int seven) {
      caught += seven == 7;
    }
    if (library) dlclose(library);
  }
  --busy;
}
static void without() {
  while (busy)
    try {
      thrower();
    } catch (int) {
    }
}
int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(with_library, i);
  for (int i = 0; i < 2; ++i) threads.emplace_back(without);
  for (auto &thread : threads) thread.join();
  return caught == 400 && failed == 0 ? 0 : 1;
}
"""


def test_exceptions_pass_through_libraries_that_come_and_go_in_several_threads(
    archive: Archive, link_on: LinkOn, run_on_217: RunOn217, tmp_path: Path
) -> None:
    (tmp_path / "passing.c").write_text(PASSING_LIBRARY)
    (tmp_path / "throwing.cc").write_text(THROWING)
    source = tmp_path / "passing.c"
    names = [f"passing{i}.so" for i in range(4)]
    flags = {name: ("-fexceptions", f"-Wl,-soname,{name}") for name in names}
    libraries = [link_on("2.17", source, archive(), *flags[name], mode="shared", name=name) for name in names]
    program = link_on("2.17", tmp_path / "throwing.cc", archive(), name="throwing")
    succeeded(subprocess.run([program], capture_output=True, text=True, cwd=tmp_path))
    succeeded(run_on_217(program, extra_files=libraries))


THROWING_IN_CHILDREN = """
#include <dlfcn.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>
static volatile bool stop;
static void (*pass)(void (*)());
static void thrower() { throw 7; }
static bool catches() {
  try {
    pass(thrower);
  } catch (int seven) {
    return seven == 7;
  }
  return false;
}
static void *run(void *) {
  while (!stop) catches();
  return nullptr;
}
int main() {
  void *library = dlopen("./passing.so", RTLD_NOW);
  if (!library) return 1;
  pass = reinterpret_cast<void (*)(void (*)())>(dlsym(library, "pass"));
  catches();
  pthread_t threads[3];
  for (auto &thread : threads) pthread_create(&thread, nullptr, run, nullptr);
  int failed = 0;
  for (int i = 0; i < 200 && !failed; ++i) {
    pid_t child = fork();
    if (child == 0) {
      alarm(5);
      _exit(!catches());
    }
    waitpid(child, &failed, 0);
  }
  stop = true;
  for (auto &thread : threads) pthread_join(thread, nullptr);
  return failed ? 2 : 0;
}
"""


def throwing_through_a_library(text: str, archive: Archive, link_on: LinkOn, folder: Path) -> tuple[Path, Path]:
    """A program with this text, and the library through which its exceptions pass."""
    (folder / "passing.c").write_text(PASSING_LIBRARY)
    (folder / "throwing.cc").write_text(text)
    library = link_on("2.17", folder / "passing.c", archive(), "-fexceptions", mode="shared", name="passing.so")
    return link_on("2.17", folder / "throwing.cc", archive(), name="throwing"), library


def test_a_forked_child_throws_through_a_library_that_other_threads_throw_through(
    archive: Archive, link_on: LinkOn, run_on_217: RunOn217, tmp_path: Path
) -> None:
    program, library = throwing_through_a_library(THROWING_IN_CHILDREN, archive, link_on, tmp_path)
    succeeded(subprocess.run([program], capture_output=True, text=True, cwd=tmp_path, timeout=60))
    succeeded(run_on_217(program, extra_files=[library]))


THROWING_THROUGH_A_NAMESPACE = """
#include <dlfcn.h>
static void thrower() { throw 7; }
int main() {
  void *library = dlmopen(LM_ID_NEWLM, "./passing.so", RTLD_NOW);
  if (!library) return 1;
  auto pass = reinterpret_cast<void (*)(void (*)())>(dlsym(library, "pass"));
  try {
    pass(thrower);
  } catch (int seven) {
    return seven == 7 ? 0 : 2;
  }
  return 3;
}
"""


@pytest.mark.parametrize("release", ["2.17", "2.43"])
def test_exceptions_pass_through_another_namespace_from_235_on(
    release: str, archive: Archive, link_on: LinkOn, tmp_path: Path
) -> None:
    program, library = throwing_through_a_library(THROWING_THROUGH_A_NAMESPACE, archive, link_on, tmp_path)
    done = rootrun.run_in_root(need_root(release), program, (), extra_files=[library])
    # An older libc has no function that finds the other namespace, for libgcc_s either: no handler is found.
    assert done.returncode == (-signal.SIGABRT if release == "2.17" else 0)


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
