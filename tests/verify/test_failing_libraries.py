"""The findings of a failing library are reported once, with its own verdict; files that load it refer to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symver_pin.report.formats import FORMATS, render
from symver_pin.report.formats.text import render as render_text
from symver_pin.verifier import FileVerdict, Report, verify

from . import packages
from .programs import compile_library, compile_program

LIBRARY = "extern int getrandom(); int foo(void) { return never && getrandom(0, 0, 0); }"
PROGRAM = "extern int foo(void); int program(void) { return foo(); }"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that needs nothing new but a library, which needs a function of 2.25."""
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
def test_findings_of_a_verified_library_are_reported_once(form: str, jobs: int, tree: Path, tmp_path: Path) -> None:
    report = verify([packages.FORMS[form](tree, tmp_path)], "2.19", jobs=jobs)
    app, library = of(report, "app"), of(report, "libfoo.so")
    assert app.verdict == library.verdict == "fails"
    (finding,) = library.findings
    assert app.findings == (finding._replace(reported_by_dependency=True),)
    assert app.reported_here == () and app.failing_libraries == (library.path,)
    text = render_text(report)
    assert text.count("getrandom") == 1
    name = library.path if form == "folder" else library.path.rpartition("!/")[2]
    assert f"\n  loads {name}, which fails; see the verdict on it\n" in text


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("json", "text")])
def test_every_format_for_people_reports_them_once(name: str, tree: Path) -> None:
    report = verify([tree], "2.19")
    text = render(report, name)
    # HTML also has a table of the missing symbols of all files.
    assert text.count("getrandom") == (2 if name == "html" else 1)
    assert "which fails; see the verdict on it" in text


def test_json_has_all_findings_of_each_file(tree: Path) -> None:
    files = json.loads(render(verify([tree], "2.19"), "json"))["files"]
    assert [[symbol["name"] for finding in file["findings"] for symbol in finding["symbols"]] for file in files] == [
        ["getrandom"]
    ] * 2


def test_findings_of_a_library_that_is_not_verified_are_reported_at_its_user(tree: Path) -> None:
    app = tree / "opt" / "product" / "bin" / "app"
    report = verify([app], "2.19")
    assert report.files[0].failing_libraries == ()
    text = render_text(report)
    assert "libfoo.so: libc.so.6 of glibc 2.19 does not define the version GLIBC_2.25" in text and "getrandom" in text


def test_a_finding_that_only_the_program_has_is_reported_at_the_program(tmp_path: Path) -> None:
    """The library alone is fine: another program may define the symbol that this one lacks."""
    library = compile_library(tmp_path, "libbar.so", "extern int nowhere(void); int foo(void) { return nowhere(); }")
    app = compile_program(tmp_path, "app", PROGRAM, [str(library), "-Wl,--unresolved-symbols=ignore-all"])
    report = verify([app, library], "2.19")
    assert [file.verdict for file in report.files] == ["fails", "ok"]
    assert report.files[0].failing_libraries == () and "nowhere" in render_text(report).partition("libbar.so: ok")[0]
