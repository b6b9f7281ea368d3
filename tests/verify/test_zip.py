"""The directory of a zip, entry by entry: what zipfile says, in less memory."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from symver_pin.archives.reader import members
from symver_pin.errors import ArchiveError

from . import packages

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
NAMES = ("a.so", "lib/", "lib/b.so", "lib/empty", "grün.so", "Grün/Ωmega.so", "x" * 3000, "with a blank")


def written(methods: tuple[int, ...] = METHODS, comment: bytes = b"", prefix: bytes = b"") -> bytes:
    stream = io.BytesIO(prefix)
    stream.seek(len(prefix))
    with zipfile.ZipFile(stream, "a" if prefix else "w") as archive:
        for number, name in enumerate(NAMES):
            content = b"" if name.endswith(("/", "empty")) else random.Random(number).randbytes(200) * (number * 300)
            archive.writestr(name, content, methods[number % len(methods)])
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
    # zipfile takes this comment for the end of the directory.
    data = written(comment=b"PK\5\6 is how an end begins, and here none does" * 100)
    assert [member.name for member in members(io.BytesIO(data), "x.zip")] == [n for n in NAMES if n[-1] != "/"]


def test_a_zip_behind_something_else() -> None:
    """As installers are: zipfile counts from the end too. What is no zip by its first bytes is not taken for one."""
    from symver_pin.archives.zip import zip_members

    data = written(prefix=b"#!/bin/sh\nexec java -jar $0\n" * 9)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in zip_members(io.BytesIO(data), "x.zip"):
            assert bytes(member.read()) == archive.read(member.name)
    with pytest.raises(ArchiveError, match="no archive of a known kind"):
        list(members(io.BytesIO(data), "x.zip"))


def test_numbers_that_do_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """zipfile writes the large forms when the limits are passed, which are lowered here."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)
    data = written()
    assert b"PK\6\6" in data and b"PK\6\7" in data
    assert same_as_zipfile(data) == len(NAMES) - 1


def test_a_real_wheel() -> None:
    assert same_as_zipfile(packages.wheel("pyzmq==26.2.0").read_bytes()) > 90


def test_what_another_program_wrote(tmp_path: Path) -> None:
    """Sizes behind the members, as of one who cannot go back."""
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
def test_large_numbers_that_lead_nowhere(offset: int, size: int) -> None:
    """A local header without content, and a directory whose entry has these numbers in its extra."""
    header = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, 4, 0) + b"a.so"
    extra = struct.pack("<2H3Q", 1, 24, size, size, offset)
    most = 0xFFFFFFFF
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, 0, 0, 0, 0, most, most, 4, len(extra), 0, 0, 0, 0, most)
    entry += b"a.so" + extra
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(entry), len(header), 0)
    (member,) = members(io.BytesIO(header + entry + end), "x.zip")
    assert (member.name, member.size) == ("a.so", size)
    with pytest.raises(ArchiveError):
        member.read()


def test_a_large_directory_takes_no_room() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"a/long/way/to/the/class/{number}.class", b"\xca\xfe\xba\xbe")
    stream.seek(0)
    tracemalloc.start()
    try:
        count = sum(member.head == b"\xca\xfe\xba\xbe" for member in members(stream, "x.jar"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 20_000 and peak < 2 << 20, f"{peak} bytes"


def test_broken_ones_are_said() -> None:
    whole = written()
    chance = random.Random(1)
    broken = 0
    for _ in range(1500):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 1, 2, 8))):
            # Most often in the directory and its end.
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


def test_what_is_wrong_is_told() -> None:
    whole = written((zipfile.ZIP_STORED,))
    end = whole.rindex(b"PK\5\6")

    def said(data: bytes) -> str:
        with pytest.raises(ArchiveError) as raised:
            for member in members(io.BytesIO(data), "x.zip"):
                member.read()
        return str(raised.value)

    assert "no end of a directory" in said(whole[:end])
    assert "does not end where it should" in said(whole[: end + 12] + b"\xff\xff\xff\0" + whole[end + 16 :])
    directory = whole.index(b"PK\1\2")
    assert "broken entry" in said(whole[:directory] + b"PK\1\3" + whole[directory + 4 :])
    comment = directory + 32  # its length
    assert "an entry goes on behind" in said(whole[:comment] + b"\xff\xff" + whole[comment + 2 :])
    assert "no member where" in said(whole[: directory + 42] + b"\1\0\0\0" + whole[directory + 46 :])
    assert "of another name" in said(whole.replace(b"a.so", b"z.so", 1))
    method = bytearray(whole)
    method[directory + 10 : directory + 12] = b"\x63\0"
    assert "cannot be unpacked" in said(bytes(method))
