"""Make findings of problems: the line for a report, the symbols with their history, the advice.

Runs only for the problems that hold at the target release, so it may look further than the rules do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from symver_pin.compat.table import needed
from symver_pin.elf.records import Import
from symver_pin.findings import BESIDE, KINDS, KIT, NOTES, REPAIR
from symver_pin.glibc.release import Release
from symver_pin.loader.problem import Problem
from symver_pin.loader.target_system import TargetSystem
from symver_pin.loader.verdict import Finding, SymbolInfo, SymbolNames
from symver_pin.machine.arch import Arch

_NODE_ADVICE = {
    "GLIBC_ABI_GNU2_TLS": "compile with -mtls-dialect=gnu",
    "GLIBC_ABI_DT_X86_64_PLT": "link with -Wl,-z,nomark-plt",
}
"""What to do about version nodes that no symbol carries."""

_GIVEN_LIBRARY = "{library} does not define the version {version}"

_UNMARKED_RELR = "has packed relative relocations (DT_RELR) without their marker {version}: refused"


def explain(
    problems: Iterable[Problem], system: TargetSystem, is_reported_by_dependency: Callable[[Problem], bool]
) -> tuple[Finding, ...]:
    """The findings at the target release: problems of one kind, file, library and version are one finding."""
    grouped: dict[tuple[object, ...], list[Problem]] = {}
    for problem in problems:
        if problem.releases & system.target:
            key = (problem.kind, problem.file, problem.library, problem.version, problem.detail)
            grouped.setdefault(key, []).append(problem)
    return tuple(_finding(group, system, is_reported_by_dependency) for group in grouped.values())


def _finding(
    group: list[Problem], system: TargetSystem, is_reported_by_dependency: Callable[[Problem], bool]
) -> Finding:
    first = group[0]
    imports: list[Import] = []
    if first.kind in NOTES and len(group) == 1 and first.unversioned:
        symbols: Sequence[SymbolInfo] = _names_only(first.unversioned)
    else:
        imports = _imports_of(group)
        symbols = tuple(_symbol_info(symbol, first, system) for symbol in imports)
    since = _since(group, system)
    is_one = len(symbols) == 1
    message = KINDS[first.kind].message
    if first.kind == "dt-relr" and first.detail == "unmarked":
        message = _UNMARKED_RELR
    if first.kind == "missing-version" and first.by_glibc and system.library(first.library or "") is None:
        message = _GIVEN_LIBRARY
    line = message.format(
        library=first.library,
        version=first.version,
        detail=first.detail,
        since=f"glibc {since}",
        target=f"glibc {system.release}" if first.by_glibc else f"GCC {system.gcc}'s runtime",
        name=symbols[0].name if is_one else f"{len(symbols)} symbols",
        them="it" if is_one else "them",
    )
    is_reported = first.kind not in NOTES and is_reported_by_dependency(first)
    strong = frozenset(each.name for each in imports if not each.weak)
    advice = _advice(first, symbols, strong, system)
    return Finding(first.kind, first.file.path, line, advice, first.library, first.version, since, symbols, is_reported)


def _imports_of(group: list[Problem]) -> list[Import]:
    """The imports that some problems are about, by name."""
    found: set[Import] = set()
    for problem in group:
        if problem.symbols is None:
            found.update(problem.file.imports_of(problem.library or "", problem.version or ""))
        else:
            found.update(problem.symbols)
        found.update(Import(_text(name), None, None, False, 0, False) for name in problem.unversioned)
    return sorted(found)


@lru_cache(maxsize=256)
def _names_only(names: frozenset[bytes]) -> SymbolNames:
    """Symbols without details: the same long list for every file that loads a library."""
    return SymbolNames(map(_text, sorted(names)))


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _since(group: list[Problem], system: TargetSystem) -> Release | None:
    """The first release after the target on which none of the problems holds."""
    free = system.everything & ~(system.target - 1)
    for problem in group:
        if not problem.by_glibc:
            return None  # no release of glibc decides it
        free &= ~problem.releases
    return system.axis.first(free)


def _symbol_info(symbol: Import, problem: Problem, system: TargetSystem) -> SymbolInfo:
    """What the tables know of a symbol."""
    history = system.library(problem.library or "")
    table = system.runtime if history is not None and not history.is_glibc else system.glibc
    since: Release | None = None
    library = older = older_library = None
    name = symbol.name.encode("utf-8", "surrogateescape")
    for soname in table.sonames if table is not None else ():
        exporting = table.library(soname) if table is not None else None
        for exported in exporting.versions_of(name) if exporting is not None else ():
            first = system.axis.first(exported.releases)
            is_wanted = exported.default if symbol.version is None else exported.version == symbol.version
            if is_wanted and first is not None and (since is None or first < since):
                since, library = first, soname
            if exported.releases & system.target and (older is None or soname == problem.library):
                older, older_library = exported.version, soname
    if table is not system.glibc:
        since = None  # the runtime's table is that of one GCC release; the number of the node is the answer
    return SymbolInfo(symbol.name, since, library, older, older_library)


def _advice(problem: Problem, symbols: Sequence[SymbolInfo], strong: frozenset[str], system: TargetSystem) -> str:
    """What to do about a finding. ``strong`` are the names of its symbols that are not weak references."""
    target = system.release
    if problem.kind == "missing-version":
        if problem.by_glibc and system.library(problem.library or "") is None:
            return f"build {problem.library} with that version, or link against the {problem.library} that is used"
        return _advice_on_version(problem, symbols, strong, system)
    if problem.kind == "missing-symbol":
        lacking = next((symbol.older_library for symbol in symbols if symbol.older_library), None)
        if lacking is not None:
            return f"{KIT}, or add {lacking} to the link line with --no-as-needed: it has the symbol on glibc {target}"
        return "name the library that defines it on the link line, or verify that library together with this file"
    return KINDS[problem.kind].advice.format(library=problem.library)


def _advice_on_version(
    problem: Problem, symbols: Sequence[SymbolInfo], strong: frozenset[str], system: TargetSystem
) -> str:
    target = system.release
    if not problem.by_glibc:
        if problem.library == "libstdc++.so.6":
            return f"link with -static-libstdc++ (`symver-pin c++` does), {BESIDE}"
        if problem.library != "libgcc_s.so.1":
            return f"link {problem.library} statically (programs: the kit does so), {BESIDE}"
        return f"link with -static-libgcc, or with the kit's stub of the target's libgcc_s, {BESIDE}"
    if not symbols and problem.version in _NODE_ADVICE:
        return f"{_NODE_ADVICE[problem.version]}; the kit's flags do so; {REPAIR}"
    if not symbols:
        return f"no symbol carries this version: a linker flag asked for it; {KIT}, {REPAIR}"
    if system.distribution_release(problem.library or "", problem.version or "") is not None:
        return f"{KIT}: glibc {target} has an older version of {_which(symbols)}"
    if all(symbol.older for symbol in symbols):
        return f"{KIT}, {REPAIR}: glibc {target} has an older version of {_which(symbols)}"
    supplied = _supplied(target, system.arch)
    absent = [each.name for each in symbols if not each.older and each.name in strong and each.name not in supplied]
    if absent:
        return f"glibc {target} has no {absent[0]}, and there is no compat object for it: build without it"
    return f"{KIT}, {REPAIR}: both bind to older versions and add what glibc {target} lacks"


def _which(symbols: Sequence[SymbolInfo]) -> str:
    return "it" if len(symbols) == 1 else "each"


@lru_cache(maxsize=64)
def _supplied(target: Release, arch: Arch) -> frozenset[str]:
    """The symbols for which there are compat objects."""
    return frozenset(row.symbol for row in needed(target, arch))
