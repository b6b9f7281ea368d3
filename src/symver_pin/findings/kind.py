"""What a row of the table of findings is."""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["fails", "violates", "note", "unjudged"]
"""``fails``: the loader refuses the file, or it starts wrong. ``violates``: a policy forbids it. ``note``: the file
alone does not decide it; the verdict stays as it is. ``unjudged``: there is no verdict, which is an error."""


class FindingKind(NamedTuple):
    """One kind of finding. Its name is stable: it stands in JSON and in users' filters."""

    severity: Severity
    title: str
    """A few words without a full stop: the rule's name in code scanning."""
    explanation: str
    """What happens on the target, in one or more sentences of Markdown."""
    message: str = ""
    """The line of a report. ``{library}``, ``{version}``, ``{name}``, ``{them}``, ``{target}``, ``{since}`` and
    ``{detail}`` are filled in; "" where the rule writes the line itself."""
    advice: str = ""
    """What to do; "" where there is nothing to do, or where the advice depends on more than the kind."""
