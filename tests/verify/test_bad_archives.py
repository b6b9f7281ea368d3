"""Broken and hostile archives: one clear line for each, the others judged, bounded time and memory, nothing on disk."""

from __future__ import annotations

import bz2
import copy
import gzip
import io
import lzma
import os
import random
import struct
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from c_flags import LENIENT_C
from pinning import IMPORTABLE
from symver_pin.archives import limits
from symver_pin.verifier import Report, verify

from . import packages
from .programs import compile_library, compile_program

SMALL = ("deb-xz", "deb-none", "rpm-gzip", "tar-plain", "tar-xz", "tar-zst", "zip-deflated", "wheel-in-tar",
         "squashfs-gzip", "squashfs-xz", "squashfs-zstd", "cpio-newc", "cpio-odc", "cpio-initrd",
         "image-docker", "image-oci", "makeself", "zipapp", "tar-in-zip-in-tar")  # fmt: skip


MAY_END_ANYWHERE = ("tar-plain", "image-docker", "image-oci", "cpio-initrd")
"""A tar says nowhere how long it is: cut between two members it is a whole one. So is an initial RAM disk without its
second archive.
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with one library in it."""
    root = tmp_path_factory.mktemp("tree")
    folder = root / "opt" / "product"
    folder.mkdir(parents=True)
    compile_library(folder, "libown.so", "int foo(void) { return 1; }")
    (folder / "libown.so.c").unlink()
    return root


def said(report: Report) -> str:
    """The one line of the one file that could not be judged."""
    assert report.exit_status == 2
    (line,) = report.errors
    assert "\n" not in line
    return line


@pytest.mark.parametrize("form", SMALL)
def test_truncation_anywhere_is_an_error_and_the_others_are_judged(form: str, tree: Path, tmp_path: Path) -> None:
    package = packages.FORMS[form](tree, tmp_path)
    library = tree / "opt" / "product" / "libown.so"
    data = package.read_bytes()
    data = data.rstrip(b"\0") if form.startswith("squashfs") else data  # an image is padded to 4 KB
    cut = tmp_path / f"cut-{package.name}"
    for size in range(300, len(data) * 3 // 4, max(1, len(data) // 23)):
        cut.write_bytes(data[:size])
        report = verify([cut, library], "2.19")
        assert report.files[-1].verdict == "ok"
        assert all(line.startswith(str(cut)) and "\n" not in line for line in report.errors)
        assert report.errors or form in MAY_END_ANYWHERE, size


@pytest.mark.parametrize("form", SMALL)
def test_damage_anywhere_ends_well(form: str, tree: Path, tmp_path: Path) -> None:
    package = packages.FORMS[form](tree, tmp_path)
    data = package.read_bytes()
    damaged = tmp_path / f"damaged-{package.name}"
    for place in range(0, len(data), max(1, len(data) // 97)):
        damaged.write_bytes(data[:place] + b"\xff\xff\xff\xff\xff\xff\xff\xff" + data[place + 8 :])
        report = verify([damaged], "2.19")
        assert all("\n" not in line for line in report.errors)


@pytest.fixture(scope="module")
def seeds(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """One small archive of each form, and a static one."""
    found = []
    for form in (*SMALL, "deb-gzip", "rpm-xz", "tar-gz", "tar-bz2", "zip-stored", "deb-in-tar"):
        found.append(packages.FORMS[form](tree, tmp_path_factory.mktemp(form)).read_bytes())
    folder = tmp_path_factory.mktemp("static")
    (folder / "x.c").write_text("extern int getrandom(); int x(void) { return getrandom(0, 0, 0); }\n")
    subprocess.run(["gcc", *LENIENT_C, "-c", "x.c"], cwd=folder, check=True)
    subprocess.run(["ar", "rc", "libx.a", "x.o"], cwd=folder, check=True)
    return [*found, (folder / "libx.a").read_bytes()]


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(which=st.integers(0, 1000), seed=st.integers(0, 2**32), count=st.integers(1, 6))
def test_mutated_archives_end_well(
    which: int, seed: int, count: int, seeds: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data, chance = bytearray(seeds[which % len(seeds)]), random.Random(seed)
    for _ in range(count):
        place = chance.choice((chance.randrange(len(data)), chance.randrange(min(len(data), 700))))
        size = chance.randrange(1, 100)
        match chance.randrange(4):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                data[place : place + 8] = chance.choice((0, 2**31, 2**32 - 1, 2**64 - 1)).to_bytes(8, "little")
            case 2:
                del data[place : place + min(size, len(data) - 1)]
            case 3:
                data[place:place] = data[max(0, place - size) : place]
    path = tmp_path_factory.getbasetemp() / f"mutated-{os.getpid()}"
    path.write_bytes(data)
    assert all("\n" not in line for line in verify([path], "2.19").errors)


def test_a_package_of_rpms_format_6_is_refused_as_such(tree: Path, tmp_path: Path) -> None:
    package = packages.FORMS["rpm-gzip"](tree, tmp_path)
    data = package.read_bytes()
    payload = data.index(b"\x1f\x8b\x08", 200)
    cpio = gzip.decompress(data[payload:]).replace(b"070701", b"07070X")
    package.write_bytes(data[:payload] + gzip.compress(cpio))
    (error,) = verify([package], "2.19").errors
    assert error.endswith("x86_64.rpm: a package of RPM's format 6, which cannot be read; unpack it (rpm2archive)")


def test_a_zip_entry_without_a_name_is_passed_over(tree: Path, tmp_path: Path) -> None:
    library = (tree / "opt" / "product" / "libown.so").read_bytes()
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("nameless", b"")
        archive.writestr("a.so", library)
    # zipfile itself writes no such entry; a zero byte ends a name.
    (tmp_path / "x.zip").write_bytes((tmp_path / "x.zip").read_bytes().replace(b"nameless", b"\0ameless"))
    assert [file.verdict for file in verify([tmp_path / "x.zip"], "2.19").files] == ["ok"]


def tar_of(entries: dict[str, bytes], path: Path, mode: str = "w") -> Path:
    """A tar with these members."""
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in entries.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


@pytest.mark.parametrize("name", ["../../outside.so", "a/../../outside.so"])
def test_names_that_lead_out_of_the_archive_are_refused(name: str, tree: Path, tmp_path: Path) -> None:
    library = (tree / "opt" / "product" / "libown.so").read_bytes()
    for path in (tar_of({name: library, "inside.so": library}, tmp_path / "x.tar"), tmp_path / "x.zip"):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr(name, library)
                archive.writestr("inside.so", library)
        report = verify([path], "2.19")
        assert said(report) == f"{path}: {name}: the name leads out of the archive; not read"
        assert [file.verdict for file in report.files] == ["error", "ok"]
    assert not list(tmp_path.parent.glob("**/outside.so"))


def zip_bomb(path: Path, library: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("first.so", library)
        with archive.open("bomb.so", "w", force_zip64=True) as stream:
            stream.write(b"\x7fELF\2\1\1" + bytes(9) + b"\3\0")
            for _ in range(400):
                stream.write(bytes(1 << 20))
        archive.writestr("last.so", library)
    return path


def packed_bomb(pack: Callable[[bytes], bytes]) -> Callable[[Path, bytes], Path]:
    def build(path: Path, library: bytes) -> Path:
        plain = tar_of({"first.so": library, "zeros": bytes(400 << 20)}, path.with_suffix(".plain"))
        path.write_bytes(pack(plain.read_bytes()))
        plain.unlink()
        return path

    return build


@pytest.mark.parametrize(
    ("name", "build"),
    [
        ("x.zip", zip_bomb),
        ("x.tar.gz", packed_bomb(lambda data: gzip.compress(data, 9))),
        ("x.tar.xz", packed_bomb(lambda data: lzma.compress(data, preset=0))),
    ],
)
def test_a_bomb_is_reported_before_it_fills_memory(
    name: str, build: Callable[[Path, bytes], Path], tree: Path, tmp_path: Path
) -> None:
    bomb = build(tmp_path / name, (tree / "opt" / "product" / "libown.so").read_bytes())
    verdicts, errors = in_400_mb(bomb)
    assert verdicts == "ok error" and errors.startswith(f"{bomb}: ") and "looks like a decompression bomb" in errors


def lying_zip(path: Path, method: int, packed: bytes, stated: int) -> Path:
    """A zip with one member, whose entry states another size than its content has."""
    header = struct.pack("<4s5H3L2H", b"PK\3\4", 63, 0, method, 0, 0, 0, len(packed), stated, 4, 0) + b"a.so"
    numbers = (63, 63, 0, method, 0, 0, 0, len(packed), stated, 4, 0, 0, 0, 0, 0, 0)
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", *numbers) + b"a.so"
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(entry), len(header) + len(packed), 0)
    path.write_bytes(header + packed + entry + end)
    return path


def packed_zeros(packer: bz2.BZ2Compressor | lzma.LZMACompressor) -> bytes:
    """The beginning of a library, noise that fills a few reads, and 250 MB of zeros."""
    pieces = (ELF, os.urandom(20_000), *[bytes(1 << 20)] * 250)
    return b"".join(map(packer.compress, pieces)) + packer.flush()


def test_a_zip_member_that_unpacks_to_more_than_it_states_takes_little_memory(tmp_path: Path) -> None:
    zeros = packed_zeros(bz2.BZ2Compressor())
    bomb = lying_zip(tmp_path / "x.zip", zipfile.ZIP_BZIP2, zeros, 20 << 20)
    assert in_400_mb(bomb) == ("error", f"{bomb}: a.so: broken or truncated archive: Bad CRC-32")
    dictionary = 1 << 20
    filters = [{"id": lzma.FILTER_LZMA1, "preset": 0, "dict_size": dictionary}]
    zeros = packed_zeros(lzma.LZMACompressor(lzma.FORMAT_RAW, filters=filters))
    for stated_dictionary, said in ((dictionary, "Bad CRC-32"), (0xFFFFFFFF, "cannot be unpacked: not enough memory")):
        packed = struct.pack("<HHBL", 0, 5, 0x5D, stated_dictionary) + zeros
        bomb = lying_zip(tmp_path / "x.zip", zipfile.ZIP_LZMA, packed, 20 << 20)
        verdicts, errors = in_400_mb(bomb)
        assert verdicts == "error" and errors.startswith(f"{bomb}: a.so: ") and said in errors


def in_400_mb(path: Path) -> tuple[str, str]:
    """What is said of a file where there is not more memory than that: verdicts and errors."""
    script = (
        "import resource, sys\n"
        "from symver_pin.verifier import verify\n"
        "resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))\n"
        "report = verify([sys.argv[1]], '2.19')\n"
        "print(*(file.verdict for file in report.files))\nprint(*report.errors)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, env={**os.environ, **IMPORTABLE}
    )
    assert done.returncode == 0, done.stderr
    verdicts, errors = done.stdout.splitlines()
    return verdicts, errors


#: How a library begins.
ELF = b"\x7fELF\2\1\1" + bytes(9) + b"\3\0"


def sparse_of_gnu(path: Path) -> Path:
    """A tar with a sparse file whose map goes on for 130,000 blocks."""
    header = bytearray(tarfile.TarInfo("sparse").tobuf(tarfile.GNU_FORMAT))
    header[156:157], header[482:483] = tarfile.GNUTYPE_SPARSE, b"\1"
    header[124:136] = header[398:410] = b"00000001000\0"  # 512 bytes are stored, and are the first ones
    header[483:495] = b"00000001000\0"
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    block = b"00000000000\0" * 42 + b"\1" + bytes(7)
    last = block[:504] + bytes(8)
    path.write_bytes(gzip.compress(bytes(header) + block * 130_000 + last + ELF.ljust(512, b"\0") + bytes(1024)))
    return path


def sparse_of_pax(path: Path) -> Path:
    """The same of the other format: a map of 8 million holes."""
    entry = tarfile.TarInfo("GNUSparseFile.0/sparse")
    entry.pax_headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "sparse",
        "GNU.sparse.realsize": "512",
    }
    places = b"8000000\n0\n512\n" + b"0\n" * 15_999_998
    data = places + bytes(-len(places) % 512) + ELF.ljust(512, b"\0")
    entry.size = len(data)
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(entry, io.BytesIO(data))
    path.write_bytes(gzip.compress(plain.getvalue()))
    return path


def long_header(path: Path) -> Path:
    """A tar whose first member has 100,000 attributes."""
    entry = tarfile.TarInfo("many")
    entry.pax_headers = {f"attribute{number}": "x" for number in range(100_000)}
    with tarfile.open(path, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(entry)
    return path


def long_directory(path: Path) -> Path:
    """A zip of 800,000 empty members."""
    count = 800_000
    entry = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, count * len(entry), 4, 0)
    path.write_bytes(b"PK\3\4" + entry * count + end)
    return path


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (sparse_of_gnu, "sparse is stored as a sparse file"),
        (sparse_of_pax, "sparse is stored as a sparse file"),
        (long_header, "bytes; the limit is 1 MiB"),
        (long_directory, "central directory is 37600000 bytes; the limit is 8 MiB"),
    ],
)
def test_what_would_fill_memory_before_anything_is_read(
    build: Callable[[Path], Path], said: str, tmp_path: Path
) -> None:
    verdicts, errors = in_400_mb(build(tmp_path / "hostile"))
    assert verdicts == "error" and said in errors


def test_names_without_end_are_cut(tmp_path: Path) -> None:
    names = b"x" * (32 << 20)
    path = tmp_path / "x.a"
    path.write_bytes(
        b"!<arch>\n"
        + b"//".ljust(48)
        + f"{len(names):<10}`\n".encode()
        + names
        + (b"/0".ljust(48) + b"0         `\n") * 3000
    )
    assert in_400_mb(path) == ("ok", "")
    path.write_bytes(b"!<arch>\n" + b"#1/5000".ljust(48) + b"5000      `\n" + bytes(5000))
    assert "a member's name is 5000 bytes; the limit is 4096" in verify([path], "2.19").errors[0]


def test_an_archive_of_which_nothing_can_be_read_is_given_up(tmp_path: Path) -> None:
    entry = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 3000, 3000, 3000 * len(entry), 4, 0)
    (tmp_path / "x.zip").write_bytes(b"PK\3\4" + entry * 3000 + end)
    report = verify([tmp_path / "x.zip"], "2.19")
    assert len(report.files) == limits.MAX_BROKEN + 1
    line = f"{tmp_path / 'x.zip'}: 1000 members cannot be read; the rest of it is not verified; unpack it"
    assert report.errors[-1] == line


def test_more_programs_than_are_believed(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("symver_pin.verifier.store.MAX_KEPT", 3)
    library = (tree / "opt" / "product" / "libown.so").read_bytes()
    path = tar_of({f"lib{number}.so": library for number in range(5)}, tmp_path / "x.tar")
    report = verify([path], "2.19")
    assert [file.verdict for file in report.files] == ["ok", "ok", "ok", "error"]
    assert "more than 3 programs and objects" in said(report)


def test_overlapping_entries_are_a_bomb_too(tmp_path: Path) -> None:
    head = b"\x7fELF\2\1\1" + bytes(9) + b"\3\0"
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("a.so", "w") as stream:
            stream.write(head)
            for _ in range(32):
                stream.write(bytes(1 << 20))
        for number in range(60):
            again = copy.copy(archive.infolist()[0])
            again.filename = f"a{number}.so"
            archive.filelist.append(again)
    script = (
        "import sys, resource\nresource.setrlimit(resource.RLIMIT_AS, (800 << 20, 800 << 20))\n"
        "from symver_pin.verifier import verify\nprint(*verify([sys.argv[1]], '2.19').errors)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "x.zip"],
        capture_output=True,
        text=True,
        env={**os.environ, **IMPORTABLE},
        check=True,
    )
    assert "looks like a decompression bomb" in done.stdout or "Overlapped entries" in done.stdout


def test_a_member_above_the_limit_is_refused(tree: Path, tmp_path: Path) -> None:
    library = (tree / "opt" / "product" / "libown.so").read_bytes()
    path = tar_of({"a.so": library}, tmp_path / "x.tar")
    data = bytearray(path.read_bytes())
    header = bytearray(data[:512])
    header[124:136] = b"\x80" + (limits.MAX_MEMBER + 1).to_bytes(11, "big")  # the base-256 form of large sizes
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    path.write_bytes(header + data[512:])
    error = verify([path], "2.19").errors[0]
    # Python 3.14's tarfile finds that out by itself
    assert f"a.so is {limits.MAX_MEMBER + 1} bytes; the limit is 4 GiB" in error or "unexpected end of data" in error
    archive = tmp_path / "x.a"
    for size, line in (
        (9999999999, "a.o is 9999999999 bytes; the limit is 4 GiB"),
        (99999, "99995 of 99999 bytes are"),
    ):
        archive.write_bytes(b"!<arch>\n" + b"a.o/".ljust(48) + f"{size:<10}`\n".encode() + b"\x7fELF")
        assert line in verify([archive], "2.19").errors[0]


def test_sparse_members_are_not_made_up(tmp_path: Path) -> None:
    sparse = tmp_path / "sparse.so"
    with sparse.open("wb") as stream:
        stream.write(b"\x7fELF\2\1\1" + bytes(9) + b"\3\0")
        stream.truncate(1 << 30)
    subprocess.run(["tar", "--sparse", "-cf", "x.tar", "sparse.so"], cwd=tmp_path, check=True)
    assert "stored as a sparse file" in said(verify([tmp_path / "x.tar"], "2.19"))


@pytest.mark.parametrize("form", ["gnu", "posix --sparse-version=0.0", "posix --sparse-version=0.1", "posix"])
def test_sparse_members_that_are_no_programs_are_passed_over(form: str, tree: Path, tmp_path: Path) -> None:
    """A program, logs that begin with a hole and with data, one of many pieces, and an empty one."""
    (tmp_path / "libown.so").write_bytes((tree / "opt" / "product" / "libown.so").read_bytes())
    for name, places in {"hole": [1 << 20], "data": [0], "many": range(0, 100 << 16, 1 << 16), "empty": []}.items():
        with (tmp_path / name).open("wb") as stream:
            for place in places:
                stream.seek(place)
                stream.write(b"a line\n")
            stream.truncate(10 << 20)
    names = ["hole", "data", "libown.so", "many", "empty"]
    command = ["tar", "--sparse", f"--format={form.split()[0]}", *form.split()[1:], "-cf", "x.tar", *names]
    subprocess.run(command, cwd=tmp_path, check=True)
    with tarfile.open(tmp_path / "x.tar") as archive:
        assert [entry.name for entry in archive if entry.issparse()] == ["hole", "data", "many", "empty"]
    report = verify([tmp_path / "x.tar"], "2.19")
    assert [file.path.rpartition("/")[2] for file in report.files] == ["libown.so"] and report.exit_status == 0


def test_an_encrypted_member_is_said_and_the_rest_is_judged(tree: Path, tmp_path: Path) -> None:
    library = (tree / "opt" / "product" / "libown.so").read_bytes()
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.so", library)
        archive.writestr("b.so", library)
    data = bytearray(path.read_bytes())
    directory = data.rindex(b"PK\1\2", 0, data.rindex(b"PK\1\2"))
    for place in (data.index(b"PK\3\4") + 6, directory + 8):
        data[place : place + 2] = struct.pack("<H", 1)
    path.write_bytes(data)
    report = verify([path], "2.19")
    assert "encrypted" in said(report)
    assert [file.verdict for file in report.files] == ["error", "ok"]
    assert [finding.kind for finding in report.files[0].findings] == ["not-judged"]


def test_other_bad_archives_are_said(tmp_path: Path) -> None:
    assert "thin archive: its members are files beside it" in said(verify([packages.thin_archive(tmp_path)], "2.19"))
    (tmp_path / "lone.gz").write_bytes(gzip.compress(b"hello\n" * 200))
    assert "neither a program nor an archive when it is unpacked" in said(verify([tmp_path / "lone.gz"], "2.19"))
    (tmp_path / "bad.a").write_bytes(b"!<arch>\n" + b"a.o/".ljust(48) + b"12        `\n" + b"\x7fELF garbage")
    assert "bad.a(a.o): truncated" in said(verify([tmp_path / "bad.a"], "2.19"))


def test_nothing_is_unpacked_to_disk(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = packages.FORMS["deb-in-tar"](tree, tmp_path)
    nowhere = tmp_path / "nowhere"
    monkeypatch.setattr("tempfile.tempdir", str(nowhere))
    assert verify([package], "2.19").exit_status == 0
    assert not nowhere.exists()


def peak_kb(*paths: Path) -> int:
    """The memory that it takes to judge files that all load, by one process."""
    script = (
        "import sys\n"
        "from symver_pin.verifier import verify\n"
        "assert verify(sys.argv[1:], '2.19').exit_status == 0\n"
        "print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])\n"
    )
    env = {**os.environ, **IMPORTABLE}
    done = subprocess.run([sys.executable, "-c", script, *paths], capture_output=True, text=True, env=env, check=True)
    return int(done.stdout)


def test_memory_stays_bounded_over_a_large_package(tree: Path, tmp_path: Path) -> None:
    library = (tree / "opt" / "product" / "libown.so").read_bytes()
    large = with_noise(library, 40 << 20, tmp_path)
    path = tar_of({f"lib{number}.so": large for number in range(8)}, tmp_path / "x.tar")
    assert peak_kb(path) < 130 << 10


def with_noise(library: bytes, size: int, folder: Path) -> bytes:
    """A library with a large section that is not loaded."""
    (folder / "noise").write_bytes(os.urandom(size))
    (folder / "plain").write_bytes(library)
    subprocess.run(["objcopy", "--add-section", ".noise=noise", "plain", "large"], cwd=folder, check=True)
    return (folder / "large").read_bytes()


def test_memory_stays_bounded_over_many_packages(tree: Path, tmp_path: Path) -> None:
    library = tree / "opt" / "product" / "libown.so"
    source = "extern int foo(void); int program(void) { return foo(); }"
    user = compile_program(tmp_path, "user", source, [str(library)])
    members = {"libown.so": with_noise(library.read_bytes(), 20 << 20, tmp_path), "user": user.read_bytes()}
    paths = [tar_of(members, tmp_path / f"{number}.tar") for number in range(8)]
    assert peak_kb(*paths, user, library) < 100 << 10
