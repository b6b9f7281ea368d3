"""Where a kit may be put, and what is said when it cannot be."""

import os
import shlex
from pathlib import Path

import pytest

from conftest import Completed, need_tool, succeeded
from pinning import COMMAND, IMPORTABLE, PROGRAMS, check_fits, run, symver_pin_command

KIT = ("kit", "--glibc", "2.17", "--cc", "gcc")


def make(output: Path, glibc: str = "2.17") -> Completed:
    return symver_pin_command("kit", "--glibc", glibc, "--cc", "gcc", "-o", output)


def complains(done: Completed) -> str:
    """The one line of a command that failed as it should."""
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("symver-pin: error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def links(kit: Path) -> None:
    """The kit's wrapper gives a program that fits."""
    output = kit.parent / "linked"
    succeeded(run([kit / "bin" / "cc", PROGRAMS / "plain.c", "-lm", "-o", output]))
    check_fits(output)


@pytest.mark.parametrize("name", [
    "new", "new/and/deep", "with blank", "täglich", "dollar $HOME and *", "tab\tbed", "semi;colon&", "back\\slash",
    "comma,equals=", "(round)[square]{curly}", "%percent#", "-dash", "it's", 'say "kit"', "two\nlines",
])  # fmt: skip
def test_a_kit_can_stand_in_a_new_folder_of_any_name(tmp_path: Path, name: str) -> None:
    kit = tmp_path / name
    assert succeeded(make(kit)) == f"{kit}\n"
    links(kit)


def test_an_empty_folder_becomes_the_kit(tmp_path: Path) -> None:
    kit = tmp_path / "empty"
    kit.mkdir()
    succeeded(make(kit))
    links(kit)
    assert list(tmp_path.glob(".*")) == []


def test_a_relative_name_is_below_the_current_folder(tmp_path: Path) -> None:
    done = symver_pin_command(*KIT, "-o", "here", cwd=tmp_path)
    assert succeeded(done) == f"{tmp_path}/here\n"
    links(tmp_path / "here")


def test_a_kit_of_another_target_is_replaced(tmp_path: Path) -> None:
    kit = tmp_path / "kit"
    succeeded(make(kit, "2.28"))
    succeeded(make(kit, "2.17"))
    links(kit)
    assert {path.name for path in tmp_path.iterdir()} == {"kit", "linked"}


def test_an_existing_kit_of_the_same_target_is_kept(tmp_path: Path) -> None:
    kit = tmp_path / "kit"
    succeeded(make(kit))
    before = (kit / "kit.json").stat()
    succeeded(make(kit))
    after = (kit / "kit.json").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("content", ["file.txt", "kit.json", "lib/libc.so"])
def test_a_folder_with_anything_else_in_it_is_left_alone(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "mine"
    (folder / content).parent.mkdir(parents=True)
    (folder / content).write_text("mine")
    assert str(folder) in complains(make(folder))
    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / content]
    assert (folder / content).read_text() == "mine"
    assert list(tmp_path.iterdir()) == [folder]


def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    assert str(file) in complains(make(file))
    assert str(file) in complains(make(file / "kit"))
    assert file.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [file]


def mounted(tmp_path: Path, mount: str, *words: str) -> Completed:
    """Run `symver-pin` where `tmp_path/mount` is a file system of its own, in a mount namespace that ends with it.

    What is there after the command is listed on stdout behind a line `LEFT`.
    """
    place = tmp_path / "mount"
    place.mkdir()
    here = shlex.quote(str(place))
    script = f"{mount.format(here)} || exit 99; {shlex.join([*COMMAND, *words])}; status=$?"
    script += f"; echo LEFT; ls -A {here}; exit $status"
    enter = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    need_tool("unshare")
    done = run([*enter, "sh", "-c", script], {**IMPORTABLE, "HOME": str(place), "SYMVER_PIN_CACHE": ""})
    assert done.returncode != 99, done.stderr
    return done


FULL = "mount -t tmpfs -o size={} none {{}}"
READ_ONLY = "mount -t tmpfs none {0} && mount -o remount,ro {0}"


@pytest.mark.parametrize("size", ["8k", "40k", "100k", "200k", "400k"])
@pytest.mark.parametrize("where", ["output", "cache"])
def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, size: str, where: str) -> None:
    words = ("-o", str(tmp_path / "mount" / "kit")) if where == "output" else ()
    done = mounted(tmp_path, FULL.format(size), *KIT, *words)
    said, _, left = done.stdout.partition("LEFT\n")
    assert (done.returncode, said) == (2, ""), done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("symver-pin: error: cannot write ")
    assert "No space left on device" in done.stderr
    assert left.split() in ([], [".cache"])


@pytest.mark.parametrize("where", ["output", "cache"])
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, where: str) -> None:
    words = ("-o", str(tmp_path / "mount" / "kit")) if where == "output" else ()
    done = mounted(tmp_path, READ_ONLY, *KIT, *words)
    said, _, left = done.stdout.partition("LEFT\n")
    assert (done.returncode, said, left) == (2, "", "")
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith(f"symver-pin: error: cannot write {tmp_path}/mount/")
    assert "Read-only file system" in done.stderr
    assert ("with -o" in done.stderr) == (where == "output")
    assert ("SYMVER_PIN_CACHE" in done.stderr) == (where == "cache")


def test_a_kit_in_a_folder_that_cannot_be_written_any_more_is_still_found(tmp_path: Path) -> None:
    succeeded(make(tmp_path / "made"))
    place = tmp_path / "mount"
    # the path of a kit is written into it, so it is made where it is mounted
    making = shlex.join([*COMMAND, *KIT, "-o", str(place / "kit")])
    script = f"mount -t tmpfs none {{0}} && {making} && mount -o remount,ro {{0}}"
    done = mounted(tmp_path, script, *KIT, "-o", str(place / "kit"))
    assert succeeded(done).split() == [str(place / "kit"), str(place / "kit"), "LEFT", "kit"]
