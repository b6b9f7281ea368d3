"""``symver-pin explain``: the reasons of a verdict, a kind of finding or a symbol, for readers who are new to versions.

Each text says what linker and loader do, in order, and ends with commands to run.
"""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator
from itertools import groupby

from symver_pin.compat.table import CompatSymbol, load, needed
from symver_pin.findings import KINDS
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.glibc.release import Release, node_sort_key
from symver_pin.glibc.rows import Row
from symver_pin.glibc.semantics import ADAPTED, SAME, Meaning
from symver_pin.loader.verdict import FileVerdict, Finding, SymbolInfo, printable
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import find_arch
from symver_pin.report.demangle import demangled
from symver_pin.report.places import message_of
from symver_pin.verifier.report import Report

_WIDTH = 100
_LISTED = 8
"""More symbols than this are counted, not listed."""
_SEVERITIES = {
    "fails": "Such a file does not load, or starts wrong.",
    "violates": "The loader accepts such a file; a policy forbids it.",
    "note": "Such a file is not refused: whether this matters depends on more than the file.",
    "unjudged": "Such a file has no verdict: it is an error, and the exit status is 2.",
}
_REPAIR = "symver-pin repair"
"""It is in the advice of findings for which a repair helps."""
_MISSING_VERSION = "missing-version"
_WITH_SYMBOLS = frozenset({_MISSING_VERSION, "link-time-reference", "missing-symbol"})
"""Kinds that are about symbols which a library of the target lacks, or has under another version."""
_HOW_VERSIONS_WORK = """When a program is linked, the linker looks each symbol up in the build host's libraries, and \
records the library and the version that it finds there. Before a program starts, the loader compares these with the \
libraries of the system. If one of them does not define a recorded version, the loader prints "version `...' not \
found" and stops, whether the program would ever have called the function or not."""


def explain_kind(name: str) -> str:
    """The text about a kind of finding: a name of ``findings.KINDS``."""
    kind = KINDS[name]
    parts = [f"{name}: {kind.title}", _filled(kind.explanation), _filled(_SEVERITIES[kind.severity])]
    if kind.message:
        parts.append("In a report:\n" + _filled(kind.message, "    "))
    if kind.advice:
        parts.append("What to do:\n" + _filled(kind.advice, "    "))
    return "\n\n".join(parts) + "\n"


def explain_symbol(maps: Maps, arch: Arch, target: Target, symbol: str) -> str | None:
    """The text about a symbol of glibc or of a runtime library of GCC; None if no table has it."""
    rows = maps.table(arch.name).history(symbol)
    compat = next((item for item in load() if item.symbol == symbol and item.exists_on(arch)), None)
    if rows or compat is not None:
        return "\n\n".join(_glibc_symbol(maps, arch, target, symbol, rows, compat)) + "\n"
    runtime = f"{arch.name}-gcc"
    rows = maps.table(runtime).history(symbol) if maps.has_table(runtime) else ()
    return "\n\n".join(_runtime_symbol(target, symbol, rows)) + "\n" if rows else None


def explain_files(report: Report, maps: Maps) -> str:
    """The text about verified files: what each needs, why that fails on the target, what to do."""
    return "\n".join("\n\n".join(_file(file, report.target, maps)) + "\n" for file in report.files)


def _glibc_symbol(
    maps: Maps, arch: Arch, target: Target, symbol: str, rows: tuple[Row, ...], compat: CompatSymbol | None
) -> Iterator[str]:
    yield f"{symbol} in glibc on {arch.name}"
    if rows:
        yield "\n".join(_history(rows, maps.table(arch.name).covered.last))
    else:
        yield _filled("No release exports it from a shared library: objects that were compiled elsewhere refer to it.")
    nodes = sorted({row.version for row in rows}, key=node_sort_key)
    meanings = [meaning for node in nodes[1:] if (meaning := maps.semantics.verdict_of(symbol, node, arch.name))]
    for meaning in (*meanings, *maps.semantics.without_node(symbol, arch.name)):
        yield _filled(f"What {meaning.since} changed: {_difference(meaning)}")
    yield f"For your target, glibc {target.glibc}:\n" + _filled(_on_target(rows, compat, target.glibc), "    ")


def _history(rows: tuple[Row, ...], newest: Release) -> Iterator[str]:
    """One line for each version node and library: the releases in which links are bound to it, or only old programs."""
    for row in rows:
        last = "today" if row.span.last >= newest else f"glibc {row.span.last}"
        role = "new links are bound to it" if row.default else "for programs that were linked earlier"
        yield f"    {row.version:<14} in {row.soname}, glibc {row.span.first} to {last}: {role}"


def _difference(meaning: Meaning) -> str:
    if meaning.verdict == SAME:
        return f"nothing for new code ({meaning.text})"
    end = " A compat object of the kit does it as the newer release does." if meaning.verdict == ADAPTED else ""
    return f"{meaning.text}.{end}"


def _on_target(rows: tuple[Row, ...], compat: CompatSymbol | None, target: Release) -> str:
    here = [row for row in rows if row.default and target in row.span]
    newer = sorted({row.version for row in rows if row.span.first > target}, key=node_sort_key)
    if compat is not None and compat.needed_on(target):
        limits = f" Its limits: {compat.limits}." if compat.limits else ""
        return (
            f"{'its version there means something else' if here else 'it is not there'}. A kit links a compat object "
            f"({compat.file}) into the program, and `symver-pin repair` supplies the same one.{limits}"
        )
    if not here:
        return "it is not there, and no compat object does its work: a link with a kit fails and names it."
    if not newer:
        return f"it is there as {here[0].version} in {here[0].soname}, and no later release gave it another version."
    return (
        f"it is there as {here[0].version} in {here[0].soname}. A program that is linked on a newer host is bound to "
        f"{newer[-1]} if that is the host's default, and the target's loader refuses it. A kit and "
        f"`symver-pin repair` bind it to {here[0].version} instead."
    )


def _runtime_symbol(target: Target, symbol: str, rows: tuple[Row, ...]) -> Iterator[str]:
    yield f"{symbol} in the runtime libraries of GCC"
    yield "\n".join(f"    {row.version:<16} in {row.soname} since GCC {row.span.first}" for row in rows)
    first = min(row.span.first for row in rows)
    verb = "has it" if first <= target.gcc else "lacks it"
    yield _filled(
        f"For your target, {target.label}: its runtime is that of GCC {target.gcc}, which {verb}. A kit's wrappers "
        f"link the runtime libraries statically, so a program does not need the target's."
    )


def _file(file: FileVerdict, target: Target, maps: Maps) -> Iterator[str]:
    path = printable(file.path)
    fails = [finding for finding in file.findings if finding.fails]
    if not fails:
        yield f"{path} loads on glibc {target.glibc}."
        yield from _notes(file)
        return
    yield _filled(f"{path} {'fails on' if not file.would_load else 'violates the policy for'} glibc {target.glibc}.")
    if any(finding.kind == _MISSING_VERSION for finding in fails):
        yield _filled(_HOW_VERSIONS_WORK)
    numbered = enumerate((finding for finding in fails if not finding.reported_by_dependency), 1)
    for number, finding in numbered:
        yield _filled(f"{number}. {message_of(finding, file)} ({finding.kind})")
        yield _filled(_reason(finding), "    ")
        yield from _symbols(finding, target, maps, file.arch)
        if finding.advice:
            yield _filled(f"What to do: {finding.advice}", "    ")
    for library in file.failing_libraries:
        yield _filled(f"It loads {printable(library)}, which fails for its own reasons.")
    yield from _notes(file)
    yield from _commands(path, target, any(_REPAIR in finding.advice for finding in fails))


def _reason(finding: Finding) -> str:
    """The meaning of the finding: the release that introduced the version, or the explanation of the kind."""
    if finding.kind != _MISSING_VERSION:
        return KINDS[finding.kind].explanation
    if finding.since is None:
        return f"The file was linked with a {finding.library} that has {finding.version}."
    return f"The version came with glibc {finding.since}: the file was linked with that release or a later one."


def _symbols(finding: Finding, target: Target, maps: Maps, arch: str | None) -> Iterator[str]:
    if finding.kind not in _WITH_SYMBOLS or not finding.symbols:
        return
    supplied = {row.symbol for row in needed(target.glibc, find_arch(arch))} if arch is not None else set()
    lines = ["    The symbols:"]
    for symbol in finding.symbols[:_LISTED]:
        name = printable(demangled(symbol.name))
        known = _symbol(symbol, finding, supplied, maps, arch)
        lines.append(_filled(f"{name}: {known}" if known else name, "      "))
    if len(finding.symbols) > _LISTED:
        lines.append(f"      and {len(finding.symbols) - _LISTED} more")
    yield "\n".join(lines)


def _symbol(symbol: SymbolInfo, finding: Finding, supplied: set[str], maps: Maps, arch: str | None) -> str:
    """What the target has in the place of a symbol; "" if nothing is known. ``supplied`` have compat objects."""
    if symbol.older is not None and arch is not None:
        meaning = maps.semantics.verdict_of(symbol.name, finding.version or "", arch)
        difference = f"; {meaning.text}" if meaning is not None and meaning.verdict != SAME else ", which does the same"
        if meaning is None:
            difference = ""
        return f"the target has {symbol.older} in {symbol.older_library}{difference}"
    if symbol.name in supplied:
        return "the target lacks it; a compat object does its work"
    return "" if symbol.since is None else f"the target lacks it; it came with glibc {symbol.since}"


def _notes(file: FileVerdict) -> Iterator[str]:
    notes = [finding for finding in file.findings if not finding.fails]
    for kind, found in groupby(sorted(notes, key=lambda finding: finding.kind), lambda finding: finding.kind):
        yield _filled(f"Note: {'; '.join(message_of(finding, file) for finding in found)} ({kind}).")


def _commands(path: str, target: Target, helps_repair: bool) -> Iterator[str]:
    label = target.label
    rewrite = [f"    symver-pin repair --glibc {label} -o out {shlex.quote(path)}"] if helps_repair else []
    yield "\n".join(
        [
            "Commands to go on with:",
            f"    symver-pin cc --glibc {label} ...",
            *rewrite,
            f"    symver-pin verify --glibc {label} --callers {shlex.quote(path)}",
            "    symver-pin explain SYMBOL",
        ]
    )


def _filled(text: str, indent: str = "") -> str:
    """A paragraph; options and paths are not broken at hyphens."""
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
