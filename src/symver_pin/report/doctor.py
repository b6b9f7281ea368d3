"""``symver-pin doctor``: its findings as text."""

from collections.abc import Sequence

from symver_pin.doctor import Finding

_WORDS = {"ok": "ok", "absent": "absent", "fails": "FAILS"}


def render_doctor(findings: Sequence[Finding]) -> str:
    """One line for each finding; the advice of a failed one below it."""
    width = max(len(finding.subject) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{_WORDS[finding.state]:<6} {finding.subject:<{width}}  {finding.text}")
        if finding.advice:
            lines.append(f"{'':<6} {'':<{width}}  -> {finding.advice}")
    failed = sum(finding.state == "fails" for finding in findings)
    lines.append(f"{failed} of {len(findings)} do not work" if failed else "everything that is installed works")
    return "\n".join(lines) + "\n"
