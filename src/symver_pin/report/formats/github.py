"""Annotations of a GitHub Actions run: workflow commands, one line for each finding, and a notice with the totals.

In a command ``%``, CR and LF are escaped; in its properties also ``:`` and ``,``. Notes are left out: the run's page
shows few annotations.
"""

from collections.abc import Iterator

from symver_pin.findings import KINDS
from symver_pin.glibc.platforms import Platform, Target
from symver_pin.loader.verdict import FileVerdict, printable
from symver_pin.report.places import loads_failing, message_of, place_of
from symver_pin.report.writer import PLAIN, Line, Style, Totals, line_of, written
from symver_pin.verifier.report import Report

_LISTED = 8
"""An annotation names so many symbols."""


class Writer:
    """Writes the annotations of one file at a time."""

    separator = ""

    def __init__(
        self, target: Target, _policy: str | None, _platforms: tuple[Platform, ...], _style: Style = PLAIN
    ) -> None:
        self._target = target

    def line(self, file: FileVerdict) -> Line:
        """The annotations of one file as lines, each with its newline."""
        return line_of(file, "".join(f"{line}\n" for line in _lines(file)))

    def head(self, _totals: Totals) -> str:
        """Nothing."""
        return ""

    def tail(self, totals: Totals) -> str:
        """The notice with the totals."""
        counts = totals.counts
        text = (
            f"{counts['ok']} of {totals.files} files are fine on {self._target.label}, {counts['fails']} fail, "
            f"{counts['error']} not verified"
        )
        return f"::notice title=symver-pin::{_data(text)}\n"


def render(report: Report, style: Style = PLAIN) -> str:
    """The annotations as lines, each with its newline."""
    return written(Writer(report.target, report.policy, report.platforms, style), report)


def _lines(file: FileVerdict) -> Iterator[str]:
    if file.error is not None:
        yield _command("error", file, "Not verified", file.error)
    if file.failing_libraries:
        yield _command("error", file, "Failing library", loads_failing(file))
    for finding in file.reported_here:
        if finding.fails:
            names = ", ".join(symbol.name for symbol in finding.symbols[:_LISTED])
            more = ", ..." if len(finding.symbols) > _LISTED else ""
            advice = f"\n{finding.advice}" if finding.advice else ""
            text = f"{message_of(finding, file)}{f': {names}{more}' if names else ''}{advice}"
            yield _command("error", file, KINDS[finding.kind].title, text)


def _command(level: str, file: FileVerdict, title: str, text: str) -> str:
    place = place_of(file.path)
    inside = f"{place.member}: " if place.member else ""
    return f"::{level} file={_property(place.file)},title={_property(title)}::{_data(inside + text)}"


def _data(text: str) -> str:
    plain = "\n".join(map(printable, text.split("\n")))
    return plain.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
