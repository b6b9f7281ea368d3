"""The three programs of the demo: how each is built, plain and pinned, and the little job that shows that it works.

A plain and a pinned build differ in one place, the command in front: `cc` or `symver-pin cc`, `cargo` or
`symver-pin cargo`. That is the point of the demo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlite_source import sqlite_source

HERE = Path(__file__).resolve().parent

SQL = """
create table towns (name text primary key, people integer);
insert into towns values ('Ulm', 126000), ('Bern', 134000), ('Graz', 292000), ('Turku', 195000);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000)
    insert into towns select 'village ' || i, i % 97 from n;
select name from towns where people > 130000 order by people desc;
select count(*), sum(people), printf('%.6f', sqrt(2) + ln(10)) from towns;
.open demo.db
pragma integrity_check;
select count(*), min(strftime('%Y', '2020-02-29', '+1 year')) from towns;
"""
SQL_ANSWER = "Graz\nTurku\nBern\n100004|5546775|3.716799\nok\n100004|2021\n"

CommandLine = list[str]


@dataclass(frozen=True)
class Program:
    """One program of the demo.

    `commands(pin, folder)` are the build's command lines, where `pin` is what goes in front of the compiler ([] for a
    plain build, or symver-pin's words) and `folder` is where the result shall appear; each may raise `Unavailable` when
    the source cannot be had. `output` is the result's name, somewhere below that folder.
    """

    name: str
    tools: tuple[str, ...]
    commands: Callable[[CommandLine, Path], list[CommandLine]]
    output: str
    arguments: tuple[str, ...]
    stdin: str | None
    expected: Callable[[str], bool]


def _sqlite(pin: CommandLine, folder: Path) -> list[CommandLine]:
    source = sqlite_source()
    options = ["-O1", "-DSQLITE_THREADSAFE=1", "-DSQLITE_ENABLE_MATH_FUNCTIONS", "-DSQLITE_ENABLE_FTS5"]
    files = [str(source / "shell.c"), str(source / "sqlite3.c")]
    return [[*pin, "cc", *options, "-o", str(folder / "sqlite3"), *files, "-lpthread", "-ldl", "-lm"]]


def _cpp(pin: CommandLine, folder: Path) -> list[CommandLine]:
    source = str(HERE / "cpp" / "main.cc")
    return [[*pin, "c++", "-std=c++17", "-O2", "-pthread", "-o", str(folder / "cpp-demo"), source]]


def _rust(pin: CommandLine, folder: Path) -> list[CommandLine]:
    manifest = str(HERE / "rust" / "Cargo.toml")
    options = ["--release", "--locked", "--offline", "--manifest-path", manifest, "--target-dir", str(folder)]
    return [[*pin, "cargo", "build", *options]]


def _all_passed(printed: str) -> bool:
    return printed.endswith("all checks passed\n") and "FAILED" not in printed


PROGRAMS = (
    Program("SQLite shell (C)", ("cc",), _sqlite, "sqlite3", ("demo.db",), SQL, SQL_ANSWER.__eq__),
    Program("threads and exceptions (C++)", ("c++",), _cpp, "cpp-demo", (), None, _all_passed),
    Program("cargo project (Rust)", ("cargo", "cc"), _rust, "rust-demo", ("one", "two words"), None, _all_passed),
)
