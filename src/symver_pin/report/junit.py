"""JUnit's XML: one test case for each file, a failure for its findings, an error for a file that was not verified."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from symver_pin.loader.verdict import FileVerdict, Finding, printable
from symver_pin.report.places import loads_failing, message_of
from symver_pin.report.platforms import summarize
from symver_pin.verifier.report import Report


def render(report: Report) -> str:
    """The whole report as one document."""
    counts = {
        "tests": len(report.files),
        "failures": sum(file.verdict == "fails" for file in report.files),
        "errors": len(report.errors),
        "skipped": 0,
    }
    attributes = {name: str(count) for name, count in counts.items()}
    root = Element("testsuites", {"name": "symver-pin", **attributes})
    suite = SubElement(root, "testsuite", {"name": f"symver-pin verify --glibc {report.target.label}", **attributes})
    for file in report.files:
        _case(suite, file, report)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _case(suite: Element, file: FileVerdict, report: Report) -> None:
    case = SubElement(suite, "testcase", name=printable(file.path), classname=file.kind, time="0")
    if file.error is not None:
        SubElement(case, "error", message=printable(file.error), type="error")
        return
    failing = [finding for finding in file.findings if finding.fails]
    if failing:
        # The schema allows one failure a test case in some tools' reading, so the findings are one.
        kinds = ", ".join(dict.fromkeys(finding.kind for finding in failing))
        texts = [_text(finding, file) for finding in file.reported_here if finding.fails]
        texts += [loads_failing(file)] if file.failing_libraries else []
        first = next((finding.message for finding in file.reported_here if finding.fails), texts[0])
        failure = SubElement(case, "failure", message=printable(first), type=kinds)
        failure.text = "\n".join(texts)
    SubElement(case, "system-out").text = summarize(file.runs_on, report.platforms)


def _text(finding: Finding, file: FileVerdict) -> str:
    lines = [f"{finding.kind}: {message_of(finding, file)}"]
    for symbol in finding.symbols:
        users = f", used by {printable(', '.join(map(str, symbol.used_by)))}" if symbol.used_by else ""
        lines.append(f"    {printable(symbol.name)}{users}")
    return "\n".join([*lines, f"  -> {finding.advice}"] if finding.advice else lines)
