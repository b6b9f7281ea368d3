"""The table of the kinds of findings is complete, and everything that is made of it has every row."""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import symver_pin
from symver_pin.findings import KINDS, NOTES, VIOLATIONS, is_failure, of_severity
from symver_pin.glibc.maps import default_maps
from symver_pin.report.formats import render
from symver_pin.report.formats.json import schema_text
from symver_pin.verifier import Report

PACKAGE = Path(symver_pin.__file__).parent
DOCS = Path(__file__).resolve().parents[2] / "docs" / "verify.md"
MAKERS = {"Problem", "Finding", "_finding", "Fault", "UnloadedLibrary", "_problem"}
"""The functions whose first argument is the kind of a finding."""
PLACEHOLDERS = {"library", "version", "name", "them", "target", "since", "detail"}


def constants(node: ast.expr) -> Iterator[str]:
    """The strings that an expression can be: itself, or the branches of a conditional expression."""
    if isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def kinds_in(tree: ast.AST) -> Iterator[str]:
    """The kinds that code yields: first arguments of ``MAKERS``, values of variables named ``kind``, results of
    functions named ``...kind_of...``, and first elements of the tuples that a loop over ``kind, ...`` takes.
    """
    assigned = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS and node.args:
            kind = node.args[0]
            yield from constants(assigned.get(kind.id, kind) if isinstance(kind, ast.Name) else kind)
        elif isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "kind" for t in node.targets):
            yield from constants(node.value)
        elif isinstance(node, ast.FunctionDef) and "kind_of" in node.name:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield from constants(inner.value)
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Tuple) and isinstance(node.iter, ast.Name):
            first, rows = node.target.elts[0], assigned.get(node.iter.id)
            if isinstance(first, ast.Name) and first.id == "kind" and isinstance(rows, ast.Tuple):
                for row in rows.elts:
                    if isinstance(row, ast.Tuple):
                        yield from constants(row.elts[0])


def test_the_kinds_that_the_code_yields_are_the_rows_of_the_table() -> None:
    found: dict[str, str] = {}
    for folder in ("loader", "promises", "verifier", "report"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            found.update(dict.fromkeys(kinds_in(ast.parse(path.read_text())), path.name))
    assert {kind: path for kind, path in found.items() if kind not in KINDS} == {}
    assert sorted(KINDS.keys() - found.keys()) == []


def test_every_kind_has_one_severity() -> None:
    groups = [of_severity("fails"), of_severity("violates"), of_severity("note"), of_severity("unjudged")]
    assert [kind for group in groups for kind in group] == list(KINDS)
    assert (frozenset(groups[1]), frozenset(groups[2])) == (VIOLATIONS, NOTES)
    assert {kind for kind in KINDS if is_failure(kind)} == {*groups[0], *groups[1]}


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_is_complete(kind: str) -> None:
    row = KINDS[kind]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind)
    assert row.title and not row.title.endswith(".") and (row.title[0].isupper() or row.title.startswith("glibc"))
    assert row.explanation.endswith((".", ".)")) and "\n" not in row.explanation
    used = {name for text in (row.message, row.advice) for _, name, _, _ in string.Formatter().parse(text) if name}
    assert used <= PLACEHOLDERS
    assert {name for _, name, _, _ in string.Formatter().parse(row.advice) if name} <= {"library"}


def test_the_json_schema_has_every_kind() -> None:
    assert json.loads(schema_text())["$defs"]["finding"]["properties"]["kind"]["enum"] == list(KINDS)


def test_sarif_has_a_rule_for_every_kind() -> None:
    maps = default_maps()
    (run,) = json.loads(render(Report(maps.target("2.19"), ()), "sarif"))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(KINDS)
    for rule in rules:
        row = KINDS[rule["id"]]
        assert rule["shortDescription"]["text"] == row.title
        assert rule["fullDescription"]["markdown"] == row.explanation
        assert rule["defaultConfiguration"]["level"] == ("note" if row.severity == "note" else "error")
    assert len({rule["name"] for rule in rules}) == len(rules)


@pytest.mark.parametrize("severity", ["fails", "note", "unjudged"])
def test_the_docs_have_a_row_for_every_kind(severity: str) -> None:
    expected = [f"| `{name}` | {row.explanation} |" for name, row in KINDS.items() if row.severity == severity]
    names = {f"| `{name}` |" for name, row in KINDS.items() if row.severity == severity}
    rows = [line for line in DOCS.read_text().splitlines() if line[: line.find("|", 2) + 1] in names]
    assert rows == expected


def test_the_docs_name_every_violation() -> None:
    text = DOCS.read_text()
    assert [name for name in of_severity("violates") if f"`{name}`" not in text] == []
