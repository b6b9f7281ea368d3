"""The table of all kinds of findings (``table``), whose rows are values of ``kind``; and sets of kinds by severity."""

from __future__ import annotations

from symver_pin.findings.kind import FindingKind, Severity
from symver_pin.findings.table import BESIDE, KINDS, KIT, REPAIR

__all__ = [
    "BESIDE",
    "KINDS",
    "KIT",
    "NOTES",
    "REPAIR",
    "UNJUDGED",
    "VIOLATIONS",
    "FindingKind",
    "Severity",
    "is_failure",
    "of_severity",
]


def of_severity(severity: Severity) -> tuple[str, ...]:
    """The names of the kinds of one severity, in the table's order."""
    return tuple(name for name, kind in KINDS.items() if kind.severity == severity)


def is_failure(kind: str) -> bool:
    """True if a finding of this kind makes the verdict negative: it is a fault, or violates a policy."""
    return KINDS[kind].severity in ("fails", "violates")


NOTES = frozenset(of_severity("note"))
VIOLATIONS = frozenset(of_severity("violates"))
UNJUDGED = frozenset(of_severity("unjudged"))
