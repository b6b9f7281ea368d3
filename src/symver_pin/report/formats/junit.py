"""JUnit's XML: one test case for each file, a failure for its findings, an error for a file that was not verified."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from symver_pin.glibc.platforms import Platform, Target
from symver_pin.loader.verdict import FileVerdict, Finding, printable
from symver_pin.report.places import loads_failing, message_of
from symver_pin.report.platforms import summarize
from symver_pin.report.writer import PLAIN, Line, Style, Totals, line_of, written
from symver_pin.verifier.report import Report


class Writer:
    """Writes the test case of one file at a time."""

    separator = "\n"

    def __init__(
        self, target: Target, _policy: str | None, platforms: tuple[Platform, ...], _style: Style = PLAIN
    ) -> None:
        self._target, self._platforms = target, platforms

    def line(self, file: FileVerdict) -> Line:
        """The test case of one file."""
        case = _case(file, self._platforms)
        indent(case, level=2)
        return line_of(file, f"    {tostring(case, encoding='unicode')}")

    def head(self, totals: Totals) -> str:
        """The opening tags, with the totals."""
        counts = totals.counts
        attributes = {
            "tests": str(counts.total()),
            "failures": str(counts["fails"]),
            "errors": str(counts["error"]),
            "skipped": str(counts["skipped"]),
        }
        root = _opened("testsuites", {"name": "symver-pin", **attributes})
        suite = _opened("testsuite", {"name": f"symver-pin verify --glibc {self._target.label}", **attributes})
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n  {suite}\n'

    def tail(self, _totals: Totals) -> str:
        """The closing tags."""
        return "\n  </testsuite>\n</testsuites>\n"


def _opened(tag: str, attributes: dict[str, str]) -> str:
    return tostring(Element(tag, attributes), encoding="unicode").removesuffix(" />") + ">"


def render(report: Report, style: Style = PLAIN) -> str:
    """The whole report as one document."""
    return written(Writer(report.target, report.policy, report.platforms, style), report)


def _case(file: FileVerdict, platforms: tuple[Platform, ...]) -> Element:
    case = Element("testcase", {"name": printable(file.path), "classname": file.kind, "time": "0"})
    if file.error is not None:
        SubElement(case, "error", message=printable(file.error), type="error")
        return case
    if file.verdict == "skipped":
        SubElement(case, "skipped", message=printable(file.findings[0].message))
        return case
    failing = [finding for finding in file.findings if finding.fails]
    if failing:
        # The schema allows one failure a test case in some tools' reading, so the findings are one.
        kinds = ", ".join(dict.fromkeys(finding.kind for finding in failing))
        texts = [_text(finding, file) for finding in file.reported_here if finding.fails]
        texts += [loads_failing(file)] if file.failing_libraries else []
        first = next((finding.message for finding in file.reported_here if finding.fails), texts[0])
        failure = SubElement(case, "failure", message=printable(first), type=kinds)
        failure.text = "\n".join(texts)
    SubElement(case, "system-out").text = summarize(file.runs_on, platforms)
    return case


def _text(finding: Finding, file: FileVerdict) -> str:
    lines = [f"{finding.kind}: {message_of(finding, file)}"]
    for symbol in finding.symbols:
        users = f", used by {printable(', '.join(map(str, symbol.used_by)))}" if symbol.used_by else ""
        lines.append(f"    {printable(symbol.name)}{users}")
    return "\n".join([*lines, f"  -> {finding.advice}"] if finding.advice else lines)
