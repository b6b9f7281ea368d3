"""What programs and scripts carry, and archives inside of each other: verified, or said to be not; never silence."""

from __future__ import annotations

import gzip
import json
import lzma
import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cache import kept_folder
from pinning import run, symver_pin_command
from python_packages import pip_download
from served import PACKAGES, served
from symver_pin.archives import kinds
from symver_pin.elf.image import Image
from symver_pin.verifier import Report, verify
from symver_pin.verifier.carried import carried_by_program

from . import packages
from .programs import compile_library, compile_program
from .test_bad_archives import tar_of

GETRANDOM = "extern int getrandom(); int program(void) { return never && getrandom(0, 0, 0); }"
PLAIN = "int program(void) { return 0; }"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder ``usr/bin`` with one program that needs 2.25."""
    root = tmp_path_factory.mktemp("tree")
    (root / "usr" / "bin").mkdir(parents=True)
    compile_program(root / "usr" / "bin", "app", GETRANDOM)
    for left in root.rglob("*.[ch]"):
        left.unlink()
    return root


@pytest.fixture(scope="module")
def app(tree: Path) -> bytes:
    return (tree / "usr" / "bin" / "app").read_bytes()


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A program that runs on 2.19."""
    return compile_program(tmp_path_factory.mktemp("runner"), "runner", PLAIN).read_bytes()


def verdicts(report: Report) -> list[tuple[str, str]]:
    """(name, verdict) of each file; the name begins behind the folder of the file on disk."""
    return [(file.path[file.path.index("/x") + 2 :], str(file.verdict)) for file in report.files]


def reasons(report: Report) -> list[str]:
    """What is said of the files that were not looked into."""
    assert report.exit_status == 2
    return [f.message for file in report.files for f in file.findings if f.kind == "not-judged"]


CARRIED = {
    "squashfs (AppImage)": packages.as_squashfs("gzip"),
    "zip (self-extracting)": packages.as_zip(zipfile.ZIP_DEFLATED),
    "tar.gz": packages.as_tar("gz"),
    "tar": packages.as_tar(""),
    "tar.xz": packages.as_tar("xz"),
    "cpio": packages.as_cpio("newc"),
}


@pytest.mark.parametrize("padding", [0, 4096, 100_000])
@pytest.mark.parametrize("name", CARRIED)
def test_an_archive_behind_a_program_is_looked_into(
    name: str, padding: int, runner: bytes, tree: Path, tmp_path: Path
) -> None:
    (tmp_path / "inner").mkdir()
    inner = CARRIED[name](tree, tmp_path / "inner").read_bytes()
    path = tmp_path / "xprogram"
    path.write_bytes(runner + bytes(padding) + inner)
    expected = [("program", "ok"), ("program!/usr/bin/app", "fails")]
    assert verdicts(verify([path], "2.19")) == expected
    # In a folder and in an archive it is the same.
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "xprogram").write_bytes(path.read_bytes())
    assert verdicts(verify([tmp_path / "f"], "2.19")) == expected
    with zipfile.ZipFile(tmp_path / "xz", "w") as archive:
        archive.write(path, "program")
    assert verdicts(verify([tmp_path / "xz"], "2.19")) == [
        ("z!/program", "ok"),
        ("z!/program!/usr/bin/app", "fails"),
    ]


def test_libraries_behind_a_program_are_found_by_programs_there(runner: bytes, tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    library = compile_library(tmp_path / "t" / "lib", "libown.so", "int foo(void) { return 1; }")
    source = "extern int foo(void); int program(void) { return foo(); }"
    (tmp_path / "t" / "bin").mkdir()
    compile_program(tmp_path / "t" / "bin", "app", source, [str(library), "-Wl,-rpath,$ORIGIN/../lib"])
    image = packages.as_squashfs("gzip")(tmp_path / "t", tmp_path).read_bytes()
    (tmp_path / "x.AppImage").write_bytes(runner + image)
    report = verify([tmp_path / "x.AppImage"], "2.36")
    assert {file.path.rpartition("/")[2]: file.verdict for file in report.files if "!/" in file.path} == {
        "app": "ok",
        "libown.so": "ok",
    }
    assert not [f for file in report.files for f in file.findings if f.kind == "provided-by-system"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (os.urandom(4000), "carries data of an unknown kind at offset 0x"),
        (bytes(5000) + b"KAX" + bytes(1000), "carries the archive of a program of Nuitka"),
        (os.urandom(4000) + b"\n---- Bun! ----\n", "a program of `bun build --compile`"),
        (os.urandom(4000) + b"d3n0l4nd" + bytes(16), "a program of `deno compile`"),
        (b"DWARFS\2\5" + bytes(4000), "a DwarFS image"),
        (b"\x7fELF" + os.urandom(1000), "another ELF file"),
        (b"7z\xbc\xaf\x27\x1c\0\4" + bytes(500), "a 7z archive, which cannot be read"),
    ],
    ids=["unknown", "nuitka", "bun", "deno", "dwarfs", "elf", "7z"],
)
def test_other_data_behind_a_program_is_not_judged(data: bytes, said: str, runner: bytes, tmp_path: Path) -> None:
    for path in (tmp_path / "xprogram", tmp_path / "f" / "xprogram"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(runner + data)
    for source in (tmp_path / "xprogram", tmp_path / "f"):
        report = verify([source], "2.19")
        (reason,) = reasons(report)
        assert said in reason and [file.verdict for file in report.files] == ["ok", "error"]


@pytest.mark.parametrize("data", [bytes(4000), b"\n", bytes(3000) + b"signature"])
def test_padding_behind_a_program_is_nothing(data: bytes, runner: bytes, tmp_path: Path) -> None:
    (tmp_path / "xprogram").write_bytes(runner + data)
    assert verdicts(verify([tmp_path / "xprogram"], "2.19")) == [("program", "ok")]


def test_a_program_that_upx_packed_is_not_judged(app: bytes, tmp_path: Path) -> None:
    """As UPX leaves them: no sections, and its magic number behind the program headers."""
    data = bytearray(app)
    data[0x28:0x30], data[0x3A:0x40] = bytes(8), bytes(6)  # e_shoff, and the sizes and the number of the sections
    place = 64 + 56 * struct.unpack_from("<H", data, 56)[0]
    data[place + 4 : place + 8] = b"UPX!"
    (tmp_path / "xprogram").write_bytes(data)
    (reason,) = reasons(verify([tmp_path / "xprogram"], "2.36"))
    assert "the program that UPX packed into this one" in reason


def test_sections_without_a_table_of_sections_are_no_data(runner: bytes, tmp_path: Path) -> None:
    data = bytearray(runner)
    data[0x28:0x30], data[0x3A:0x40] = bytes(8), bytes(6)  # e_shoff, and the sizes and the number of the sections
    table = struct.unpack_from("<Q", runner, 0x28)[0]
    for path, content in ((tmp_path / "xzeroed", data), (tmp_path / "xcut", data[:table])):
        path.write_bytes(content)
        assert [file.verdict for file in verify([path], "2.36").files] == ["ok"]


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program of PyInstaller, with its archive in a section."""
    requirement = "pyinstaller==6.16.0"

    def fill(into: Path, _download: Path) -> None:
        pip_download([requirement], into)

    folder = served(PACKAGES, requirement, lambda: kept_folder(f"tools/{requirement}", fill))
    work = tmp_path_factory.mktemp("frozen")
    site = work / "site"
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    for loader in site.rglob("bootloader/*/run*"):
        loader.chmod(0o755)
    (work / "hello.py").write_text("import zlib, bz2\nprint('hello')\n")
    command = [sys.executable, "-m", "PyInstaller", "--onefile", "--noconfirm", "hello.py"]
    done = run(command, cwd=work, env={**os.environ, "PYTHONPATH": str(site)})
    assert (work / "dist" / "hello").exists(), done.stderr
    return work


def test_a_frozen_program_is_looked_into(frozen: Path, tmp_path: Path) -> None:
    script = (
        "from PyInstaller.archive.readers import CArchiveReader\nimport sys\n"
        "print(*(name for name, entry in CArchiveReader(sys.argv[1]).toc.items() if entry[-1] == 'b'), sep='\\n')\n"
    )
    hello = frozen / "dist" / "hello"
    env = {**os.environ, "PYTHONPATH": str(frozen / "site")}
    expected = run([sys.executable, "-c", script, hello], env=env).stdout.split()
    assert len(expected) > 3

    def inside(path: Path) -> list[str]:
        report = verify([path], "2.36")
        assert report.errors == ()
        return [file.path.partition("!/")[2] for file in report.files[1:]]

    assert inside(hello) == expected
    # The same archive behind the end, as older versions of PyInstaller put it.
    subprocess.run(["objcopy", "--dump-section", f"pydata={tmp_path}/data", hello, tmp_path / "copy"], check=True)
    subprocess.run(["objcopy", "--remove-section", "pydata", hello, tmp_path / "plain"], check=True)
    (tmp_path / "xbehind").write_bytes((tmp_path / "plain").read_bytes() + (tmp_path / "data").read_bytes())
    assert inside(tmp_path / "xbehind") == expected


def test_a_damaged_frozen_program_ends_well(frozen: Path, tmp_path: Path) -> None:
    data = (frozen / "dist" / "hello").read_bytes()
    cookie = data.rindex(b"MEI\x0c\x0b\x0a\x0b\x0e")
    for place in range(cookie + 8, cookie + 24):
        for value in (0, 0x7F, 0xFF):
            (tmp_path / "xdamaged").write_bytes(data[:place] + bytes([value]) + data[place + 1 :])
            assert all("\n" not in line for line in verify([tmp_path / "xdamaged"], "2.36").errors)


# scripts


def test_a_script_whose_data_is_unknown_is_not_judged(tmp_path: Path) -> None:
    (tmp_path / "x.run").write_bytes(packages.SHELL_SCRIPT + b"Salted__" + os.urandom(5000))
    for source in (tmp_path / "x.run", tmp_path):
        assert "data of an unknown kind" in reasons(verify([source], "2.19"))[0]
    tar_of({"x.run": (tmp_path / "x.run").read_bytes()}, tmp_path / "x.tar")
    assert "data of an unknown kind" in reasons(verify([tmp_path / "x.tar"], "2.19"))[0]


def test_plain_scripts_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"#!/bin/sh\necho hello\n")
    (tmp_path / "b").write_bytes("#!/usr/bin/python3\n# grün\n".encode() * 100)
    (tmp_path / "c").write_bytes(b"#!/usr/bin/perl\n# gr\xfcn\n" * 100_000)
    assert verify([tmp_path], "2.19").files == ()
    tar_of({each.name: each.read_bytes() for each in tmp_path.iterdir()}, tmp_path / "x.tar")
    assert verify([tmp_path / "x.tar"], "2.19").files == ()


# single files, other containers, depth


@pytest.mark.parametrize(
    ("suffix", "pack"), [("gz", gzip.compress), ("xz", lzma.compress), ("", lambda data: gzip.compress(data, 1))]
)
def test_a_compressed_program_is_verified(suffix: str, pack, app: bytes, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(pack(app))
    (found,) = verify([path], "2.19").files
    assert found.verdict == "fails" and found.path.startswith(f"{path}!/x")
    assert verify([tmp_path], "2.19").files == (found,)


def test_compressed_texts_in_a_folder_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "x.1.gz").write_bytes(gzip.compress(b".TH X 1\n" * 500))
    (tmp_path / "changelog.xz").write_bytes(lzma.compress(b"x (1.0)\n" * 500))
    assert verify([tmp_path], "2.19").files == ()


@pytest.mark.parametrize("row", kinds.UNREAD, ids=lambda row: row.name)
def test_a_format_that_cannot_be_read_is_not_judged(row: kinds.Unread, tmp_path: Path) -> None:
    data = bytearray(os.urandom(3000))
    data[:64] = b"\1" * 64
    data[row.offset : row.offset + len(row.magic)] = row.magic
    if row.magic == b"\x53\xef":
        data[1024:1032], data[1048:1052] = struct.pack("<2I", 100, 100), bytes(4)
    if row.magic == b"\xc7\x71":
        struct.pack_into("<6xH12xH", data, 0, 0o100644, 8)
        data[:2] = row.magic
    if row.magic == b"\x1f\x9d":
        data[2] = 0x90
    (tmp_path / "x.bin").write_bytes(data)
    tar_of({"bin": bytes(data)}, tmp_path / "y.tar")
    for source in (tmp_path / "x.bin", tmp_path / "y.tar"):
        assert reasons(verify([source], "2.19")) == [f"{row.name}, which cannot be read"]
    assert len(reasons(verify([tmp_path], "2.19"))) == 2


@pytest.mark.parametrize("start", [bytes(512), bytes(510) + b"\x55\xaa"], ids=["zeros", "boot sector"])
def test_an_iso_image_is_not_judged(start: bytes, tmp_path: Path) -> None:
    data = start + bytes(32768 - len(start)) + b"\1CD001\1" + bytes(5000)
    (tmp_path / "x.iso").write_bytes(data)
    tar_of({"inner.iso": data, "zeros": bytes(50_000)}, tmp_path / "y.tar")
    for source in (tmp_path / "x.iso", tmp_path / "y.tar"):
        assert ["ISO 9660" in reason for reason in reasons(verify([source], "2.19"))] == [True]
    assert len(reasons(verify([tmp_path], "2.19"))) == 2


@pytest.mark.parametrize("compression", ["lz4", "lzo"])
def test_a_squashfs_in_another_compression_is_not_judged(compression: str, tree: Path, tmp_path: Path) -> None:
    image = packages.as_squashfs(compression)(tree, tmp_path)
    assert reasons(verify([image], "2.19")) == [f"a squashfs image in {compression} compression, which cannot be read"]


def test_archives_in_archives_are_opened_up_to_a_depth(app: bytes, tmp_path: Path) -> None:
    inner = {"app": app}
    for level in range(9):
        path = tar_of(inner, tmp_path / f"{level}")
        inner = {f"a{level}": path.read_bytes()}
        report = verify([path], "2.19")
        if level < 8:
            assert [file.verdict for file in report.files] == ["fails"], level
        else:
            assert reasons(report) == ["is more than 8 archives deep"]


def test_what_is_in_a_static_archive_beside_objects_is_verified(app: bytes, tmp_path: Path) -> None:
    (tmp_path / "app").write_bytes(app)
    (tmp_path / "x.c").write_text("int x(void) { return 1; }\n")
    subprocess.run(["gcc", "-c", "x.c"], cwd=tmp_path, check=True)
    subprocess.run(["ar", "rc", "libinner.a", "x.o"], cwd=tmp_path, check=True)
    subprocess.run(["ar", "rc", "libx.a", "app", "libinner.a", "x.o"], cwd=tmp_path, check=True)
    found = {file.path.partition("libx.a")[2]: file.verdict for file in verify([tmp_path / "libx.a"], "2.19").files}
    assert found == {"!/app": "fails", "!/libinner.a": "ok", "": "ok"}


def test_programs_among_a_packages_control_files_are_verified(tree: Path, app: bytes, tmp_path: Path) -> None:
    """bash's preinst was a program for years."""
    (tmp_path / "p" / "DEBIAN").mkdir(parents=True)
    control = "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n"
    (tmp_path / "p" / "DEBIAN" / "control").write_text(control)
    (tmp_path / "p" / "DEBIAN" / "preinst").write_bytes(app)
    (tmp_path / "p" / "DEBIAN" / "preinst").chmod(0o755)
    subprocess.run(["dpkg-deb", "-b", "p", "x.deb"], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    assert verdicts(verify([tmp_path / "x.deb"], "2.19")) == [(".deb!/DEBIAN/preinst", "fails")]


# not an archive; excluded


FAKES = {"a.gz": b"\x1f\x8b\x08garbage", "b.dat": b"PK\3\4garbage", "c": b"BZhello", "d": b"!<arch>\ntext",
         "e": b"hsqs" + bytes(200), "f": b"\xed\xab\xee\xdb" + bytes(200), "g": b"]\0\0" + os.urandom(80),
         "h": b"070701 is a number"}  # fmt: skip


def test_what_only_begins_like_an_archive_is_passed_over_with_a_note(app: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    for name, data in FAKES.items():
        (tmp_path / "x" / name).write_bytes(data)
    (tmp_path / "x" / "z").write_bytes(app)
    tar_of({each.name: each.read_bytes() for each in (tmp_path / "x").iterdir()}, tmp_path / "x.tar")
    for source in (tmp_path / "x", tmp_path / "x.tar"):
        report = verify([source], "2.36")
        found = {file.path.rpartition("/")[2]: file for file in report.files}
        assert report.exit_status == 0 and {name for name, file in found.items() if file.verdict == "skipped"} == {
            *FAKES
        }
        assert [f.kind for f in found["a.gz"].findings] == ["not-an-archive"]
        done = symver_pin_command("verify", "--glibc", "2.36", source)
        assert (done.returncode, done.stderr) == (0, "")
        assert "b.dat: begins like a zip archive and is none; passed over" in done.stdout
        assert done.stdout.count("note: ") == len(FAKES) and "9 files" not in done.stdout
    named = verify([tmp_path / "x" / "a.gz"], "2.36")
    assert named.exit_status == 2 and len(named.errors) == 1


@pytest.mark.parametrize("cut", [0.5, 0.9])
def test_a_truncated_archive_in_a_folder_is_an_error(cut: float, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    forms = ("zip-deflated", "tar-gz", "tar-xz", "squashfs-gzip", "deb-xz", "cpio-newc")
    for form in forms:
        (tmp_path / form).mkdir()
        data = packages.FORMS[form](tree, tmp_path / form).read_bytes()
        (tmp_path / "f" / form).write_bytes(data[: int(len(data) * cut)])
    assert [file.verdict for file in verify([tmp_path / "f"], "2.19").files if file.verdict != "fails"] == [
        "error"
    ] * len(forms)


@pytest.mark.parametrize(
    ("globs", "left"),
    [
        ([], ["a/app", "a/tests/app", "b/app", "b/app.debug"]),
        (["tests"], ["a/app", "b/app", "b/app.debug"]),
        (["*.debug", "a/tests/*"], ["a/app", "b/app"]),
        (["b/"], ["a/app", "a/tests/app"]),
        (["./b/app"], ["a/app", "a/tests/app", "b/app.debug"]),
        (["app"], ["b/app.debug"]),
    ],
)
def test_files_are_excluded_in_folders_and_archives(
    globs: list[str], left: list[str], app: bytes, tmp_path: Path
) -> None:
    for name in ("a/app", "a/tests/app", "b/app", "b/app.debug"):
        (tmp_path / "x" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "x" / name).write_bytes(app)
    packages.as_tar("gz")(tmp_path / "x", tmp_path)
    words = [word for glob in globs for word in ("--exclude", glob)]
    for source in (tmp_path / "x", tmp_path / "x.tar.gz"):
        done = symver_pin_command("verify", "--format", "json", *words, source)
        start = len(str(source)) + (1 if source.is_dir() else 2)
        found = [file["path"][start:] for file in json.loads(done.stdout)["files"]]
        assert sorted(found) == sorted(left)


def test_a_named_file_is_not_excluded(app: bytes, tmp_path: Path) -> None:
    (tmp_path / "app").write_bytes(app)
    assert len(verify([tmp_path / "app"], "2.19", exclude=["app"]).files) == 1


def test_no_installed_program_carries_data() -> None:
    """Files of linkers and of Debian's packages end with their sections."""
    found = []
    for path in sorted(Path("/usr/bin").iterdir())[::7]:
        data = path.read_bytes()[: 64 << 20] if path.is_file() and path.stat().st_size < 64 << 20 else b""
        if data.startswith(b"\x7fELF"):
            found += [(path, carried) for carried in carried_by_program(Image(data, str(path)))]
    assert found == []
