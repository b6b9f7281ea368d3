"""The libraries that each file and all together need, with where each comes from, in every format that lists them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pinning import symver_pin_command
from symver_pin.loader.verdict import NeededLibrary
from symver_pin.verifier import verify

from . import packages
from .programs import compile_library, compile_program

EXPECTED = [
    ("libown.so", "given"),
    ("libfree.so.6", "system"),
    ("libz.so.1", "lsb"),
    ("libstdc++.so.6", "gcc"),
    ("libgomp.so.1", "gcc"),
    ("libm.so.6", "glibc"),
    ("libc.so.6", "glibc"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program, and one of the libraries that it needs; the others are elsewhere."""
    folder, elsewhere = tmp_path_factory.mktemp("set"), tmp_path_factory.mktemp("elsewhere")
    for name, _origin in EXPECTED[:5]:
        place = folder if name == "libown.so" else elsewhere
        compile_library(place, name, "int x(void) { return 0; }", flags=[f"-Wl,-soname,{name}"])
    places = [str((folder if name == "libown.so" else elsewhere) / name) for name, _origin in EXPECTED[:5]]
    compile_program(folder, "app", "int program(void) { return 0; }", ["-Wl,--no-as-needed", *places, "-lm"])
    compile_program(folder, "other", "int program(void) { return 0; }")
    for left in folder.glob("*.[ch]"):
        left.unlink()
    return folder


def test_each_library_has_the_class_of_where_it_comes_from(folder: Path) -> None:
    found = {file.path.rpartition("/")[2]: file.needed for file in verify([folder], "2.36").files}
    assert found["app"] == tuple(NeededLibrary(*row) for row in EXPECTED)  # type: ignore[arg-type]
    assert (found["libown.so"], [library.name for library in found["other"]]) == ((), ["libc.so.6"])
    (alone,) = verify([folder / "app"], "2.36").files
    assert dict(alone.needed)["libown.so"] == "system"


@pytest.mark.parametrize("form", ["folder", "tar-gz", "squashfs-gzip"])
def test_json_lists_what_each_file_and_all_need(form: str, folder: Path, tmp_path: Path) -> None:
    source = packages.FORMS[form](folder, tmp_path)
    document = json.loads(symver_pin_command("verify", "--glibc", "2.36", "--format", "json", source).stdout)
    app = next(file for file in document["files"] if file["path"].endswith("app"))
    assert [(each["name"], each["class"]) for each in app["needed"]] == EXPECTED
    assert document["schema"] == 2
    assert [tuple(each.values()) for each in document["needed"]] == [
        ("libc.so.6", "glibc", 2),
        ("libm.so.6", "glibc", 1),
        ("libgomp.so.1", "gcc", 1),
        ("libstdc++.so.6", "gcc", 1),
        ("libz.so.1", "lsb", 1),
        ("libfree.so.6", "system", 1),
        ("libown.so", "given", 1),
    ]


def test_text_lists_them_when_asked(folder: Path) -> None:
    plain = symver_pin_command("verify", "--glibc", "2.36", folder).stdout
    text = symver_pin_command("verify", "--glibc", "2.36", "--libraries", folder).stdout
    assert "needs glibc" not in plain
    for line in (
        "  needs glibc: libm.so.6, libc.so.6",
        "  needs GCC's runtime: libstdc++.so.6, libgomp.so.1",
        "  needs of LSB: libz.so.1",
        "  needs of the system: libfree.so.6",
        "  needs given: libown.so",
        "all files together need from the system:",
    ):
        assert f"\n{line}\n" in text
    table = text.partition("together need from the system:\n")[2].splitlines()
    assert [line.split() for line in table[:2]] == [["library", "class", "files"], ["libc.so.6", "glibc", "2"]]
    assert not any("libown.so" in line for line in table)
    alone = symver_pin_command("verify", "--glibc", "2.36", "--libraries", folder / "app").stdout
    assert "needs of the system: libown.so, libfree.so.6" in alone and "together" not in alone


def test_html_lists_them(folder: Path) -> None:
    page = symver_pin_command("verify", "--glibc", "2.36", "--format", "html", folder).stdout
    table = page.partition('id="needed"')[2].partition("</table>")[0]
    assert all(name in table for name, _origin in EXPECTED)
    assert '<td class="name">libz.so.1</td><td>of LSB</td><td>1</td>' in table
    assert "needs GCC's runtime:" in page or "needs GCC&#39;s runtime:" in page
