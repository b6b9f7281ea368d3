"""Annotations of a GitHub Actions run: workflow commands, one line for each finding, and a notice with the totals.

In a command ``%``, CR and LF are escaped; in its properties also ``:`` and ``,``. Notes are left out: the run's page
shows few annotations.
"""

from collections.abc import Iterator

from symver_pin.findings import KINDS
from symver_pin.loader.verdict import FileVerdict, printable
from symver_pin.report.places import loads_failing, message_of, place_of
from symver_pin.verifier.report import Report

_LISTED = 8
"""An annotation names so many symbols."""


def render(report: Report) -> str:
    """The annotations as lines, each with its newline."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    for file in report.files:
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
    counts = [sum(file.verdict == verdict for file in report.files) for verdict in ("ok", "fails", "error")]
    ok, failed, unjudged = counts
    text = (
        f"{ok} of {len(report.files)} files are fine on {report.target.label}, {failed} fail, {unjudged} not verified"
    )
    yield f"::notice title=symver-pin::{_data(text)}"


def _command(level: str, file: FileVerdict, title: str, text: str) -> str:
    place = place_of(file.path)
    inside = f"{place.member}: " if place.member else ""
    return f"::{level} file={_property(place.file)},title={_property(title)}::{_data(inside + text)}"


def _data(text: str) -> str:
    plain = "\n".join(map(printable, text.split("\n")))
    return plain.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
