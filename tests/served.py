"""Things that tests need and that a package registry may not serve today: reported as not run, and counted at the end.

A test that misses a *tool* fails: the set-up installs tools. A test that misses what a registry refuses to serve, after
retries, is skipped with that reason (`served`), so that one missing file of a mirror does not stop the whole suite.
The last lines of a run count what was had of each kind and name what was not:

    27 of 28 library sets compared; trixie/ppc64el: libc6_2.41-12_ppc64el.deb: 404 Not Found
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

import pytest

from unavailable import NotServed

T = TypeVar("T")

LIBRARY_SETS = "library sets compared"
ROOTS = "glibc runtimes had"
TOOLS = "newer tools had"
PACKAGES = "registry packages had"
KINDS = (LIBRARY_SETS, ROOTS, TOOLS, PACKAGES)
"""The kinds of things that are counted."""

PROPERTY = "served"

_asked: list[tuple[str, str, str]] = []
"""What the running test has asked for: kind, name, and the reason why it was not had or what stood in for it, or ""."""

_counted: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
"""Of the whole run, by kind: name -> that reason. It is filled where the closing lines are printed."""


def served(kind: str, name: str, fetch: Callable[[], T], note: Callable[[], str] = str) -> T:
    """What `fetch` returns; the test is reported as not run when that raises `NotServed`.

    `kind` is one of `KINDS`, `name` says which thing it is. After the fetch, `note` tells what stood in for the thing:
    it is then not counted as had. Default: nothing.
    """
    try:
        found = fetch()
    except NotServed as error:
        count(kind, name, str(error))
        pytest.skip(f"not run, for want of {name}: {error}")
    count(kind, name, note())
    return found


def count(kind: str, name: str, reason: str) -> None:
    """Count a thing for the closing lines: as had, or, with a `reason`, as not had."""
    _asked.append((kind, name, reason))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, None]:
    """Hand what the test asked for to whoever prints the closing lines, across worker processes."""
    outcome = yield
    outcome.get_result().user_properties += [(PROPERTY, list(entry)) for entry in _asked]
    _asked.clear()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count what a test asked for."""
    for name, entry in report.user_properties:
        if name == PROPERTY and isinstance(entry, list):
            kind, thing, reason = entry
            _counted[kind][thing] = reason


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the closing lines."""
    for kind, things in _counted.items():
        if things:
            terminalreporter.write_line(closing_line(kind, things))


def closing_line(kind: str, things: dict[str, str]) -> str:
    """One closing line, of `things`: name -> reason why it was not had, or ""."""
    reasons = [f"{name}: {reason}" for name, reason in sorted(things.items()) if reason]
    return "; ".join([f"{len(things) - len(reasons)} of {len(things)} {kind}", *reasons])
