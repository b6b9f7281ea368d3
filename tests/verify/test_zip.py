"""Zip archives: the members that zipfile finds, one clear line about a broken archive, bounded memory for any."""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from pinning import IMPORTABLE
from symver_pin.archives.limits import MAX_DIRECTORY
from symver_pin.archives.reader import members
from symver_pin.archives.zip import zip_members
from symver_pin.errors import ArchiveError
from symver_pin.verifier import verify

from . import packages

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
NAMES = ("a.so", "lib/", "lib/b.so", "lib/empty", "grün.so", "Grün/Ωmega.so", "x" * 3000, "with a blank")


def written(methods: tuple[int, ...] = METHODS, comment: bytes = b"", prefix: bytes = b"", notes: int = 0) -> bytes:
    """An archive of NAMES; `notes` is the number of bytes that each entry's comment adds to the central directory."""
    stream = io.BytesIO(prefix)
    stream.seek(len(prefix))
    with zipfile.ZipFile(stream, "a" if prefix else "w") as archive:
        for number, name in enumerate(NAMES):
            content = b"" if name.endswith(("/", "empty")) else random.Random(number).randbytes(200) * (number * 300)
            entry = zipfile.ZipInfo(name)
            entry.compress_type, entry.comment = methods[number % len(methods)], b"-" * notes
            archive.writestr(entry, content)
        archive.comment = comment
    return stream.getvalue()


def same_as_zipfile(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        expected = [entry for entry in archive.infolist() if not entry.is_dir()]
        found = 0
        for member, entry in zip(members(io.BytesIO(data), "x.zip"), expected, strict=True):
            assert (member.name, member.size) == (entry.filename, entry.file_size)
            assert bytes(member.read()) == archive.read(entry)
            found += 1
    return found


def test_every_method_name_and_place() -> None:
    for data in (written(), written(comment=b"a comment" * 7000)):
        assert same_as_zipfile(data) == len(NAMES) - 1


def test_a_zip_behind_something_else() -> None:
    """As installers are: a zip is found from its end. What is no zip by its first bytes is not taken for one."""
    data = written(prefix=b"#!/bin/sh\nexec java -jar $0\n" * 9)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in zip_members(io.BytesIO(data), "x.zip"):
            assert bytes(member.read()) == archive.read(member.name)
    with pytest.raises(ArchiveError, match="not an archive of a known kind"):
        list(members(io.BytesIO(data), "x.zip"))


def test_the_zip64_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """zipfile writes them when sizes or the number of entries are above its limits, which are lowered here."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)
    data = written()
    assert b"PK\6\6" in data and b"PK\6\7" in data
    assert same_as_zipfile(data) == len(NAMES) - 1


def test_a_real_wheel() -> None:
    assert same_as_zipfile(packages.wheel("pyzmq==26.2.0").read_bytes()) > 90


def test_what_another_program_wrote(tmp_path: Path) -> None:
    """The sizes of a member follow it, in a data descriptor, where the writer cannot seek."""
    (tmp_path / "a.so").write_bytes(b"\x7fELF" * 1000)
    (tmp_path / "b.so").write_bytes(b"\x7fELF" * 2000)
    subprocess.run(["cmake", "-E", "tar", "c", "x.zip", "--format=zip", "a.so", "b.so"], cwd=tmp_path, check=True)
    assert same_as_zipfile((tmp_path / "x.zip").read_bytes()) == 2
    with (tmp_path / "y.zip").open("wb") as stream, zipfile.ZipFile(_Unseekable(stream), "w") as archive:
        for name in ("a.so", "b.so"):
            archive.write(tmp_path / name, name, zipfile.ZIP_DEFLATED)
    assert same_as_zipfile((tmp_path / "y.zip").read_bytes()) == 2


class _Unseekable(io.RawIOBase):
    """A pipe, more or less."""

    def __init__(self, stream: io.BufferedWriter) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return self._stream.write(data)  # type: ignore[arg-type]


@pytest.mark.parametrize("offset", [0, 1 << 31, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
@pytest.mark.parametrize("size", [1, 1 << 32, 1 << 63, (1 << 64) - 1])
def test_sizes_and_offsets_beyond_the_archive_are_errors(offset: int, size: int) -> None:
    """A local file header without content, and an entry with these numbers in its ZIP64 extra field."""
    header = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, 4, 0) + b"a.so"
    extra = struct.pack("<2H3Q", 1, 24, size, size, offset)
    most = 0xFFFFFFFF
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, 0, 0, 0, 0, most, most, 4, len(extra), 0, 0, 0, 0, most)
    entry += b"a.so" + extra
    assert error_of(header + directory_of(entry, 1, len(header))).startswith("x.zip: ")


def directory_of(entries: bytes, count: int, offset: int, comment: bytes = b"") -> bytes:
    """A central directory, with the end of central directory record."""
    counts = (min(count, 0xFFFF),) * 2
    return entries + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *counts, len(entries), offset, len(comment)) + comment


def error_of(data: bytes) -> str:
    """The one error about an archive or one of its members."""
    with pytest.raises(ArchiveError) as raised:
        for member in members(io.BytesIO(data), "x.zip"):
            member.read()
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_central_directory_above_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = 66_000 // len(NAMES)  # the directory is larger than what Python 3.13 reads at the end of an archive: 64 KB
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)
    with_zip64_records = written(notes=notes)
    monkeypatch.undo()
    assert b"PK\6\6" in with_zip64_records
    with_comment, with_prefix = written(comment=b"a comment", notes=notes), written(prefix=b"#!/bin/sh\n", notes=notes)
    for data in (written(notes=notes), with_comment, with_prefix, with_zip64_records):
        end = data.index(b"PK\6\6" if data is with_zip64_records else b"PK\5\6")
        size = end - data.index(b"PK\1\2")
        monkeypatch.setattr("symver_pin.archives.zip.MAX_DIRECTORY", size)
        assert len(list(zip_members(io.BytesIO(data), "x.zip"))) == len(NAMES) - 1
        monkeypatch.setattr("symver_pin.archives.zip.MAX_DIRECTORY", size - 1)
        with pytest.raises(
            ArchiveError, match=f"^x.zip: central directory is {size} bytes; the limit is 0 MiB; unpack "
        ):
            next(zip_members(io.BytesIO(data), "x.zip"))


def test_the_limit_holds_for_the_record_that_zipfile_takes() -> None:
    """An archive with two end of central directory records, the last of them in the comment of the other."""
    entries = entry_of(b"x" * 60_000) * (MAX_DIRECTORY // 60_000 + 1)
    small = directory_of(entry_of(b"a.so"), 1, 4)
    large = directory_of(entries, 1, 4)
    for data in (
        b"PK\3\4" + large[:-2] + struct.pack("<H", len(small)) + small,
        b"PK\3\4" + small[:-2] + struct.pack("<H", 22) + large,
        b"PK\3\4" + large,
    ):
        with pytest.raises(ArchiveError) as raised:
            for member in members(io.BytesIO(data), "x.zip"):
                member.read()
        said = str(raised.value)
        assert f"central directory is {len(entries)} bytes; the limit is 8 MiB" in said or "x.zip: a.so: " in said


def entry_of(name: bytes, number: int = 0, flags: int = 0) -> bytes:
    """An entry of a central directory, with numbers that no two entries share."""
    numbers = (0x80000000 + number, 0x70000000 + number, 0x60000000 + number, len(name), 0, 0, 1000, 1000)
    place = (0x40000000 + number, 0x10000000 + number)
    return struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, flags, 999, number % 9999, 33, *numbers, *place) + name


@pytest.mark.parametrize("kind", ["shortest names", "longest names"])
def test_a_central_directory_below_the_limit_takes_bounded_memory(kind: str, tmp_path: Path) -> None:
    """As many entries as possible; or names that take four bytes a character, once with the NUL that ends a name."""
    entries, count = bytearray(), 0
    while True:
        name = b"%x" % count if kind == "shortest names" else b"x" * 65_000 + f"\U0001f4a3{count}\0".encode()
        entry = entry_of(name, count, 0x800)
        if len(entries) + len(entry) > MAX_DIRECTORY:
            break
        entries += entry
        count += 1
    (tmp_path / "x.zip").write_bytes(b"PK\3\4" + directory_of(bytes(entries), count, 4))
    script = (
        "import sys\nfrom symver_pin.verifier import verify\nprint(*verify(sys.argv[1:], '2.19').errors[-1:])\n"
        "print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "x.zip")]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **IMPORTABLE}, check=True)
    line, peak = done.stdout.splitlines()
    assert line.startswith(str(tmp_path / "x.zip")) and int(peak) < 180 << 10, f"{line}, {peak} KB"


def test_an_empty_zip_has_no_members(tmp_path: Path) -> None:
    """As a file, and in memory inside of a tar."""
    empty = directory_of(b"", 0, 0)
    (tmp_path / "x.zip").write_bytes(empty)
    assert list(members(tmp_path / "x.zip")) == []
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.add(tmp_path / "x.zip", "x.zip")
    assert verify([tmp_path / "x.tar"], "2.19").errors == ()


def test_broken_ones_are_said() -> None:
    whole = written()
    chance = random.Random(1)
    broken = 0
    for _ in range(1500):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 1, 2, 8))):
            # Most often in the central directory and the record behind it.
            data[-chance.randrange(1, len(data) if chance.random() < 0.2 else 4200)] = chance.randrange(256)
        if chance.random() < 0.2:
            del data[chance.randrange(4, len(data)) :]
        try:
            for member in members(io.BytesIO(data), "x.zip"):
                member.read()
        except ArchiveError as error:
            assert str(error).startswith("x.zip")
            broken += 1
    assert broken > 500


UNPACK = "; unpack it yourself, and name the folder"


def test_the_fault_of_a_zip_is_named() -> None:
    whole = written((zipfile.ZIP_STORED,))
    end = whole.rindex(b"PK\5\6")
    directory = whole.index(b"PK\1\2")

    def changed(at: int, value: bytes) -> str:
        return error_of(whole[:at] + value + whole[at + len(value) :])

    broken = "x.zip: broken or truncated archive: "
    assert error_of(whole[:end]) == f"{broken}File is not a zip file"
    assert changed(end + 12, b"\xff\xff\xff\0") == f"{broken}Bad offset for central directory"
    assert changed(directory, b"PK\1\3") == f"{broken}Bad magic number for central directory"
    assert changed(directory + 32, b"\1") == f"{broken}Bad magic number for central directory"  # the size of a comment
    assert changed(end + 12, b"\x60\x0d") == f"{broken}Bad magic number for central directory"
    assert changed(directory + 6, b"\x63") == f"x.zip: cannot be unpacked: zip file version 9.9{UNPACK}"
    assert changed(directory + 8, b"\1") == f"x.zip: a.so: cannot be unpacked: the member is encrypted{UNPACK}"
    assert changed(directory + 10, b"\x63").startswith("x.zip: a.so: cannot be unpacked: ")  # an unknown compression
    assert changed(directory + 42, b"\1").startswith("x.zip: a.so: broken or truncated archive: Bad magic number")
    assert changed(whole.index(b"a.so"), b"z").startswith("x.zip: a.so: broken or truncated archive: File name in")
    assert "x.zip: lib/b.so: broken or truncated archive: Bad CRC-32" in changed(whole.index(b"lib/b.so") + 99, b"????")
    bad_utf8 = whole.replace("grün.so".encode(), b"gr\xff\xffn.so")
    assert error_of(bad_utf8).startswith(f"{broken}'utf-8' codec can't decode")
