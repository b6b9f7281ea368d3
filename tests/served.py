"""Things that tests need and that a package registry may not serve today: reported as not run, and counted at the end.

A test that misses a *tool* fails: the set-up installs tools. A test that misses what a registry refuses to serve, after
retries, is skipped with that reason (`served`), so that one missing file of a mirror does not stop the whole suite.
The last lines of a run count the things of each kind and name those that were not available:

    27 of 28 library sets compared; trixie/ppc64el: libc6_2.41-12_ppc64el.deb: 404 Not Found
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

import pytest

from unavailable import NotServed

T = TypeVar("T")

LIBRARY_SETS = "library sets compared"
ROOTS = "glibc runtimes available"
TOOLS = "newer tools available"
PACKAGES = "registry packages available"
RARE_PACKAGES = "packages available that not every Debian release has"
EMULATED = "system calls done right by emulators"
KINDS = (LIBRARY_SETS, ROOTS, TOOLS, PACKAGES, RARE_PACKAGES, EMULATED)
"""The kinds of things that are counted."""

PROPERTY = "served"

_used: list[tuple[str, str, str]] = []
"""The things that the running test has used: kind, name, and why the thing was not available or what was used instead,
or ""."""

_counted: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
"""Of the whole run, by kind: name -> that reason. It is filled where the closing lines are printed."""


def served(kind: str, name: str, fetch: Callable[[], T], note: Callable[[], str] = str) -> T:
    """Return what `fetch` returns; when that raises `NotServed`, end the test as not run.

    `kind` is one of `KINDS`, `name` the name of the thing. `note` is called after the fetch; if it returns a text (what
    was used instead), the thing is counted as not available, with that text.
    """
    try:
        found = fetch()
    except NotServed as error:
        count(kind, name, str(error))
        pytest.skip(f"not run, {name} is not available: {error}")
    count(kind, name, note())
    return found


def count(kind: str, name: str, reason: str) -> None:
    """Count a thing for the closing lines: as available, or, with a `reason`, as not."""
    _used.append((kind, name, reason))


def uncount() -> None:
    """Do not count what the running test has used so far: it only showed what happens without the thing."""
    _used.clear()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, None]:
    """Attach what a test used to its report, which pytest-xdist sends to the process that prints the lines."""
    outcome = yield
    outcome.get_result().user_properties += [(PROPERTY, list(entry)) for entry in _used]
    _used.clear()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count the things that a test used."""
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
    """The closing line of one kind. `things`: name -> reason why the thing was not available, or ""."""
    reasons = [f"{name}: {reason}" for name, reason in sorted(things.items()) if reason]
    return "; ".join([f"{len(things) - len(reasons)} of {len(things)} {kind}", *reasons])
