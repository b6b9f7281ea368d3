"""The table of formats that a verifier's report can be printed in. Each is one module with ``render(report)``."""

from __future__ import annotations

from symver_pin.errors import UsageError
from symver_pin.verifier.report import Report

FORMATS = {
    "text": "for people; in colour on a terminal",
    "json": "for programs; its JSON Schema: --json-schema",
    "sarif": "SARIF 2.1.0, for code scanning",
    "github": "annotations of a GitHub Actions run",
    "junit": "JUnit's XML, for the test views of CI systems",
    "html": "one file for a browser: a heat map of releases and files, missing symbols, platforms",
}
"""Name -> what it is for. The module of that name beside this one renders it."""


def check_format(name: str) -> None:
    """Raises UsageError, naming all, for a format that is not there."""
    if name not in FORMATS:
        raise UsageError(f"unknown format {name!r}; known: {', '.join(FORMATS)}")


def render(report: Report, name: str) -> str:
    """The report in one of the formats."""
    from importlib import import_module

    text: str = import_module(f"symver_pin.report.{name}").render(report)
    return text
