"""The table of formats that a verifier's report can be printed in. Each is one module with ``render(report)``."""

from __future__ import annotations

from typing import Any

from symver_pin.errors import UsageError
from symver_pin.glibc.platforms import Platform, Target
from symver_pin.report.writer import PLAIN, Style, Writer
from symver_pin.spelling import did_you_mean
from symver_pin.verifier.report import Report

FORMATS = {
    "text": "for people; in colour on a terminal",
    "json": "for programs; its JSON Schema: --json-schema",
    "sarif": "SARIF 2.1.0, for code scanning",
    "github": "annotations of a GitHub Actions run",
    "junit": "JUnit's XML, for the test views of CI systems",
    "html": "one file for a browser: a heat map of releases and files, missing symbols, platforms",
}
"""Name -> the sentence for --help. The module of that name beside this one renders it."""


def check_format(name: str) -> None:
    """Raises UsageError, naming all, for a format that is not there."""
    if name not in FORMATS:
        raise UsageError(f"unknown format {name!r}; known: {', '.join(FORMATS)}{did_you_mean(name, FORMATS)}")


def render(report: Report, name: str, style: Style = PLAIN) -> str:
    """The report in one of the formats."""
    text: str = _module(name).render(report, style)
    return text


def writer_of(
    name: str,
    target: Target,
    policy: str | None,
    platforms: tuple[Platform, ...],
    style: Style = PLAIN,
) -> Writer | None:
    """The writer of a format; None for one that needs the whole report at once."""
    made = getattr(_module(name), "Writer", None)
    if made is None:
        return None
    writer: Writer = made(target, policy, platforms, style)
    return writer


def _module(name: str) -> Any:
    from importlib import import_module

    return import_module(f"symver_pin.report.formats.{name}")
