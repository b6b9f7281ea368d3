"""The HTML report: states of the heat map, the order of files, the filter, the size for many files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.platforms import Platform
from symver_pin.loader.verdict import FileVerdict, Finding, SymbolNames
from symver_pin.report.formats.html import render
from symver_pin.verifier import Report, verify

from .browser import dom_of
from .programs import compile_program

MAPS = default_maps()
PLATFORMS = MAPS.platforms
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def modern(tmp_path_factory: pytest.TempPathFactory) -> FileVerdict:
    """The verdict on a program that needs `getrandom` of 2.25, for glibc 2.17."""
    folder = tmp_path_factory.mktemp("heat-map")
    source = "#include <sys/random.h>\nint program(void) { char byte; return getrandom(&byte, 1, 0) != 1; }"
    (file,) = verify([compile_program(folder, "modern", source)], "2.17").files
    return file


def page(*files: FileVerdict, target: str = "2.17") -> str:
    return render(Report(MAPS.target(target), files, None, PLATFORMS))


def cells(text: str, path: str) -> dict[str, str]:
    """Release -> state, of the row of a file."""
    head = re.findall(r"<th(?: class=\"target\")?>([\d.]+)</th>", text)
    row = text.partition(f'data-file="{path}"')[2].partition("</tr>")[0]
    states = re.findall(r'<td class="?(\w+)', row)
    return dict(zip(head, states, strict=True))


def starting_on(file: FileVerdict, platforms: tuple[Platform, ...]) -> FileVerdict:
    return file._replace(path="own/runtime", runs_on=platforms)


def test_a_cell_is_red_where_glibc_lacks_something_and_green_where_all_platforms_run_it(modern: FileVerdict) -> None:
    states = cells(page(modern), modern.path)
    assert {states[release] for release in ("2.17", "2.24")} == {"fails"}
    assert {states[release] for release in ("2.25", "2.31", "2.43")} == {"loads"}


def test_a_file_that_lacks_only_a_newer_libstdcxx_is_not_green(modern: FileVerdict) -> None:
    loads = starting_on(modern, tuple(platform for platform in PLATFORMS if platform.has("GLIBCXX_3.4.30")))
    states = cells(page(loads), loads.path)
    assert states["2.28"] == "runtime" and states["2.36"] == "loads"
    # SLES 15 has glibc 2.31 with a newer libstdc++ than Debian 11, which has the same glibc
    assert states["2.31"] == "some"


def test_the_cell_of_the_target_is_the_verdict(modern: FileVerdict) -> None:
    fine = modern._replace(path="fine", verdict="ok", findings=())
    failing = modern._replace(path="bad")
    for target, bad in (("2.36", "runtime"), ("2.17", "fails")):
        text = page(fine, failing, target=target)
        assert cells(text, "bad")[target] == bad
    assert cells(page(fine, target="2.36"), "fine")["2.36"] == "loads"


def test_the_cell_of_the_target_tells_runtime_libraries_from_anything_else(modern: FileVerdict) -> None:
    for kind, library, state in (
        ("missing-version", "libstdc++.so.6", "runtime"),
        ("library-not-found", "libown.so", "fails"),
    ):
        finding = Finding(kind, modern.path, "message", "advice", library=library)
        failing = modern._replace(findings=(finding,))
        assert cells(page(failing, target="2.36"), modern.path)["2.36"] == state


def test_each_cell_has_a_text_and_the_legend_explains_it(modern: FileVerdict) -> None:
    text = page(modern)
    row = text.partition(f'data-file="{modern.path}"')[2].partition("</tr>")[0]
    assert set(re.findall(r"<td class=[^>]*>([^<\n]*)", row)) == {"\u2713", "\u2717"}
    assert '<span class="key loads">\u2713</span>' in text and '<span class="key fails">\u2717</span>' in text


def test_failing_files_come_first_and_those_of_an_archive_together(modern: FileVerdict) -> None:
    fine = modern._replace(verdict="ok", findings=())
    files = [
        fine._replace(path="a/fine"),
        fine._replace(path="w.whl!/fine"),
        modern._replace(path="w.whl!/bad"),
        modern._replace(path="z/bad"),
        FileVerdict("broken", "error", error="broken: unreadable"),
    ]
    shown = re.findall(r'<details id="file-\d+" data-file="([^"]+)"', page(*files))
    assert shown == ["w.whl!/bad", "w.whl!/fine", "z/bad", "broken", "a/fine"]


def test_the_filter_shows_the_files_that_are_chosen(modern: FileVerdict, tmp_path: Path) -> None:
    fine = modern._replace(path="fine", verdict="ok", findings=())
    text = page(modern._replace(path="bad one"), fine)
    checked = tmp_path / "checked.html"
    changes = {
        'id="failing">': 'id="failing" checked>',
        "choose);\n</script>": "choose);\nchoose();\n</script>",
        "script-src 'sha256-": "script-src 'unsafe-inline' 'x",
    }
    changed = text
    for old, new in changes.items():
        assert old in changed
        changed = changed.replace(old, new)
    checked.write_text(changed)
    hidden = re.findall(r'data-file="([^"]+)"[^>]* hidden=""', dom_of(checked))
    assert hidden == ["fine", "fine"]
    everything = tmp_path / "all.html"
    everything.write_text(text)
    assert 'hidden=""' not in dom_of(everything)


def test_five_hundred_files_take_less_than_a_megabyte(modern: FileVerdict) -> None:
    names = SymbolNames([f"_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE{number}Ev" for number in range(60)])
    more = Finding("missing-version", modern.path, "libstdc++.so.6 lacks GLIBCXX_3.4.21", "ship it", symbols=names)
    long = "usr/lib/python3/dist-packages/some_package/_native"
    files = [modern._replace(path=f"{long}{number}.so", findings=(*modern.findings, more)) for number in range(500)]
    text = page(*files)
    assert len(text.encode()) < MEGABYTE
    assert text.count("and 56 more") == len(files)
