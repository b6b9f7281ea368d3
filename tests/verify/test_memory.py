"""Memory: pages of mapped files are released and read again, with the same results."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from symver_pin.archives import streams
from symver_pin.loader import exports
from symver_pin.verifier import verify

from .test_reader import real_files

if TYPE_CHECKING:
    from symver_pin.archives.streams import View


def resident(path: Path) -> int:
    """How many bytes of a mapped file are in this process's memory."""
    lines = iter(Path("/proc/self/smaps").read_text().splitlines())
    found = 0
    for line in lines:
        if line.endswith(f" {path}"):
            found += next(int(each.split()[1]) for each in lines if each.startswith("Rss:"))
    return found << 10


def test_the_pages_of_a_mapped_file_come_back(tmp_path: Path) -> None:
    content = os.urandom(8 << 20)
    path = tmp_path / "x.a"
    path.write_bytes(content)
    with path.open("rb") as stream:
        view = cast("View", streams.mapped(stream)).view
    pages, most = streams.Pages(), 0
    for start in range(0, len(content), 1 << 18):
        piece = view[start : start + (1 << 18)]
        assert bytes(piece) == content[start : start + (1 << 18)]
        most = max(most, resident(path))
        pages.seen(piece)
    assert 1 << 20 < most < 6 << 20
    assert bytes(view) == content


def test_content_that_is_nowhere_else_stays() -> None:
    data = memoryview(bytearray(b"x" * (5 << 20)))
    pages = streams.Pages()
    for start in range(0, len(data), 1 << 20):
        pages.seen(data[start : start + (1 << 20)])
    assert data == b"x" * (5 << 20)


def test_a_static_archive_gets_the_same_verdict_when_pages_are_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        source = tmp_path / f"m{number}.c"
        source.write_text(
            f'#include <threads.h>\nchar room{number}[1 << 20] = "x";\n'
            f"int f{number}(mtx_t *m) {{ return mtx_lock(m); }}\n"
        )
        subprocess.run(["gcc", "-g", "-c", "-o", source.with_suffix(".o"), source], check=True)
    objects = sorted(map(str, tmp_path.glob("*.o")))
    subprocess.run(["ar", "cr", tmp_path / "x.a", *objects], check=True)
    plain = verify([tmp_path / "x.a"], "2.19", callers=True)
    assert [len(finding.symbols) for finding in plain.files[0].findings] == [1] * 4
    assert all(symbol.used_by for finding in plain.files[0].findings for symbol in finding.symbols)
    monkeypatch.setattr(streams, "_WINDOW", 0)
    assert verify([tmp_path / "x.a"], "2.19", callers=True) == plain


def test_exports_that_are_read_again_give_the_same_report(monkeypatch: pytest.MonkeyPatch) -> None:
    files = real_files()[:150]
    plain = verify(files, "2.19")
    monkeypatch.setattr(exports, "_MOST_SYMBOLS", 1000)
    assert verify(files, "2.19") == plain


@pytest.mark.parametrize(("name", "value"), [("_SMALL", 0), ("_SMALL", 1 << 32), ("_LOOKUP_COST", 1 << 32)])
def test_exports_are_the_same_by_look_up_and_read_whole(name: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    files = real_files()[:150]
    plain = verify(files, "2.19")
    monkeypatch.setattr(exports, name, value)
    assert verify(files, "2.19") == plain


def test_a_whole_system_takes_little() -> None:
    """Whatever is installed here; 131 MB where all the cross compilers and a jar of 33,000 entries are. The interpreter
    takes 11.
    """
    code = (
        "import sys; from symver_pin.cli import main\n"
        "main(['verify', '--glibc', '2.19', '--jobs', '1', '/usr/lib'])\n"
        "sys.stderr.write('\\n' + open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
    )
    env = {**os.environ, "COVERAGE_PROCESS_CONFIG": ""}  # measuring coverage takes memory of its own
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    assert int(done.stderr.split()[-1]) < 150 << 10, "KB"
