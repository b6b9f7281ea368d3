"""Archives take bounded time and memory, whatever is in them: padding, holes, bombs, loops, 100,000s of files."""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from pinning import IMPORTABLE, symver_pin_command
from symver_pin.archives.reader import members
from symver_pin.elf.stub import StubSymbol, build_stub
from symver_pin.machine.architectures import find_arch
from symver_pin.verifier import archive_files, verify

from . import packages
from .programs import compile_library, compile_program
from .test_bad_archives import ELF, in_400_mb, tar_of

SECONDS = 30
"""More than enough for any of these; a work without bounds takes minutes."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A program that needs 2.25."""
    source = "extern int getrandom(); int program(void) { return never && getrandom(0, 0, 0); }"
    return compile_program(tmp_path_factory.mktemp("app"), "app", source).read_bytes()


# gzip


def test_zero_bytes_behind_a_gzip_stream_take_no_time(app: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(app))
    os.truncate(path, 2 << 30)
    for source in (path, tmp_path):
        done = symver_pin_command("verify", source, timeout=SECONDS)
        assert done.returncode == 2
        assert "more than 16 MiB of zero bytes behind the compressed data" in done.stderr


@pytest.mark.parametrize("padding", [1, 511, 1 << 18, 5 << 20])
def test_a_padded_gzip_stream_is_read(padding: int, app: bytes, tmp_path: Path) -> None:
    inner = tar_of({"app": app}, tmp_path / "x.tar").read_bytes()
    for data in (app, inner):
        (tmp_path / "x.gz").write_bytes(gzip.compress(data) + bytes(padding))
        assert [file.verdict for file in verify([tmp_path / "x.gz"], "2.19").files] == ["fails"]


def test_gzip_members_follow_each_other(app: bytes, tmp_path: Path) -> None:
    pieces = (gzip.compress(app[at : at + 1000]) for at in range(0, len(app), 1000))
    (tmp_path / "x.gz").write_bytes(bytes(3).join(pieces))
    assert [file.verdict for file in verify([tmp_path / "x.gz"], "2.19").files] == ["fails"]
    (tmp_path / "y.gz").write_bytes(gzip.compress(app) + gzip.compress(b"") * 2000)
    assert "gzip members without content" in verify([tmp_path / "y.gz"], "2.19").errors[0]
    (tmp_path / "z.gz").write_bytes(gzip.compress(app) + b"something else")
    assert "behind the end of the compressed data" in verify([tmp_path / "z.gz"], "2.19").errors[0]
    (tmp_path / "w.gz").write_bytes(gzip.compress(app)[:-9])
    assert "the compressed data ends early" in verify([tmp_path / "w.gz"], "2.19").errors[0]


# tar


class Counted(io.FileIO):
    """A file that counts the bytes that are read."""

    count = 0

    def readinto(self, buffer: object) -> int:
        size = super().readinto(buffer)  # type: ignore[arg-type]
        self.count += size or 0
        return size or 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size) or b""
        self.count += len(data)
        return data


def test_the_members_of_a_plain_tar_are_seeked_over(app: bytes, tmp_path: Path) -> None:
    with (tmp_path / "x.tar").open("wb") as stream:
        for name, size in (("big", 3 << 30), ("app", len(app))):
            entry = tarfile.TarInfo(name)
            entry.size = size
            stream.write(entry.tobuf())
            if name == "app":
                stream.write(app + bytes(-size % 512 + 1024))
            else:
                stream.seek(size, os.SEEK_CUR)
    with Counted(str(tmp_path / "x.tar")) as stream:
        assert [(member.name, member.head[:4]) for member in members(stream)] == [("big", bytes(4)), ("app", app[:4])]
        assert stream.count < 300_000
    (found,) = verify([tmp_path / "x.tar"], "2.19").files
    assert (found.path, found.verdict) == (f"{tmp_path}/x.tar!/app", "fails")


# squashfs


def squashfs_of(tmp_path: Path, *options: str) -> bytearray:
    """An image whose tables are not compressed, of the folder ``t``."""
    options = ("-noI", "-noD", "-noF", "-noX", "-quiet", "-no-progress", *options)
    command = ["mksquashfs", str(tmp_path / "t"), str(tmp_path / "image"), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return bytearray((tmp_path / "image").read_bytes())


def test_a_squashfs_whose_directories_form_a_loop_is_broken(tmp_path: Path, app: bytes) -> None:
    (tmp_path / "t" / "inner").mkdir(parents=True)
    (tmp_path / "t" / "app").write_bytes(app)
    (tmp_path / "t" / "inner" / "app").write_bytes(app)
    image = squashfs_of(tmp_path)
    entry = image.index(b"inner") - 8
    struct.pack_into("<H", image, entry, struct.unpack_from("<Q", image, 32)[0] & 0xFFFF)  # the inode of the root
    (tmp_path / "x").write_bytes(image)
    report = verify([tmp_path / "x"], "2.19")
    assert [file.verdict for file in report.files] == ["fails", "error"]
    assert "the directory inner is reached twice" in report.errors[0]


@pytest.mark.parametrize("name", [b"..", b"a/", b"/x", b"\x1b["])
def test_hostile_names_in_a_squashfs_stay_inside_and_are_printable(name: bytes, tmp_path: Path, app: bytes) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "qq").write_bytes(app)
    image = squashfs_of(tmp_path)
    place = image.index(b"qq")
    image[place : place + 2] = name
    (tmp_path / "x").write_bytes(image)
    done = symver_pin_command("verify", tmp_path / "x")
    text = done.stdout + done.stderr
    assert "\x1b" not in text
    if name == b"..":
        assert (done.returncode, "the name leads out of the archive" in text) == (2, True)
    else:
        assert (done.returncode, f"{tmp_path}/x!/" in text) == (1, True)


@pytest.mark.parametrize("form", ["newc", "odc"])
def test_hostile_names_in_cpio_archives_stay_inside_and_are_printable(form: str, tmp_path: Path, app: bytes) -> None:
    (tmp_path / "t").mkdir()
    for name in ("qq/x", "b\x1b[31m\n.so"):
        (tmp_path / "t" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "t" / name).write_bytes(app)
    command = ["cpio", "--quiet", "-0", "-o", "-H", form]
    done = subprocess.run(command, cwd=tmp_path / "t", input=b"qq/x\0b\x1b[31m\n.so\0", capture_output=True, check=True)
    (tmp_path / "x").write_bytes(done.stdout.replace(b"qq/x", b"../x"))
    shown = symver_pin_command("verify", tmp_path / "x")
    assert "\x1b" not in shown.stdout + shown.stderr and f"{tmp_path}/x!/b?[31m?.so: FAILS" in shown.stdout
    assert "../x: the name leads out of the archive" in shown.stderr and shown.returncode == 2


@pytest.mark.parametrize("compression", ["gzip", "xz", "zstd"])
def test_a_squashfs_bomb_is_reported_before_it_fills_memory(compression: str, tmp_path: Path, app: bytes) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.so").write_bytes(app)
    with (tmp_path / "t" / "b.so").open("wb") as stream:
        stream.write(ELF)
        for _ in range(400):
            stream.write(b"\1" * (1 << 20))
    image = packages.as_squashfs(compression)(tmp_path / "t", tmp_path)
    verdicts, errors = in_400_mb(image)
    assert verdicts == "fails error" and "looks like a decompression bomb" in errors


@pytest.mark.parametrize("place", [12, 22, 32, 48, 56, 64, 72, 80, 88])
def test_superblocks_with_any_numbers_end_well(place: int, tmp_path: Path, app: bytes) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.so").write_bytes(app)
    image = squashfs_of(tmp_path)
    for value in (0, 1, 0xFFFF, 1 << 31, (1 << 62) - 1, 1 << 63, (1 << 64) - 1):
        changed = bytearray(image)
        struct.pack_into("<Q", changed, place, value)
        (tmp_path / "x").write_bytes(changed)
        assert all("\n" not in line for line in verify([tmp_path / "x"], "2.19").errors)


# archives in archives


def test_archives_inside_of_each_other_share_what_they_may_unpack(tmp_path: Path) -> None:
    """Each unpacks to 10 MB of 10 KB, which alone is no bomb."""
    inner = gzip.compress(tar_of({"zeros": bytes(10 << 20)}, tmp_path / "inner.tar").read_bytes())
    (tmp_path / "one.tar.gz").write_bytes(inner)
    assert verify([tmp_path / "one.tar.gz"], "2.19").errors == ()
    many = tar_of({f"{number}.tar.gz": inner for number in range(40)}, tmp_path / "many.tar")
    report = verify([many], "2.19")
    assert "looks like a decompression bomb" in report.errors[0] and report.exit_status == 2


# memory


def peak_of(*words: object) -> int:
    """The memory of one process that runs the command, in MB."""
    script = (
        "import sys\nfrom symver_pin.cli import main\nmain(['verify', '--jobs', '1', *sys.argv[1:]])\n"
        "sys.stderr.write('\\n' + open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])\n"
    )
    env = {**os.environ, **IMPORTABLE, "COVERAGE_PROCESS_CONFIG": ""}
    command = [sys.executable, "-c", script, *map(str, words)]
    done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    return int(done.stderr.split()[-1]) >> 10


def libraries(count: int) -> Iterable[tuple[str, bytes]]:
    form = find_arch("x86_64").format
    for number in range(count):
        name = f"lib{number}.so"
        yield name, build_stub(form, name, ["V1"], [StubSymbol("f", "V1", True, "F", 0, "")])


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "junit"])
def test_memory_does_not_grow_with_the_number_of_libraries(form: str, tmp_path: Path) -> None:
    """By 400 bytes for each at most, without what the first thousand and 8 MB of the report take; 199,000 took 671 MB
    once.
    """
    sizes = []
    for count in (1500, 13_500):
        with tarfile.open(tmp_path / f"{count}.tar", "w") as archive:
            for name, data in libraries(count):
                entry = tarfile.TarInfo(f"usr/lib/{name}")
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
        sizes.append(peak_of(tmp_path / f"{count}.tar", "--format", form, "-o", tmp_path / "out"))
    assert sizes[1] < sizes[0] + 20 and sizes[1] < 60, sizes


def test_memory_does_not_grow_with_the_number_of_programs(app: bytes, tmp_path: Path) -> None:
    sizes = []
    for count in (1500, 4500):
        with zipfile.ZipFile(tmp_path / f"{count}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for number in range(count):
                archive.writestr(f"bin/{number}", app)
        sizes.append(peak_of(tmp_path / f"{count}.zip"))
    assert sizes[1] < sizes[0] + 25 and sizes[1] < 130, sizes


def test_files_that_were_let_go_get_the_same_verdicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t").mkdir()
    users = []
    for number in range(30):
        source = f"int foo{number}(void) {{ return 1; }}"
        library = compile_library(tmp_path / "t", f"lib{number}.so", source, "V1 { global: *; };")
        if number % 3 == 0:
            caller = f"extern int foo{number}(void), none(void); int program(void) {{ return foo{number}(); }}"
            users.append(compile_program(tmp_path / "t", f"user{number}", caller, [str(library), "-Wl,-rpath,$ORIGIN"]))
    package = packages.as_tar("gz")(tmp_path / "t", tmp_path)
    plain = verify([package], "2.19")
    assert {file.verdict for file in plain.files} == {"ok"} and len(plain.files) == 40
    for limit in (1, 7):
        monkeypatch.setattr(archive_files, "_OPEN", limit)
        assert verify([package], "2.19") == plain


def test_the_report_of_many_files_is_whole_in_every_format(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, data in libraries(3000):
            archive.writestr(name, data)
    done = symver_pin_command("verify", "--format", "json", tmp_path / "x.zip")
    assert [file["path"].rpartition("!/")[2] for file in json.loads(done.stdout)["files"]] == [
        f"lib{number}.so" for number in range(3000)
    ]
    both = [tmp_path / "x.zip", tmp_path / "y.zip"]
    both[1].write_bytes(both[0].read_bytes())
    one, two = (
        json.loads(symver_pin_command("verify", "--format", "json", "--jobs", jobs, *both).stdout)["files"]
        for jobs in ("1", "2")
    )
    assert one == two and len(one) == 6000


def test_memory_does_not_grow_with_the_number_of_objects(tmp_path: Path) -> None:
    """60,000 objects in a static archive of 85 MB took 251 MB once."""
    (tmp_path / "x.c").write_text("extern int puts(const char *); int f(void) { return puts(0); }\n")
    subprocess.run(["gcc", "-c", "x.c"], cwd=tmp_path, check=True)
    data = (tmp_path / "x.o").read_bytes()
    data += b"\n" * (len(data) % 2)
    sizes = []
    for count in (1000, 13_000):
        members = (
            f"m{number}.o/".encode().ljust(48) + f"{len(data):<10}`\n".encode() + data for number in range(count)
        )
        (tmp_path / "x.a").write_bytes(b"!<arch>\n" + b"".join(members))
        sizes.append(peak_of(tmp_path / "x.a"))
    assert sizes[1] < sizes[0] + 12, sizes
