"""The CMake module: single targets of a project are pinned, verified after each link, and run on glibc 2.17."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import RunOn217, need_tool, succeeded
from pinning import COMMAND, IMPORTABLE, check_fits, dynamic_of, run, symver_pin_command

PROJECT = """\
cmake_minimum_required(VERSION 3.21)
project(demo C CXX)
find_package(SymverPin REQUIRED)
add_library(inner STATIC inner.cc)
set_target_properties(inner PROPERTIES POSITION_INDEPENDENT_CODE ON)
add_executable(app app.c)
add_executable(plain app.c)
add_library(plugin MODULE plugin.cc)
target_link_libraries(plugin PRIVATE inner)
symver_pin_target(app plugin GLIBC 2.17 POLICY manylinux_2_17)
"""
APP = """\
#include <pthread.h>
#include <stdio.h>
static int ready;
__attribute__((constructor)) static void prepare(void) { ready = 1; }
static void *work(void *number) { *(int *)number = 36; return NULL; }
int main(void) {
    int number = 0;
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, &number) || pthread_join(thread, NULL)) return 1;
    return printf("hello %d %d\\n", number, ready) < 0;
}
"""
SOURCES = {
    "CMakeLists.txt": PROJECT,
    "app.c": APP,
    "inner.cc": "#include <string>\nstd::string inner(int n) { return std::to_string(n); }\n",
    "plugin.cc": '#include <string>\nstd::string inner(int);\nextern "C" int size(int n) { return inner(n).size(); }\n',
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's folder, with a command `symver-pin`."""
    for name, text in SOURCES.items():
        (tmp_path / name).write_text(text)
    command = tmp_path / "symver-pin"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={IMPORTABLE["PYTHONPATH"]} exec {" ".join(COMMAND)} "$@"\n')
    command.chmod(0o755)
    return tmp_path


def configure(project: Path, *words: str, generator: str = "Unix Makefiles") -> str:
    folder = succeeded(symver_pin_command("cmake-dir")).strip()
    fixed = (f"-DSymverPin_DIR={folder}", f"-DSYMVER_PIN_COMMAND={project}/symver-pin", "-G", generator)
    done = run([need_tool("cmake"), "-S", project, "-B", project / "build", *fixed, *words])
    return done.stdout + done.stderr if done.returncode == 0 else f"failed: {' '.join(done.stderr.split())}"


def build(project: Path) -> tuple[int, str]:
    done = run(["cmake", "--build", project / "build"])
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("generator", ["Unix Makefiles", "Ninja"])
def test_targets_that_are_named_are_pinned_and_others_are_not(
    generator: str, project: Path, run_on_217: RunOn217
) -> None:
    assert not configure(project, generator=generator).startswith("failed")
    status, said = build(project)
    assert status == 0, said
    assert "app: ok on glibc 2.17" in said and "libplugin.so: ok on glibc 2.17" in said
    check_fits(project / "build/app")
    check_fits(project / "build/libplugin.so")
    assert succeeded(run_on_217(project / "build/app")) == "hello 36 1\n"
    assert "libpthread.so.0" in dynamic_of(project / "build/app").needed
    assert "libpthread.so.0" not in dynamic_of(project / "build/plain").needed
    # the runtime of C++ is inside of the plug-in: also that of the static library of another target
    assert "libstdc++.so.6" not in dynamic_of(project / "build/libplugin.so").needed


def test_a_program_that_violates_the_policy_ends_the_build(project: Path) -> None:
    policy = project / "no-threads.toml"
    policy.write_text('deny-lib = ["libpthread.so.0"]\n')
    (project / "CMakeLists.txt").write_text(PROJECT.replace("manylinux_2_17", str(policy)))
    assert not configure(project).startswith("failed")
    status, said = build(project)
    assert status != 0 and "forbids libpthread.so.0" in said
    assert not (project / "build/app").exists(), "make keeps no target whose last command failed"


@pytest.mark.parametrize(
    ("last", "message"),
    [
        ("symver_pin_target(inner GLIBC 2.17)", "inner is a STATIC_LIBRARY, which is not linked"),
        ("symver_pin_target(nothing GLIBC 2.17)", "nothing is not a target"),
        ("symver_pin_target(GLIBC 2.17)", "no target is named"),
        ("symver_pin_target(app GLIBC 9.99)", "symver-pin made no kit for 9.99"),
    ],
)
def test_a_wrong_call_is_refused_with_the_reason(last: str, message: str, project: Path) -> None:
    (project / "CMakeLists.txt").write_text(f"{PROJECT}{last}\n")
    assert message in configure(project)


def test_without_the_command_the_package_is_not_found(project: Path) -> None:
    assert "symver-pin is not on PATH" in configure(project, "-DSYMVER_PIN_COMMAND=SYMVER_PIN_COMMAND-NOTFOUND")
