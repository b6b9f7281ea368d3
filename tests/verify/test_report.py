"""The text and the JSON of one report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symver_pin.report.formats import json as json_report
from symver_pin.report.formats import text as text_report
from symver_pin.report.writer import Style
from symver_pin.verifier import FileVerdict, Report, verify

from .programs import compile_program

HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A report over a program of today, a static one and a text file."""
    folder = tmp_path_factory.mktemp("report")
    modern = compile_program(folder, "modern", HELLO, own_start=False)
    static = compile_program(folder, "static", HELLO, ["-static"], own_start=False)
    (folder / "text").write_text("hello\n")
    return verify([modern, static, folder / "text"], "debian8")


def test_the_text_names_the_missing_symbol_and_what_to_do(found: Report) -> None:
    lines = text_report.render(found).splitlines()
    assert lines[0].endswith("modern: FAILS on debian8 (glibc 2.19) (highest GLIBC_2.34, loads from glibc 2.34 on)")
    assert lines[1].startswith("  runs on: Debian 12+, Ubuntu 21.10+, RHEL 9+, ")
    not_on = lines[1].partition("; not on: ")[2].split(", ")
    assert not_on.index("Debian 11") < not_on.index("Ubuntu 21.04") < not_on.index("RHEL 8")
    assert "does not define the version GLIBC_2.34" in lines[2]
    assert "__libc_start_main" in lines[3]
    assert "since 2.34 in libc.so.6; glibc 2.19 has GLIBC_2.2.5 in libc.so.6" in lines[3]
    assert lines[4].lstrip().startswith("-> link it with the kit")
    assert any(line.endswith("static: ok on debian8 (glibc 2.19) (static: it needs no libc)") for line in lines)


def test_files_that_cannot_be_verified_are_not_in_the_text(found: Report) -> None:
    assert found.exit_status == 2
    assert len(found.errors) == 1
    assert found.errors[0].endswith("text: not an ELF file; name a program or a shared library")
    assert "not an ELF file" not in text_report.render(found)


def test_the_last_line_is_about_all_files(found: Report) -> None:
    modern, static, text = found.files

    def last(*files: FileVerdict) -> str:
        return text_report.render(found._replace(files=files)).splitlines()[-1]

    name = "debian8 (glibc 2.19)"
    ok = static._replace(loads=static.loads & ~1)  # from 2.13 on
    assert last(ok, modern, text) == (
        f"3 files: 1 ok, 1 fails on {name}, 1 could not be verified; all others load from glibc 2.34 on"
    )
    assert last(ok, ok, ok) == f"3 files: 3 ok on {name}; all of them load from glibc 2.13 on"
    short = ok._replace(loads=0b011)
    assert last(ok, short) == f"2 files: 2 ok on {name}; all of them load on glibc 2.13"
    assert last(modern, modern._replace(loads=0)) == f"2 files: 2 fail on {name}"
    assert last(text, text) == "2 files: 2 could not be verified"
    assert " files: " not in text_report.render(found._replace(files=(modern,)))


def test_colour_is_used_on_request_only(found: Report) -> None:
    assert "\x1b[" not in text_report.render(found)
    assert "\x1b[31m" in text_report.render(found, Style(color=True))


def test_no_control_character_of_a_file_reaches_the_terminal(found: Report) -> None:
    broken = found._replace(files=(found.files[0]._replace(path="a\x1b[31mb\n"),))
    assert text_report.render(broken).startswith("a?[31mb?: ")


def test_json_has_stable_keys(found: Report) -> None:
    document = json.loads(json_report.render(found))
    assert document["schema"] == 2
    assert document["target"] == {"label": "debian8", "glibc": "2.19", "gcc": str(found.target.gcc)}
    modern, static, text = document["files"]
    assert set(modern) == {
        "path",
        "arch",
        "kind",
        "verdict",
        "error",
        "highest",
        "highest_of",
        "lowest_glibc",
        "loads_on",
        "runs_on",
        "not_on",
        "needed",
        "findings",
    }
    assert (modern["verdict"], modern["highest"], modern["lowest_glibc"]) == ("fails", "GLIBC_2.34", "2.34")
    assert modern["findings"][0]["kind"] == "missing-version"
    assert modern["findings"][0]["symbols"] == [
        {
            "name": "__libc_start_main",
            "since": "2.34",
            "library": "libc.so.6",
            "older": "GLIBC_2.2.5",
            "older_library": "libc.so.6",
        }
    ]
    assert (static["verdict"], static["kind"], static["findings"]) == ("ok", "static executable", [])
    assert {"debian12", "ubuntu22.04", "rhel9"} <= set(modern["runs_on"])
    assert not {"debian11", "rhel8", "manylinux2014"} & set(modern["runs_on"])
    assert modern["loads_on"][0] == "2.34" and modern["not_on"].index("debian11") < modern["not_on"].index("debian10")
    assert "manylinux1" in static["runs_on"] and text["runs_on"] == []
    assert (text["verdict"], text["arch"]) == ("error", None)
    assert document["exit_status"] == 2


def test_the_verdict_changes_at_the_lowest_release(found: Report) -> None:
    path = Path(found.files[0].path)
    assert verify([path], "2.33").exit_status == 1
    assert verify([path], "2.34").exit_status == 0
