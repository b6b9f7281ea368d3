"""Who uses what is missing: functions that call it however the compiler and the linker write a call, and tables."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from symver_pin.maps.platforms import resolve_target
from symver_pin.report import json as json_report
from symver_pin.report import text as text_report
from symver_pin.verify import Guilty, verify

from .programs import compile_library, compile_program

SOURCE = """
#include <stddef.h>
extern long getrandom(void *, size_t, unsigned);
extern int memfd_create();
extern int getentropy(void *, size_t);
char room[8];
__attribute__((noinline)) void fill(void) { getrandom(room, 8, 0); }
__attribute__((noinline)) void fill_more(void) { getrandom(room, 4, 1); getrandom(room, 2, 1); }
__attribute__((noinline)) int grow(void) { return memfd_create(0, 1, 1) + never; }
void *volatile table[] = { getentropy };
int program(void) { fill(); fill_more(); return grow() + (table[0] != 0); }
"""


def guilty(path: Path, callers: bool = True) -> dict[str, Guilty]:
    report = verify([path], resolve_target("2.17"), callers=callers)
    return {symbol.name: symbol for finding in report.files[0].findings for symbol in finding.symbols}


@pytest.mark.parametrize("call", ["-fplt", "-fno-plt"])
@pytest.mark.parametrize("position", ["-pie", "-no-pie"])
@pytest.mark.parametrize("linker", ["bfd", "gold", "lld", "mold"])
def test_those_who_use_a_missing_function_are_named(linker: str, position: str, call: str, tmp_path: Path) -> None:
    flags = [f"-fuse-ld={linker}", position, "-fPIE" if position == "-pie" else "-fno-pie", call, "-fno-builtin"]
    found = guilty(compile_program(tmp_path, "program", SOURCE, flags))
    assert found["getrandom"].used_by == ("fill", "fill_more")
    assert found["memfd_create"].used_by == ("grow",)
    # program reads the table. gold gives a program of a fixed address a stub's address there, and no relocation.
    by_address = linker == "gold" and position == "-no-pie"
    assert found["getentropy"].used_by == (() if by_address else ("program", "table"))


def test_a_library_tells_too(tmp_path: Path) -> None:
    found = guilty(compile_library(tmp_path, "libown.so", SOURCE, flags=["-fno-builtin"]))
    assert found["getrandom"].used_by == ("fill", "fill_more")


def test_a_stripped_file_and_a_question_not_asked_tell_nothing(tmp_path: Path) -> None:
    program = compile_program(tmp_path, "program", SOURCE, ["-fno-builtin"])
    assert all(symbol.used_by == () for symbol in guilty(program, callers=False).values())
    subprocess.run(["strip", program], check=True)
    assert all(symbol.used_by == () for symbol in guilty(program).values())


def test_views_name_them(tmp_path: Path) -> None:
    report = verify([compile_program(tmp_path, "program", SOURCE)], resolve_target("2.17"), callers=True)
    assert "since 2.25 in libc.so.6; used by fill, fill_more" in text_report.render(report)
    symbols = [s for f in json.loads(json_report.render(report))["files"][0]["findings"] for s in f["symbols"]]
    assert ["fill", "fill_more"] in [symbol.get("used_by") for symbol in symbols]
