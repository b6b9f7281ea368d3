"""Which compat objects a kit has: all, none, or those that are named; what they are, and what they cover."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Completed, RunOn217, succeeded
from pinning import symver_pin_command

RANDOM = """
#include <sys/random.h>
#include <sys/stat.h>
int main(void) { char b[4]; struct stat s; return stat("/", &s) || getrandom(b, 4, 0) != 4; }
"""
GETTID = "#define _GNU_SOURCE\n#include <unistd.h>\nint main(void) { return gettid() < 1; }\n"


def link(folder: Path, text: str, *options: str) -> Completed:
    source = folder / "unit.c"
    source.write_text(text)
    return symver_pin_command("cc", "--glibc", "2.17", *options, source, "-o", folder / "out")


def test_a_strict_kit_refuses_what_is_younger_than_the_target(tmp_path: Path) -> None:
    done = link(tmp_path, RANDOM, "--no-compat")
    assert done.returncode != 0 and "undefined reference to `getrandom'" in done.stderr
    # What lived in the program itself before it moved into libc is no younger function.
    assert "`stat'" not in done.stderr


def test_a_strict_kit_still_makes_programs_that_start(tmp_path: Path, run_on_217: RunOn217) -> None:
    succeeded(link(tmp_path, "int main(void) { return 0; }\n", "--no-compat"))
    succeeded(run_on_217(tmp_path / "out"))


def test_compat_only_has_the_named_ones(tmp_path: Path, run_on_217: RunOn217) -> None:
    succeeded(link(tmp_path, RANDOM, "--compat-only", "getrandom,gettid"))
    succeeded(run_on_217(tmp_path / "out"))
    assert link(tmp_path, GETTID, "--compat-only=getrandom").returncode != 0


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    done = link(tmp_path, RANDOM, "--compat-only", "getrandom,no_such")
    assert done.returncode == 2
    assert done.stderr == (
        "symver-pin: error: --compat-only no_such: no compat object of that name; symver-pin compat list has them\n"
    )


def test_list_tells_symbol_span_kind_and_limits() -> None:
    lines = succeeded(symver_pin_command("compat", "list", "--glibc", "2.19")).splitlines()
    rows = {line.split()[0]: line.split() for line in lines}
    assert rows["getrandom"][1:5] == ["up", "to", "2.24", "syscall"]
    assert rows["atexit"][1:3] == ["always", "nonshared"]
    assert "memfd_create" not in succeeded(symver_pin_command("compat", "list", "--glibc", "2.36"))


@pytest.mark.parametrize("glibc", ["2.12", "2.17", "2.34", "2.43"])
def test_coverage_counts_every_pair_once(glibc: str) -> None:
    text = succeeded(symver_pin_command("compat", "coverage", "--glibc", glibc))
    rows = [line.split() for line in text.splitlines()]
    table = {row[0]: row[1:] for row in rows if len(row) == 6 and row[1].isdigit()}
    assert set(table) == {"libc", "libm", "libmvec"}
    for name, (total, pinned, compat, left, _) in table.items():
        assert int(total) == int(pinned) + int(compat) + int(left)
        head = f"open in {name}:"
        listed = text.partition(head)[2].partition("\n\n")[0].split()
        assert len(listed) <= int(left) and bool(listed) == bool(int(left))
    if glibc == "2.17":
        # pthread_create and its like are pinned, getrandom has an object.
        assert int(table["libc"][1]) > 150 and "getrandom" not in text.split() and "pthread_create" not in text.split()


@pytest.mark.parametrize("arch", ["x86_64", "aarch64"])
@pytest.mark.parametrize("glibc", ["2.17", "2.28", "2.31"])
def test_nearly_all_of_libm_and_all_of_libmvec_is_covered(arch: str, glibc: str) -> None:
    text = succeeded(symver_pin_command("compat", "coverage", "--glibc", glibc, "--arch", arch))
    share = {line.split()[0]: line.split()[-1] for line in text.splitlines() if line.endswith("%")}
    assert float(share["libm"].rstrip("%")) > 96
    assert share["libmvec"] == "100.0%"


def test_a_chosen_function_comes_with_what_it_is_made_of(tmp_path: Path, run_on_217: RunOn217) -> None:
    sinpi = "double sinpi(double);\nint main(int n, char **v) { return sinpi(n / 2.0) != 1 || v == 0; }\n"
    source = tmp_path / "sinpi.c"
    source.write_text(sinpi)
    command = ("cc", "--glibc", "2.17", "--compat-only", "sinpi", source, "-fno-builtin", "-o", tmp_path / "out", "-lm")
    succeeded(symver_pin_command(*command))
    succeeded(run_on_217(tmp_path / "out"))
