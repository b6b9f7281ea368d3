"""Each failed test is named when it fails: the summary comes at the end, most of an hour later."""

from __future__ import annotations

import pytest


class FailuresAtOnce:
    """Prints one line for a failed test, with what it failed of."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Name a failed test or fixture."""
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            reason = (crash.message if crash else report.longreprtext).strip().partition("\n")[0]
            self._reporter.write_line(f"\nfailed: {report.nodeid}: {reason[:300]}")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Do so where the lines are printed, not in the worker processes of pytest-xdist."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(FailuresAtOnce(reporter), "failures-at-once")
