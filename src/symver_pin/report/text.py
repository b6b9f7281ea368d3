"""The report for people: one line a file, and under a failing one each reason, its symbols and what to do.

::

    app: FAILS on glibc 2.19 (highest GLIBC_2.34, loads from glibc 2.34 on)
      runs on: Debian 12+, Ubuntu 21.10+ ...; not on: Debian 11, Ubuntu 21.04 ...
      libc.so.6 of glibc 2.19 does not define the version GLIBC_2.34
          __libc_start_main  since 2.34; glibc 2.19 has GLIBC_2.2.5 in libc.so.6
        -> link it with the kit ...

Files that could not be judged are not in it: their one line each belongs on stderr (``Report.errors``).
"""

from __future__ import annotations

from symver_pin.report.platforms import summarize
from symver_pin.verify.model import VIOLATIONS, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from symver_pin.verify.model import FileVerdict, Finding, Guilty, Report

_GREEN, _RED, _DIM, _BOLD, _RESET = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[1m", "\x1b[0m"
#: More guilty symbols than this are counted, not listed; JSON has them all.
_LISTED = 12
#: Of the functions that use a symbol, this many are named.
_USERS = 3


def render(report: Report, color: bool = False) -> str:
    """The report as lines, each with its newline; ``color`` adds terminal colours."""
    target = f"glibc {report.target.glibc}"
    if report.target.label != str(report.target.glibc):
        target = f"{report.target.label} ({target})"
    good = f"{_paint('ok', _GREEN, color)} on {target}"
    bad = f"{_paint('FAILS', _RED + _BOLD, color)} on {target}"
    judged = [file for file in report.files if file.verdict != "error"]
    lines = [line for file in judged for line in _file(file, good if file.would_load else bad, report, color)]
    return "".join([f"{line}\n" for line in lines])


def _paint(text: str, code: str, color: bool) -> str:
    return f"{code}{text}{_RESET}" if color else text


def _file(file: FileVerdict, verdict: str, report: Report, color: bool) -> Iterator[str]:
    violated = not VIOLATIONS.isdisjoint([finding.kind for finding in file.findings])
    gate = f", {_paint('VIOLATES', _RED + _BOLD, color)} {report.policy}" if violated else ""
    yield f"{printable(file.path)}: {verdict}{gate}{_summary(file)}"
    if file.kind != "static executable":
        yield f"  {summarize(file.runs_on)}"
    for finding in file.findings:
        if finding.fails:
            yield from _finding(finding, file, report, color)
    yield from (_paint(f"  note: {line}", _DIM, color) for line in _notes(file))


def _summary(file: FileVerdict) -> str:
    if file.kind == "static executable":
        return " (static: it needs no libc)"
    if file.kind == "static archive":
        since = "" if file.lowest_glibc is None else f", what it wants is there from glibc {file.lowest_glibc} on"
        return f" (static archive{since})"
    facts = [f"highest {file.highest}"] if file.highest else ["wants no numbered glibc version"]
    facts += [f"{node}" for family, node in file.highest_of if family != "GLIBC" and family in ("GLIBCXX", "GCC")]
    if file.lowest_glibc is not None:
        facts.append(f"loads from glibc {file.lowest_glibc} on")
    return f" ({', '.join(facts)})"


def _finding(finding: Finding, file: FileVerdict, report: Report, color: bool) -> Iterator[str]:
    where = "" if finding.file == file.path else f"{printable(finding.file)}: "
    yield f"  {where}{printable(finding.message)}"
    width = max((len(symbol.name) for symbol in finding.symbols[:_LISTED]), default=0)
    for symbol in finding.symbols[:_LISTED]:
        yield f"      {printable(symbol.name):{min(width, 40)}}  {_history(symbol, report)}".rstrip()
    if len(finding.symbols) > _LISTED:
        yield f"      and {len(finding.symbols) - _LISTED} more"
    if finding.advice:
        yield _paint(f"    -> {finding.advice}", _DIM, color)


def _history(symbol: Guilty, report: Report) -> str:
    parts = []
    if symbol.since is not None:
        parts.append(f"since {symbol.since} in {symbol.library}")
    if symbol.older is not None:
        parts.append(f"glibc {report.target.glibc} has {symbol.older} in {symbol.older_library}")
    if symbol.used_by:
        more = ["..."] if len(symbol.used_by) > _USERS else []
        parts.append(f"used by {', '.join([*map(printable, symbol.used_by[:_USERS]), *more])}")
    return "; ".join(parts)


def _notes(file: FileVerdict) -> Iterator[str]:
    system = [finding.library or "" for finding in file.findings if finding.kind == "provided-by-system"]
    if system:
        yield f"the target system must provide {', '.join(printable(name) for name in system)}"
    for finding in file.findings:
        if not finding.fails and finding.kind != "provided-by-system":
            names = [printable(symbol.name) for symbol in finding.symbols[:3]]
            more = ["..."] if len(finding.symbols) > len(names) else []
            listed = f" ({', '.join(names + more)})" if names and finding.kind == "unjudged-symbols" else ""
            yield f"{printable(finding.message)}{listed}"
