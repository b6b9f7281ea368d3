"""What `-o` and every other write does with its name: replace a file, follow links, write into anything else."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import threading
import time
from pathlib import Path

import pytest

from conftest import holds_without_privileges, need_tool, succeeded
from pinning import COMMAND, IMPORTABLE, run, symver_pin_command
from symver_pin.errors import OutputError
from symver_pin.files import write_atomic

GEN = ("gen", "--glibc", "2.17", "-o")

WRITERS: dict[str, tuple[str, ...]] = {
    "gen": GEN,
    "gen ld": ("gen", "--glibc", "2.17", "--format", "ld", "-o"),
    "verify text": ("verify", "--glibc", "2.36", "/bin/true", "-o"),
    "verify html": ("verify", "--glibc", "2.36", "/bin/true", "--format", "html", "-o"),
    "cargo-config": ("cargo-config", "--glibc", "2.17", "--merge"),
}
"""The commands that write a file, each without its name."""


@pytest.fixture
def cache(tmp_path: Path) -> dict[str, str]:
    return {"SYMVER_PIN_CACHE": str(tmp_path / "cache")}


def content(path: Path) -> str:
    return without_origin(path.read_text())


def without_origin(text: str) -> str:
    """A report without the line that has the command, and so the path of the file itself."""
    return "\n".join(line for line in text.split("\n") if " -o /" not in line)


@pytest.mark.parametrize("writer", WRITERS)
def test_a_link_is_followed_and_stays(writer: str, tmp_path: Path, cache: dict[str, str]) -> None:
    (tmp_path / "real").mkdir()
    file, link = tmp_path / "real/file", tmp_path / "link"
    link.symlink_to("real/file")  # dangles at first
    for mode in (0o644, 0o600):
        done = symver_pin_command(*WRITERS[writer], link, env=cache)
        assert done.returncode in (0, 1), done.stderr
        assert link.is_symlink() and file.stat().st_size > 10
        assert stat.S_IMODE(file.stat().st_mode) == mode
        file.write_text("")
        file.chmod(0o600)
    assert [path.name for path in file.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("writer", [name for name in WRITERS if name != "cargo-config"])
def test_a_fifo_and_a_pipe_of_the_shell_are_written_into(writer: str, tmp_path: Path, cache: dict[str, str]) -> None:
    words = WRITERS[writer]
    symver_pin_command(*words, tmp_path / "file", env=cache)
    expected = content(tmp_path / "file")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(content(fifo)), daemon=True)
    reader.start()
    symver_pin_command(*words, fifo, env=cache)
    reader.join(60)
    assert read == [expected] and stat.S_ISFIFO(fifo.stat().st_mode)
    command = f"{shlex.join([*COMMAND, *words])} >(cat > {tmp_path}/piped; echo > {tmp_path}/done)"
    waiting = f"{command}; while [ ! -e {tmp_path}/done ]; do read -t 0.05 <> <(:); done"
    run([need_tool("bash"), "-c", waiting], {**IMPORTABLE, **cache})
    assert content(tmp_path / "piped") == expected


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_by_its_name_is_the_same_as_without(name: str, tmp_path: Path) -> None:
    expected = succeeded(symver_pin_command(*GEN[:-1]))
    assert succeeded(symver_pin_command(*GEN, name)) == expected
    file = tmp_path / "file"
    for redirection, before in ((">", ""), (">>", "kept\n")):
        file.write_text("kept\n")
        node = file.stat().st_ino
        command = f"{shlex.join([*COMMAND, *GEN, name])} {redirection} {file}"
        succeeded(run(["sh", "-c", command], IMPORTABLE))
        assert content(file) == before + expected and file.stat().st_ino == node


def test_a_device_stays_a_device_and_its_error_is_one_line(tmp_path: Path) -> None:
    done = symver_pin_command(*GEN, "/dev/full")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "symver-pin: error: cannot write /dev/full: No space left on device\n"
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    succeeded(symver_pin_command(*GEN, "/dev/null"))
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_descriptor_that_is_not_open_is_one_line() -> None:
    done = symver_pin_command(*GEN, "/dev/fd/77")
    assert done.stderr == "symver-pin: error: cannot write /dev/fd/77: Bad file descriptor\n" and done.returncode == 2


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    command = f"{shlex.join([*COMMAND, *GEN])} >(exec 0<&-)"
    done = run([need_tool("bash"), "-c", command], IMPORTABLE)
    assert done.returncode == 0 and "Traceback" not in done.stderr and "error" not in done.stderr


def test_a_folder_is_one_line(tmp_path: Path) -> None:
    done = symver_pin_command(*GEN, tmp_path)
    assert done.stderr == f"symver-pin: error: cannot write {tmp_path}: Is a directory\n" and done.returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_links_in_a_circle_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OutputError, match=r"^cannot write .*/a: Too many levels of symbolic links$"):
        write_atomic(tmp_path / "a", b"x")


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_mode_that_the_umask_leaves(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        write_atomic(tmp_path / "file", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o666 & ~umask


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o664, 0o4755])
def test_a_file_that_is_there_keeps_its_mode(mode: int, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    file.chmod(mode)
    write_atomic(file, b"new")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"new", mode)


def test_a_file_of_another_user_keeps_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    if os.geteuid() == 0:
        os.chown(file, 1234, 4321)
    owner = (file.stat().st_uid, file.stat().st_gid)
    write_atomic(file, b"new")
    assert (file.read_bytes(), (file.stat().st_uid, file.stat().st_gid)) == (b"new", owner)


def test_a_file_whose_owner_may_not_be_given_is_written_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int, _user: int, _group: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    file = tmp_path / "file"
    file.write_text("old")
    node = file.stat().st_ino
    write_atomic(file, b"new")
    assert (file.read_bytes(), file.stat().st_ino) == (b"new", node)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_in_a_folder_that_may_not_be_written_is_written_into(tmp_path: Path) -> None:
    file = tmp_path / "folder/file"
    file.parent.mkdir()
    file.write_text("old")
    file.parent.chmod(0o555)
    file.chmod(0o666)

    def writes() -> bool:
        write_atomic(file, b"new")
        return True

    try:
        assert holds_without_privileges(writes) and file.read_bytes() == b"new"
    finally:
        file.parent.chmod(0o755)


def test_a_file_that_is_a_mount_point_is_written_into(tmp_path: Path) -> None:
    host, inside = tmp_path / "host", tmp_path / "inside"
    host.write_text("old")
    inside.write_text("below")
    script = f"mount --bind {host} {inside} && {shlex.join([*COMMAND, *GEN, str(inside)])}"
    enter = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    need_tool("unshare")
    succeeded(run([*enter, "sh", "-c", script], IMPORTABLE))
    assert ".symver" in host.read_text() and inside.read_text() == "below"


def test_a_name_as_long_as_a_name_can_be_is_written(tmp_path: Path) -> None:
    for name in ("x" * 255, "ü" * 127):
        write_atomic(tmp_path / name, b"x")
        write_atomic(tmp_path / name, b"new")
        assert (tmp_path / name).read_bytes() == b"new"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_disk_that_fills_leaves_the_old_file(tmp_path: Path) -> None:
    place = tmp_path / "mount"
    place.mkdir()
    script = f"mount -t tmpfs -o size=8k none {place} && echo old > {place}/file || exit 99; "
    script += f"{shlex.join([*COMMAND, *GEN, str(place / 'file')])}; status=$?; "
    script += f"cat {place}/file; ls -A {place}; exit $status"
    enter = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    done = run([*enter, "sh", "-c", script], IMPORTABLE)
    assert (done.returncode, done.stdout) == (2, "old\nfile\n"), done.stderr
    assert done.stderr == f"symver-pin: error: cannot write {place}/file: No space left on device\n"


def test_a_kit_is_made_where_a_link_leads(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    done = symver_pin_command("kit", "--glibc", "2.17", "--cc", "gcc", "-o", tmp_path / "link")
    assert succeeded(done) == f"{tmp_path}/real\n"
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real/bin/cc").exists()


def test_harvested_tables_follow_links_too(tmp_path: Path) -> None:
    lists = tmp_path / "lists/2.20/x86_64"
    lists.mkdir(parents=True)
    (lists / "libc.abilist").write_text("GLIBC_2.2.5 exit F\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/x86_64.map").symlink_to("../kept.map")
    succeeded(symver_pin_command("harvest", tmp_path / "lists", "-o", tmp_path / "out"))
    assert (tmp_path / "out/x86_64.map").is_symlink() and "exit" in content(tmp_path / "kept.map")


def test_a_write_that_is_killed_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    code = "import pathlib, symver_pin.files as f\nwhile True: "
    code += f"f.write_atomic(pathlib.Path({str(file)!r}), b'new' * 100000)"
    process = subprocess.Popen([COMMAND[0], "-c", code], env={**os.environ, **IMPORTABLE})
    sizes = {len(file.read_bytes())}
    deadline = time.monotonic() + 60
    while 300_000 not in sizes and time.monotonic() < deadline:
        sizes.add(len(file.read_bytes()))
    sizes |= {len(file.read_bytes()) for _ in range(2000)}
    process.kill()
    process.wait()
    assert sizes == {3, 300_000} and len(file.read_bytes()) == 300_000
