"""A library that fails is told of once, in its own verdict; what loads it says so in a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symver_pin.report.formats import FORMATS, render
from symver_pin.report.text import render as render_text
from symver_pin.verify import FileVerdict, Report, verify

from . import packages
from .programs import compile_library, compile_program

LIBRARY = "extern int getrandom(); int foo(void) { return never && getrandom(0, 0, 0); }"
PROGRAM = "extern int foo(void); int program(void) { return foo(); }"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that loads nothing that is new but a library in which there is something new."""
    root = tmp_path_factory.mktemp("failing")
    folder = root / "opt" / "product"
    (folder / "bin").mkdir(parents=True)
    library = compile_library(folder / "lib", "libfoo.so", LIBRARY)
    compile_program(folder / "bin", "app", PROGRAM, [str(library), "-Wl,-rpath,$ORIGIN/../lib"])
    return root


def of(report: Report, name: str) -> FileVerdict:
    """The verdict of a file by its base name."""
    (found,) = (file for file in report.files if file.path.endswith(f"/{name}"))
    return found


@pytest.mark.parametrize("form", ["folder", "zip-deflated", "wheel-in-tar"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_judged_library_is_told_of_by_itself(form: str, jobs: int, tree: Path, tmp_path: Path) -> None:
    report = verify([packages.FORMS[form](tree, tmp_path)], "2.19", jobs=jobs)
    app, library = of(report, "app"), of(report, "libfoo.so")
    assert app.verdict == library.verdict == "fails"
    (finding,) = library.findings
    assert app.findings == (finding._replace(told_there=True),)
    assert app.told_here == () and app.failing_libraries == (library.path,)
    text = render_text(report)
    assert text.count("getrandom") == 1
    name = library.path if form == "folder" else library.path.rpartition("!/")[2]
    assert f"\n  loads {name}, which fails: see there\n" in text


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("json", "text")])
def test_every_format_for_people_says_it_once(name: str, tree: Path) -> None:
    report = verify([tree], "2.19")
    text = render(report, name)
    # In HTML also among the guilty symbols of all files; SARIF has the libraries' names in its message.
    assert text.count("getrandom") == (2 if name == "html" else 1)
    assert "which fails: see there" in text


def test_json_has_all_that_is_wrong(tree: Path) -> None:
    files = json.loads(render(verify([tree], "2.19"), "json"))["files"]
    assert [[symbol["name"] for finding in file["findings"] for symbol in finding["symbols"]] for file in files] == [
        ["getrandom"]
    ] * 2


def test_a_library_that_is_not_judged_is_told_of_where_it_is_loaded(tree: Path) -> None:
    app = tree / "opt" / "product" / "bin" / "app"
    report = verify([app], "2.19")
    assert report.files[0].failing_libraries == ()
    text = render_text(report)
    assert "libfoo.so: libc.so.6 of glibc 2.19 does not define the version GLIBC_2.25" in text and "getrandom" in text


def test_what_is_wrong_only_in_the_program_is_told_there(tmp_path: Path) -> None:
    """The library is fine: another program may have the symbol that this one lacks."""
    library = compile_library(tmp_path, "libbar.so", "extern int nowhere(void); int foo(void) { return nowhere(); }")
    app = compile_program(tmp_path, "app", PROGRAM, [str(library), "-Wl,--unresolved-symbols=ignore-all"])
    report = verify([app, library], "2.19")
    assert [file.verdict for file in report.files] == ["fails", "ok"]
    assert report.files[0].failing_libraries == () and "nowhere" in render_text(report).partition("libbar.so: ok")[0]
