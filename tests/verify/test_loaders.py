"""The verdicts on thousands of drawn programs and libraries are those of real loaders: see docs/loaders.md."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from conftest import REPO, need_root, need_tool

from .draw import compare, kinds_versions
from .draw.ask import ask
from .draw.compare import RELEASES, Difference, differences, make_all
from .draw.workshop import Workshop

FLOOR = 0.98
"""The least share of (case, release) pairs on which verdict and loader agree."""
FEWEST_CASES = 1500
TOOLS = ("gcc", "ld.bfd", "ld.gold", "ld.lld", "mold", "patchelf", "strip", "objcopy")
CHANGED_FIELDS = (
    "version-need/*", "version-definition/*", "segment/*", "elf-header/*", "flag/*", "dynamic-entry/*", "symbol/*",
    "relocation-type/*", "interpreter/*", "hash-table/*", "filter/main-*", "thread-local/segment-*",
    "search-wrong-file/*",
)  # fmt: skip
"""Cases with a field that no tool writes so."""


def rows() -> list[str]:
    """The patterns of cases in the table of differences."""
    text = (REPO / "docs/loaders.md").read_text().partition("<!-- differences -->")[2].partition("<!-- end -->")[0]
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def is_covered(case: str) -> bool:
    return any(fnmatchcase(case, pattern) for pattern in rows())


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    for tool in TOOLS:
        need_tool(tool)
    return make_all(tmp_path_factory.mktemp("draw") / "cases")


@pytest.fixture(scope="module")
def found(drawn: Workshop) -> list[Difference]:
    """All differences; the table of agreement is printed."""
    different = []
    for release in RELEASES:
        different += differences(drawn.cases, release, ask(need_root(release), release, drawn.cases, drawn))
    print(compare.table(drawn.cases, different, RELEASES))
    return different


def test_verdicts_agree_with_real_loaders(drawn: Workshop, found: list[Difference]) -> None:
    assert len(drawn.cases) >= FEWEST_CASES
    pairs = len(drawn.cases) * len(RELEASES)
    assert 1 - len(found) / pairs >= FLOOR, compare.table(drawn.cases, found, RELEASES)


def test_every_difference_has_a_row_in_the_docs(found: list[Difference]) -> None:
    assert [each for each in found if not is_covered(each.case)] == []


def test_nothing_that_tools_make_is_ok_and_dies(found: list[Difference]) -> None:
    made_by_tools = [each for each in found if not any(fnmatchcase(each.case, fields) for fields in CHANGED_FIELDS)]
    assert [each.case for each in made_by_tools if not each.starts] == []


def test_the_draw_is_the_same_every_time(drawn: Workshop, tmp_path: Path) -> None:
    again = Workshop(tmp_path / "cases")
    kinds_versions.records(again)
    for case in again.cases:
        assert case.main.read_bytes() == (drawn.root / case.name / "main").read_bytes(), case.name
