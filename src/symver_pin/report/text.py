"""The report for people: one line a file, and under a failing one each reason, its symbols and what to do.

::

    app: FAILS on glibc 2.19 (highest GLIBC_2.34, loads from glibc 2.34 on)
      runs on: Debian 12+, Ubuntu 21.10+ ...; not on: Debian 11, Ubuntu 21.04 ...
      libc.so.6 of glibc 2.19 does not define the version GLIBC_2.34
          __libc_start_main  since 2.34; glibc 2.19 has GLIBC_2.2.5 in libc.so.6
        -> link it with the kit ...

    3 files: 2 ok, 1 fails on glibc 2.19; all of them load from glibc 2.34 on

The last line is there for several files. Files that could not be judged are not in it: their one line each belongs on
stderr (``Report.errors``).
"""

from __future__ import annotations

from symver_pin.report.platforms import summarize
from symver_pin.verify.model import VIOLATIONS, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from symver_pin.maps.platforms import Target
    from symver_pin.maps.release import Release
    from symver_pin.verify.model import FileVerdict, Finding, Guilty, Report, Verdict

_GREEN, _RED, _DIM, _BOLD, _RESET = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[1m", "\x1b[0m"
#: More guilty symbols than this are counted, not listed; JSON has them all.
_LISTED = 12
#: From so many files on there is a line about all of them.
_SEVERAL = 2
#: Of the functions that use a symbol, this many are named.
_USERS = 3


def render(report: Report, color: bool = False) -> str:
    """The report as lines, each with its newline; ``color`` adds terminal colours."""
    write = Writer(report.target, report.policy, color)
    total = write.total([(file.verdict, file.lowest_glibc) for file in report.files])
    return "".join([*map(write, report.files), total])


class Writer:
    """Writes of one file at a time."""

    def __init__(self, target: Target, policy: str | None, color: bool = False) -> None:
        """``policy`` is the name of the gates that files were held against."""
        self._glibc, self._color = target.glibc, color
        name = f"glibc {target.glibc}"
        if target.label != str(target.glibc):
            name = f"{target.label} ({name})"
        self._name = name
        self._good = f"{self._paint('ok', _GREEN)} on {name}"
        self._bad = f"{self._paint('FAILS', _RED + _BOLD)} on {name}"
        self._violates = f", {self._paint('VIOLATES', _RED + _BOLD)} {policy}"

    def __call__(self, file: FileVerdict) -> str:
        """A file's lines, each with its newline; none for one that could not be judged."""
        return "" if file.verdict == "error" else "\n".join([*self._lines(file), ""])

    def total(self, verdicts: Sequence[tuple[Verdict, Release | tuple[int, ...] | None]]) -> str:
        """The line about several files together, after an empty one: of each the verdict and the lowest release."""
        if len(verdicts) < _SEVERAL:
            return ""
        counts = [sum(verdict == each for verdict, _lowest in verdicts) for each in ("ok", "fails", "error")]
        ok, failed, unjudged = counts
        parts = [f"{ok} ok"] * bool(ok) + [f"{failed} fail{'s' if failed == 1 else ''}"] * bool(failed)
        judged = f"{', '.join(parts)} on {self._name}" if parts else ""
        unread = f"{unjudged} could not be judged" if unjudged else ""
        line = f"{len(verdicts)} files: {', '.join(filter(None, (judged, unread)))}"
        lowest = [release for verdict, release in verdicts if verdict != "error"]
        if lowest and None not in lowest:
            release = max(filter(None, lowest))
            line += f"; all{' others' if unjudged else ' of them'} load from glibc {release[0]}.{release[1]} on"
        return f"\n{self._paint(line, _BOLD)}\n"

    def _paint(self, text: str, code: str) -> str:
        return f"{code}{text}{_RESET}" if self._color else text

    def _lines(self, file: FileVerdict) -> Iterator[str]:
        is_ok = file.verdict == "ok"
        gate = "" if is_ok or VIOLATIONS.isdisjoint([finding.kind for finding in file.findings]) else self._violates
        yield f"{printable(file.path)}: {self._good if file.would_load else self._bad}{gate}{_summary(file)}"
        if file.kind != "static executable":
            yield f"  {summarize(file.runs_on)}"
        if not is_ok:
            yield from self._failures(file)
        for line in _notes(file):
            yield self._paint(f"  note: {line}", _DIM)

    def _failures(self, file: FileVerdict) -> Iterator[str]:
        for finding in file.told_here:
            if finding.fails:
                yield from self._finding(finding, file)
        if file.failing_libraries:
            from symver_pin.report.places import loads_failing

            yield f"  {loads_failing(file)}"

    def _finding(self, finding: Finding, file: FileVerdict) -> Iterator[str]:
        from symver_pin.report.places import message_of

        yield f"  {message_of(finding, file)}"
        width = max((len(symbol.name) for symbol in finding.symbols[:_LISTED]), default=0)
        for symbol in finding.symbols[:_LISTED]:
            yield f"      {printable(symbol.name):{min(width, 40)}}  {self._history(symbol)}".rstrip()
        if len(finding.symbols) > _LISTED:
            yield f"      and {len(finding.symbols) - _LISTED} more"
        if finding.advice:
            yield self._paint(f"    -> {finding.advice}", _DIM)

    def _history(self, symbol: Guilty) -> str:
        parts = []
        if symbol.since is not None:
            parts.append(f"since {symbol.since} in {symbol.library}")
        if symbol.older is not None:
            parts.append(f"glibc {self._glibc} has {symbol.older} in {symbol.older_library}")
        if symbol.used_by:
            more = ["..."] if len(symbol.used_by) > _USERS else []
            parts.append(f"used by {', '.join([*(printable(str(user)) for user in symbol.used_by[:_USERS]), *more])}")
        return "; ".join(parts)


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
