"""A build that uses a function whose old version behaves differently gets a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from pinning import run, symver_pin_command

USES_GLOB = """
#include <glob.h>
int main(void) { glob_t found; return glob("/*", 0, 0, &found); }
"""
USES_KILL = """
#include <pthread.h>
#include <signal.h>
int main(void) { return pthread_kill(pthread_self(), 0); }
"""
USES_NEITHER = "int main(void) { return 0; }\n"


def link(folder: Path, text: str, *words: str) -> str:
    """What a link with the kit for 2.17 says; it must succeed."""
    source = folder / "unit.c"
    source.write_text(text)
    done = symver_pin_command("cc", "--glibc", "2.17", *words, source, "-o", folder / "out")
    succeeded(done)
    return done.stderr


@pytest.mark.parametrize("linker", ["bfd", "gold"])
def test_the_linker_says_what_the_old_function_does(tmp_path: Path, linker: str) -> None:
    need_tool(f"ld.{linker}")
    said = link(tmp_path, USES_GLOB, f"-fuse-ld={linker}")
    assert "glob of glibc 2.17 differs from that of GLIBC_2.27: symbolic links" in said
    # A symbol that the link line does not name the library of: it comes from a slim stub.
    assert "pthread_kill of glibc 2.17 differs" in link(tmp_path, USES_KILL, f"-fuse-ld={linker}")
    assert link(tmp_path, USES_NEITHER, f"-fuse-ld={linker}") == ""


@pytest.mark.parametrize("linker", ["bfd", "gold"])
def test_no_warn_makes_a_silent_kit_for_fatal_warnings(tmp_path: Path, linker: str) -> None:
    fatal = (f"-fuse-ld={linker}", "-Wl,--fatal-warnings")
    assert link(tmp_path, USES_GLOB, "--no-warn", *fatal) == ""
    refused = symver_pin_command("cc", "--glibc", "2.17", *fatal, tmp_path / "unit.c", "-o", tmp_path / "out")
    assert refused.returncode != 0 and "glob of glibc 2.17 differs" in refused.stderr


def test_a_target_that_has_the_newer_function_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "unit.c").write_text(USES_GLOB)
    done = symver_pin_command("cc", "--glibc", "2.28", tmp_path / "unit.c", "-o", tmp_path / "out")
    assert succeeded(done) == "" and done.stderr == ""


def test_what_a_compat_object_puts_right_is_not_warned_of(tmp_path: Path) -> None:
    text = "#include <termios.h>\nint main(void) { struct termios t; return cfsetspeed(&t, B9600); }\n"
    assert link(tmp_path, text) == ""


USES_LCHMOD = """
#include <sys/stat.h>
int main(void) { return lchmod("/nowhere", 0600); }
"""
USES_MANY = """
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int main(void)
{
    struct tm time;
    char line[10];
    return printf("%d", open("/", O_RDONLY)) + openat(0, "x", O_RDONLY) + (fgets(line, 10, stdin) != 0) +
           (strptime("12", "%H", &time) != 0) + (malloc(3) != 0) + (getenv("HOME") != 0) + system("true");
}
"""


@pytest.mark.parametrize("linker", ["bfd", "gold"])
def test_the_linker_tells_a_change_without_a_node_if_every_use_meets_it(tmp_path: Path, linker: str) -> None:
    need_tool(f"ld.{linker}")
    said = link(tmp_path, USES_LCHMOD, f"-fuse-ld={linker}")
    assert "lchmod of glibc 2.17 differs from that of glibc 2.32: always fails with ENOSYS" in said
    (tmp_path / "unit.c").write_text(USES_LCHMOD)
    done = symver_pin_command("cc", "--glibc", "2.32", tmp_path / "unit.c", "-o", tmp_path / "out")
    assert succeeded(done) == "" and "differs" not in done.stderr


def test_the_linker_is_silent_about_differences_of_some_uses(tmp_path: Path) -> None:
    assert link(tmp_path, USES_MANY) == ""


def test_show_and_the_header_tell_every_change_without_a_node() -> None:
    assert "since 2.35: different: with %b, %B or %#m: printed" in succeeded(symver_pin_command("show", "printf"))
    assert "since 2.39: adapted: writes to 131,232 bytes" in succeeded(symver_pin_command("show", "crypt_r"))
    assert "since 2.25: same: another algorithm" in succeeded(symver_pin_command("show", "pthread_cond_wait"))
    header = symver_pin_command("gen", "--glibc", "2.17")
    assert "openat openat64 (2.22, adapted): with O_TMPFILE:" in header.stdout
    assert "popen system (2.29, different): with handlers" in header.stdout
    # a function that the target lacks has no older behaviour there
    assert "copy_file_range (2.30" not in header.stdout
    newer = symver_pin_command("gen", "--glibc", "2.29")
    assert "copy_file_range (2.30, different)" in newer.stdout
    assert "openat64 (2.22" not in newer.stdout and "system (2.29" not in newer.stdout


def test_show_and_the_header_tell_the_same(tmp_path: Path) -> None:
    shown = succeeded(symver_pin_command("show", "glob"))
    assert "since GLIBC_2.27: different: symbolic links" in shown and "[commit" in shown
    assert "since GLIBC_2.34: same: moved from libpthread" in succeeded(symver_pin_command("show", "pthread_create"))
    header = symver_pin_command("gen", "--glibc", "2.17")
    assert "glob (GLIBC_2.27, different): symbolic links" in header.stdout
    assert "cfsetspeed (GLIBC_2.42, adapted)" in header.stdout
    assert "pinned functions behave differently" in header.stderr
    # The text must not end the header's comment early.
    (tmp_path / "pin.h").write_text(header.stdout)
    (tmp_path / "unit.c").write_text("int x;\n")
    succeeded(run(["gcc", "-Wall", "-Werror", "-include", tmp_path / "pin.h", "-fsyntax-only", tmp_path / "unit.c"]))


@pytest.mark.parametrize("arch", ["i386", "aarch64", "arm", "powerpc64le", "s390x", "riscv64", "mips64"])
def test_show_knows_every_architecture(arch: str) -> None:
    text = succeeded(symver_pin_command("show", "pthread_create", "--arch", arch))
    assert f"pthread_create on {arch}" in text and "GLIBC_2.34" in text
