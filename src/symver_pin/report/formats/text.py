"""The report for people: one line for each file, and under a failing one each reason, its symbols and what to do.

::

    app: FAILS on glibc 2.19 (highest GLIBC_2.34, loads from glibc 2.34 on)
      runs on: Debian 12+, Ubuntu 21.10+ ...; not on: Debian 11, Ubuntu 21.04 ...
      libc.so.6 of glibc 2.19 does not define the version GLIBC_2.34
          __libc_start_main  since 2.34; glibc 2.19 has GLIBC_2.2.5 in libc.so.6
        -> link it with the kit ...

    3 files: 2 ok, 1 fails on glibc 2.19; all of them load from glibc 2.34 on

The last line is there for several files. With ``libraries`` each file has lines like ``needs glibc: libc.so.6``, and
a table says what all of them need from the system. A file that was passed over is one line ``note: ...``. Files that
could not be verified are not in it: their one line each belongs on stderr (``Report.errors``).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from symver_pin.findings import VIOLATIONS
from symver_pin.glibc.platforms import Platform, Target
from symver_pin.glibc.release import Release
from symver_pin.loader.verdict import FileVerdict, Finding, SymbolInfo, Verdict, printable
from symver_pin.report.places import loads_failing, message_of
from symver_pin.report.platforms import summarize
from symver_pin.report.terminal import aligned
from symver_pin.report.writer import ORIGINS, PLAIN, Line, Style, Totals, line_of, written
from symver_pin.verifier.report import Report

_GREEN, _RED, _DIM, _BOLD, _RESET = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[1m", "\x1b[0m"
_LISTED = 12
"""More symbols than this are counted, not listed; JSON has them all."""
_SEVERAL = 2
"""From so many files on there is a line about all of them."""
_COUNTED: tuple[Verdict, ...] = ("ok", "fails", "error")
_USERS = 3
"""So many of the functions that refer to a symbol are named."""


def render(report: Report, style: Style = PLAIN) -> str:
    """The report as lines, each with its newline."""
    return written(Writer(report.target, report.policy, report.platforms, style), report)


class Writer:
    """Writes the report of one file at a time."""

    separator = ""

    def __init__(
        self, target: Target, policy: str | None, platforms: tuple[Platform, ...], style: Style = PLAIN
    ) -> None:
        """``policy`` is the name of the policy that was applied."""
        self._glibc, self._platforms, self._style = target.glibc, platforms, style
        self._name, self._policy = _name_of(target), policy

    def line(self, file: FileVerdict) -> Line:
        """The report of one file; nothing for one that was not verified, whose error stands on stderr."""
        if file.verdict == "skipped":
            note = f"{printable(file.path)}: {printable(file.findings[0].message)}"
            return line_of(file, f"{self._paint(f'note: {note}', _DIM)}\n")
        return line_of(file, "" if file.verdict == "error" else "\n".join([*self._lines(file), ""]))

    def head(self, _totals: Totals) -> str:
        """The line about the report's origin, if that is known."""
        origin = self._style.provenance
        if origin is None:
            return ""
        return f"symver-pin {origin.version}, {origin.time}: {printable(shlex.join(origin.command))}\n\n"

    def tail(self, totals: Totals) -> str:
        """What all files together need from the system, if that is asked for; the line about several files together,
        after an empty line.
        """
        return self._all_needed(totals) + self._total(totals)

    def _all_needed(self, totals: Totals) -> str:
        from_system = [(library, count) for library, count in totals.needed_in_order() if library.origin != "given"]
        if not self._style.libraries or totals.files < _SEVERAL or not from_system:
            return ""
        rows = [(library.name, ORIGINS[library.origin], str(count)) for library, count in from_system]
        lines = aligned([("library", "class", "files"), *((printable(name), *rest) for name, *rest in rows)], (2,))
        return "\n".join(["", "all files together need from the system:", *(f"  {line}" for line in lines), ""])

    def _total(self, totals: Totals) -> str:
        if totals.files < _SEVERAL:
            return ""
        ok, failed, unjudged = (totals.counts[each] for each in _COUNTED)
        parts = [f"{ok} ok"] * bool(ok) + [f"{failed} fail{'s' if failed == 1 else ''}"] * bool(failed)
        several = any(totals.targets)
        judged = f"{', '.join(parts)} on {'the glibc of each package' if several else self._name}" if parts else ""
        unread = f"{unjudged} could not be verified" if unjudged else ""
        text = f"{totals.files} files: {', '.join(filter(None, (judged, unread)))}"
        if totals.loads_together:
            text += f"; all{' others' if unjudged else ' of them'} load {totals.loads_together}"
        return f"\n{self._together(totals)}{self._paint(text, _BOLD)}\n"

    def _together(self, totals: Totals) -> str:
        """The line about the platforms on which all verified files run."""
        if totals.runs_on is None or not (ok_or_failed := totals.counts["ok"] + totals.counts["fails"]) > 1:
            return ""
        runs_on = tuple(platform for platform in self._platforms if platform.id in totals.runs_on)
        return f"all {ok_or_failed} together {summarize(runs_on, self._platforms, 'run')}\n"

    def _paint(self, text: str, code: str) -> str:
        return f"{code}{text}{_RESET}" if self._style.color else text

    def _lines(self, file: FileVerdict) -> Iterator[str]:
        is_ok = file.verdict == "ok"
        name = self._name if file.target is None else _name_of(file.target)
        state = self._paint("ok", _GREEN) if file.would_load else self._paint("FAILS", _RED + _BOLD)
        yield f"{printable(file.path)}: {state} on {name}{'' if is_ok else self._gate(file)}{_summary(file)}"
        if file.kind != "static executable":
            verb = "links" if file.kind == "static archive" else "runs"
            yield f"  {summarize(file.runs_on, self._platforms, verb)}"
        if not is_ok:
            yield from self._failures(file)
        for line in _notes(file):
            yield self._paint(f"  note: {line}", _DIM)
        if self._style.libraries:
            yield from _needed(file)
        if file.sha256 is not None:
            yield f"  sha256 {file.sha256}"

    def _gate(self, file: FileVerdict) -> str:
        """What the file violates: the policy, the promise of its package; with both, the findings say which."""
        if VIOLATIONS.isdisjoint([finding.kind for finding in file.findings]):
            return ""
        broken = [name for name in (self._policy, printable(file.promise or "")) if name]
        return f", {self._paint('VIOLATES', _RED + _BOLD)} {' or '.join(broken)}"

    def _failures(self, file: FileVerdict) -> Iterator[str]:
        for finding in file.reported_here:
            if finding.fails:
                yield from self._finding(finding, file)
        if file.failing_libraries:
            yield f"  {loads_failing(file)}"

    def _finding(self, finding: Finding, file: FileVerdict) -> Iterator[str]:
        yield f"  {message_of(finding, file)}"
        glibc = self._glibc if file.target is None else file.target.glibc
        names = [self._style.name(symbol.name) for symbol in finding.symbols[:_LISTED]]
        width = min(max(map(len, names), default=0), 40)
        for name, symbol in zip(names, finding.symbols, strict=False):
            yield f"      {name:{width}}  {_history(symbol, glibc)}".rstrip()
        if len(finding.symbols) > _LISTED:
            yield f"      and {len(finding.symbols) - _LISTED} more"
        if finding.advice:
            yield self._paint(f"    -> {finding.advice}", _DIM)


def _history(symbol: SymbolInfo, glibc: Release) -> str:
    parts = []
    if symbol.since is not None:
        parts.append(f"since {symbol.since} in {symbol.library}")
    if symbol.older is not None:
        parts.append(f"glibc {glibc} has {symbol.older} in {symbol.older_library}")
    if symbol.used_by:
        more = ["..."] if len(symbol.used_by) > _USERS else []
        parts.append(f"used by {', '.join([*(printable(str(user)) for user in symbol.used_by[:_USERS]), *more])}")
    return "; ".join(parts)


def _name_of(target: Target) -> str:
    name = f"glibc {target.glibc}"
    return name if target.label == str(target.glibc) else f"{target.label} ({name})"


def _needed(file: FileVerdict) -> Iterator[str]:
    for origin, words in ORIGINS.items():
        names = [printable(library.name) for library in file.needed if library.origin == origin]
        if names:
            yield f"  needs {words}: {', '.join(names)}"


def _summary(file: FileVerdict) -> str:
    if file.kind == "static executable":
        return " (static: it needs no libc)"
    if file.kind == "static archive":
        where = f"; everything that it needs exists {file.loads_text}" if file.loads else ""
        return f" (static archive{where})"
    facts = [f"highest {file.highest}"] if file.highest else ["needs no numbered glibc version"]
    facts += [f"{node}" for family, node in file.highest_of if family != "GLIBC" and family in ("GLIBCXX", "GCC")]
    if file.loads:
        facts.append(f"loads {file.loads_text}")
    return f" ({', '.join(facts)})"


def _notes(file: FileVerdict) -> Iterator[str]:
    system = [finding.library or "" for finding in file.findings if finding.kind == "provided-by-system"]
    if system:
        yield f"the target system must provide {', '.join([printable(name) for name in system])}"
    for finding in file.findings:
        if not finding.fails and finding.kind != "provided-by-system":
            names = [printable(symbol.name) for symbol in finding.symbols[:3]]
            more = ["..."] if len(finding.symbols) > len(names) else []
            listed = f" ({', '.join(names + more)})" if names and finding.kind == "unjudged-symbols" else ""
            yield f"{printable(finding.message)}{listed}"
