"""A build that uses a function whose old version does something else is told so."""

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
