"""From problems to findings: what the loader will say, since when it would work, which symbols are guilty, what to do.

Runs only for the problems that hold at the asked release, so it may look further than the rules do.
"""

from __future__ import annotations

from symver_pin.elf.dynamic import Import
from symver_pin.verify.model import NOTES, Finding, Guilty, Unexplained

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from symver_pin.maps.release import Release
    from symver_pin.verify.knowledge import Knowledge
    from symver_pin.verify.problems import Problem

#: The answer to most of it.
KIT = "link it with the kit (`symver-pin cc`, `symver-pin kit`)"

#: What to do, by kind. A kind with a choice is decided in ``_advice``.
_ADVICE = {
    "library-not-loaded": "name the library on the link line, so that DT_NEEDED has it, and link again",
    "link-time-reference": f"{KIT}: it finds each symbol in the library that has it on the target",
    "versions-lost": "build the library with the version script that it had when this file was linked",
    "glibc-private": "it uses glibc's own internals, which change with every release; it runs on no glibc but its own",
    "dt-relr": "link with -Wl,-z,nopack-relative-relocs (lld: --pack-dyn-relocs=none); the kit's flags do so",
    "constructors-not-run": f"{KIT}: it brings a start-up that hands the constructors to the old libc",
    "interpreter": "build it for glibc, or set the standard path with `patchelf --set-interpreter`",
    "header-refused": "build it as a shared library for GNU/Linux, with the target's compiler or an older linker",
    "broken-library": "build or copy that library again",
    "unjudged-start-up": "run it on the target to see that its constructors run",
    "x86-level": "compile without -march=x86-64-v2 or higher (-march=haswell ...) to run on every processor",
    "kernel-version": "link with start files (crt1.o) of a glibc that was configured for older kernels",
}

#: What to do about a node that no symbol carries.
_NODE_ADVICE = {
    "GLIBC_ABI_GNU2_TLS": "compile with -mtls-dialect=gnu",
    "GLIBC_ABI_DT_X86_64_PLT": "link with -Wl,-z,nomark-plt",
}

_TEXT = {
    "missing-version": "{library} of {target} does not define the version {version}",
    "missing-symbol": "no library that it loads has {name} on {target}",
    "link-time-reference": "{name} is wanted from {library}, where {target} does not have it",
    "versions-lost": "{library} has lost its version {version}; loaders before 2.41 stop at that with an assertion",
    "missing-library": "{target} has no {library}",
    "library-not-loaded": "wants version {version} of {library}, which nothing loads",
    "glibc-private": "uses {version}, glibc's interface with itself, from {library}",
    "dt-relr": "has packed relative relocations (DT_RELR), which {target} does not understand",
    "constructors-not-run": "its constructors will not run: its start-up code leaves them to {since} or later",
    "interpreter": "asks for the loader {library}; glibc's is {detail}",
    "header-refused": "its ELF header is refused: {detail}",
    "broken-library": "loads {library}, which is broken: {detail}",
    "provided-by-system": "{library} must be there on the target",
    "unjudged-symbols": "undefined symbols without a version are left to whatever loads it",
    "unjudged-start-up": "its start-up code is unknown; whether constructors run before {since} cannot be told",
    "older-meaning": "is bound to {name}@{version}; where it was compiled for the newer one: {detail}",
    "x86-level": "needs a processor of the level {detail}",
    "kernel-version": "asks for Linux {detail} or later; {target} may run on Linux {library}",
}


def explain(
    problems: Iterable[Problem],
    knowledge: Knowledge,
    target: Release,
    gcc: Release,
    is_told_there: Callable[[Problem], bool],
) -> tuple[Finding, ...]:
    """The findings at the asked release: problems of one kind, file, library and version are one finding."""
    grouped: dict[tuple[object, ...], list[Problem]] = {}
    for problem in problems:
        if problem.releases & knowledge.target:
            key = (problem.kind, problem.file, problem.library, problem.version, problem.detail)
            grouped.setdefault(key, []).append(problem)
    return tuple([_finding(group, knowledge, target, gcc, is_told_there) for group in grouped.values()])


def _finding(
    group: list[Problem], knowledge: Knowledge, target: Release, gcc: Release, is_told_there: Callable[[Problem], bool]
) -> Finding:
    first = group[0]
    if first.kind == "provided-by-system":  # the most frequent by far
        text = _TEXT[first.kind].format(library=first.library)
        return Finding(first.kind, first.file.path, text, "", first.library, None, _since(group, knowledge))
    if first.kind in NOTES and len(group) == 1 and first.plain:
        symbols: Sequence[Guilty] = _named(first.plain, knowledge)
    else:
        symbols = tuple(_guilty(symbol, first, knowledge) for symbol in _wanted(group))
    since = _since(group, knowledge)
    values = {
        "library": first.library,
        "version": first.version,
        "detail": first.detail,
        "since": f"glibc {since}",
        "target": f"glibc {target}" if first.by_glibc else f"GCC {gcc}'s runtime",
        "name": symbols[0].name if len(symbols) == 1 else f"{len(symbols)} symbols",
    }
    text = _TEXT[first.kind]
    if first.kind == "dt-relr" and first.detail == "unmarked":
        text = "has packed relative relocations (DT_RELR) without their marker {version}: refused"
    advice = _advice(first, symbols, target)
    told_there = first.kind not in NOTES and is_told_there(first)
    return Finding(
        first.kind,
        first.file.path,
        text.format_map(values),
        advice,
        first.library,
        first.version,
        since,
        symbols,
        told_there,
    )


def _wanted(group: list[Problem]) -> list[Import]:
    """The guilty imports, by name."""
    wanted: set[Import] = set()
    for each in group:
        if each.symbols is None:
            wanted.update(each.file.bound_to(each.library, each.version))
        else:
            wanted.update(each.symbols)
        wanted.update(Import(_text(name), None, None, False, 0, False) for name in each.plain)
    return sorted(wanted)


def _named(names: frozenset[bytes], knowledge: Knowledge) -> Unexplained:
    """Symbols of which nothing is told but the name: the same long list for every file that loads a library."""
    found = knowledge.named.get(names)
    if found is None:
        # All at once; no name has a zero byte in it.
        found = knowledge.named[names] = Unexplained(_text(b"\0".join(sorted(names))).split("\0"))
    return found


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _since(group: list[Problem], knowledge: Knowledge) -> Release | None:
    """The first release after the asked one on which none of the problems holds."""
    everything = knowledge.glibc.everything
    free = everything
    for problem in group:
        if not problem.by_glibc:
            return None  # no release of glibc decides it
        free &= ~problem.releases
    later = everything & ~(knowledge.target - 1)
    return knowledge.glibc.axis.first(free & later)


def _guilty(symbol: Import, problem: Problem, knowledge: Knowledge) -> Guilty:
    """What is known of a symbol: the same for all files that want it so."""
    key = symbol.name, symbol.version, problem.library
    found = knowledge.guilty.get(key)
    if found is None:
        found = knowledge.guilty[key] = _look_up(symbol, problem, knowledge)
    return found


def _look_up(symbol: Import, problem: Problem, knowledge: Knowledge) -> Guilty:
    table = knowledge.table_of(problem.library or "") or knowledge.glibc
    since: Release | None = None
    library = older = older_library = None
    version = symbol.version
    for soname, exported in table.anywhere(symbol.name.encode("utf-8", "surrogateescape")):
        first = table.axis.first(exported.releases)
        wanted = exported.version == version if version is not None else exported.default
        if wanted and first is not None and (since is None or first < since):
            since, library = first, soname
        if exported.releases & knowledge.target and (older is None or soname == problem.library):
            older, older_library = exported.version, soname
    if table is not knowledge.glibc:
        # The runtime table is held at one GCC release; the node's own number is the answer.
        since = None
    return Guilty(symbol.name, since, library, older, older_library)


def _advice(problem: Problem, symbols: Sequence[Guilty], target: Release) -> str:
    known = _ADVICE.get(problem.kind)
    if known is not None:
        return known
    if problem.kind == "missing-version":
        if not problem.by_glibc:
            if problem.library == "libstdc++.so.6":
                return "link with -static-libstdc++ (`symver-pin c++` does), or ship the library beside the file"
            return "link with -static-libgcc, or with the kit's stub of the target's libgcc_s"
        if not symbols and problem.version in _NODE_ADVICE:
            return f"{_NODE_ADVICE[problem.version]}; the kit's flags do so"
        if not symbols:
            return f"no symbol carries this version: a linker flag asked for it; {KIT}"
        if all(symbol.older for symbol in symbols):
            return f"{KIT}: an older version of each is on glibc {target}"
        return f"{KIT}: it binds to older versions and adds what glibc {target} lacks"
    if problem.kind == "missing-symbol":
        lacking = next((symbol.older_library for symbol in symbols if symbol.older_library), None)
        if lacking is not None:
            return f"{KIT}, or add {lacking} to the link line with --no-as-needed: it has the symbol on glibc {target}"
        return "name the library that defines it on the link line, or judge that library together with this file"
    if problem.kind == "missing-library":
        return f"link without {problem.library}; compile without what calls for it (libmvec: -fno-tree-vectorize)"
    return ""
