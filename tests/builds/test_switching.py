"""Another target in the same build folder: the build system builds again, or something stops; nothing is mixed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import Completed, need_tool, succeeded
from pinning import check_fits, dynamic_of

from .conftest import Shell, copy_project

NEW, OLD = "2.36", "2.17"


def needs_new_threads(program: Path) -> bool:
    """True for a program that was linked for 2.34 or newer, where pthread_create is in libc."""
    return any(need.version == "GLIBC_2.34" for need in dynamic_of(program).needs)


def refused(done: Completed) -> bool:
    """True if a wrapper stopped because the environment is for another target."""
    return done.returncode != 0 and "this environment builds for glibc" in done.stdout + done.stderr


def test_go_builds_again(tmp_path: Path, shell: Shell) -> None:
    need_tool("go")
    project = copy_project("go", tmp_path / "go")
    for glibc, is_new in ((NEW, True), (OLD, False), (NEW, True), (OLD, False)):
        succeeded(shell(f"symver-pin run --glibc {glibc} -- go build -o hello .", project))
        assert needs_new_threads(project / "hello") == is_new
    check_fits(project / "hello")


def test_go_is_not_served_from_its_cache_for_kits_of_one_target(tmp_path: Path, shell: Shell) -> None:
    """Two kits of one release differ in their compat objects only; the program links again all the same."""
    need_tool("go")
    project = copy_project("go", tmp_path / "go")
    main = (project / "main.go").read_text()
    (project / "main.go").write_text(main.replace("getentropy(bytes, sizeof bytes) || ", ""))
    for options in ("--no-compat", "", "--no-compat"):
        succeeded(shell(f"symver-pin run --glibc {OLD} {options} -- go build -o hello .", project))
        check_fits(project / "hello")
    (project / "main.go").write_text(main)
    done = shell(f"symver-pin run --glibc {OLD} --no-compat -- go build -o hello .", project)
    assert done.returncode != 0 and "getentropy" in done.stderr
    succeeded(shell(f"symver-pin run --glibc {OLD} -- go build -o hello .", project))
    done = shell(f"symver-pin run --glibc {OLD} --no-compat -- go build -o hello .", project)
    assert done.returncode != 0 and "getentropy" in done.stderr, "the program of the other kit was taken"


@pytest.mark.parametrize("first", ["-DCMAKE_TOOLCHAIN_FILE", "environment"])
def test_cmake_refuses_and_builds_again_when_the_folder_is_emptied(first: str, tmp_path: Path, shell: Shell) -> None:
    need_tool("cmake")
    project = copy_project("cmake", tmp_path / "cmake")

    def configure(glibc: str, *options: str) -> Completed:
        words = " ".join(options)
        if first == "environment":
            return shell(f"symver-pin run --glibc {glibc} -- cmake -S . -B build {words}", project)
        file = f"$(symver-pin kit --glibc {glibc})/toolchain.cmake"
        return shell(f"cmake -S . -B build -DCMAKE_TOOLCHAIN_FILE={file} {words}", project)

    succeeded(configure(NEW))
    succeeded(shell("cmake --build build", project))
    assert needs_new_threads(project / "build/hello")
    done = configure(OLD)
    assert done.returncode != 0 and "was configured with the kit" in " ".join(done.stderr.split())
    succeeded(configure(OLD, "--fresh"))
    done = shell("cmake --build build --clean-first", project)
    assert "was configured with the kit" in " ".join(done.stderr.split()), "the project inside of the project is new"
    shutil.rmtree(project / "build")
    succeeded(configure(OLD))
    succeeded(shell("cmake --build build", project))
    check_fits(project / "build/hello")


def test_a_cmake_folder_of_another_target_is_not_built_on(tmp_path: Path, shell: Shell) -> None:
    need_tool("cmake")
    project = copy_project("cmake", tmp_path / "cmake")
    succeeded(shell(f"symver-pin run --glibc {NEW} -- sh -c 'cmake -S . -B build && cmake --build build'", project))
    (project / "hello.c").touch()
    done = shell(f"symver-pin run --glibc {OLD} -- cmake --build build", project)
    assert done.returncode != 0, "hello was compiled with the kit of the other target"


def test_meson_keeps_its_compilers_which_stop(tmp_path: Path, shell: Shell) -> None:
    project = copy_project("meson", tmp_path / "meson")
    build = "sh -c 'meson setup {} build && meson compile -C build'"
    succeeded(shell(f"symver-pin run --glibc {NEW} -- {build.format('')}", project))
    (project / "hello.c").touch()
    assert refused(shell(f"symver-pin run --glibc {OLD} -- meson compile -C build", project))
    assert shell(f"symver-pin run --glibc {OLD} -- {build.format('--reconfigure')}", project).returncode != 0
    succeeded(shell(f"symver-pin run --glibc {OLD} -- {build.format('--wipe')}", project))
    check_fits(project / "build/hello")


def test_a_configured_folder_of_another_target_stops(tmp_path: Path, shell: Shell) -> None:
    need_tool("automake")
    project = copy_project("autoconf", tmp_path / "autoconf")
    succeeded(shell(f"autoreconf --install; symver-pin run --glibc {NEW} -- sh -c './configure && make'", project))
    (project / "hello.c").touch()
    assert refused(shell(f"symver-pin run --glibc {OLD} -- make", project))
    succeeded(shell(f"symver-pin run --glibc {OLD} --verify . -- sh -c './configure && make clean all'", project))


@pytest.mark.parametrize("launcher", ["", "ccache "])
def test_make_links_what_changed_and_verify_fails_for_what_it_kept(launcher: str, tmp_path: Path, shell: Shell) -> None:
    need_tool("ccache")
    project = tmp_path / "make"
    copy_project("make", project)
    (project / "Makefile").write_text(
        "CC ?= cc\nall: hello other\n%.o: %.c\n\t$(CC) -c -o $@ $<\nhello other: %: %.o\n\t$(CC) -o $@ $< -lm\n"
    )
    (project / "other.c").write_text((project / "hello.c").read_text())
    env = {"CCACHE_DIR": str(tmp_path / "ccache"), **({"SYMVER_PIN_CC": f"{launcher}gcc"} if launcher else {})}
    succeeded(shell(f"symver-pin run --glibc {NEW} --verify . -- make", project, env))
    (project / "hello.c").touch()
    done = shell(f"symver-pin run --glibc {OLD} --verify . -- make", project, env)
    assert done.returncode == 1 and "other: fails" in done.stderr.replace(": FAILS", ": fails").replace("./", "")
    check_fits(project / "hello")
    succeeded(shell(f"rm -f *.o hello other; symver-pin run --glibc {OLD} --verify . -- make", project, env))
    check_fits(project / "other")


def test_a_command_that_names_its_own_target_is_not_stopped(tmp_path: Path, shell: Shell) -> None:
    project = copy_project("make", tmp_path / "make")
    inner = f"symver-pin cc --glibc {NEW} -o new hello.c -lm"
    succeeded(shell(f"symver-pin run --glibc {OLD} -- sh -euc '{inner}; {inner}; $CC -o old hello.c -lm'", project))
    assert needs_new_threads(project / "new")
    check_fits(project / "old")
