"""Apply a policy to a file. A policy looks at what the file needs, not at whether the loader would find it.

Only libraries from *outside* of the verified set count: a wheel may bring along any library.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase

from symver_pin.errors import ElfError
from symver_pin.findings import KINDS
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.verdict import FileVerdict, Finding, SymbolNames
from symver_pin.verifier.given_files import FileSet
from symver_pin.verifier.policies.policy import Limits, Policy, split_node

_MOST_NAMED = 3


def apply_policy(policy: Policy, verdict: FileVerdict, file: LoadedObject, files: FileSet) -> FileVerdict:
    """The verdict with the violations of a policy added; ``files`` is the set of which libraries may be used."""
    if verdict.kind == "static executable":
        return verdict
    limits = policy.limits(file.arch.name, file.path)
    try:
        if limits is None:
            line = f"{policy.name} has no rules for {file.arch.name}"
            found: tuple[Finding, ...] = (_finding("architecture-not-allowed", file, line),)
        else:
            found = tuple(_violations(policy.name, limits, file, files))
    except ElfError as error:
        return FileVerdict(file.path, "error", file.arch.name, error=str(error))
    return verdict._replace(verdict="fails", findings=(*verdict.findings, *found)) if found else verdict


def _violations(name: str, limits: Limits, file: LoadedObject, files: FileSet) -> Iterator[Finding]:
    libraries = {*file.needed, *(need.library for need in file.needs)}
    outside = {soname for soname in libraries if not _is_in_set(soname, file, files)}
    yield from _library_violations(name, limits, file, outside)
    yield from _version_violations(name, limits, file, outside)
    yield from _symbol_violations(name, limits, file, outside)


def _is_in_set(soname: str, file: LoadedObject, files: FileSet) -> bool:
    try:
        return files.resolve(soname, (file,)) is not None
    except ElfError:
        return True  # it exists and is broken: a rule of the loader reports it


def _library_violations(name: str, limits: Limits, file: LoadedObject, outside: Collection[str]) -> Iterator[Finding]:
    for soname in file.needed:
        if soname not in outside:
            continue
        is_excepted = any(fnmatchcase(soname, glob) for glob in limits.excepted)
        if not is_excepted and any(fnmatchcase(soname, glob) for glob in limits.denied):
            yield _finding("library-denied", file, f"{name} forbids {soname}", soname)
        elif not _is_allowed(soname, limits, file):
            yield _finding("library-not-allowed", file, f"{name} does not allow {soname}", soname)


def _is_allowed(soname: str, limits: Limits, file: LoadedObject) -> bool:
    if limits.allowed is None or soname == file.arch.loader:
        return True
    return any(fnmatchcase(soname, glob) for glob in limits.allowed)


def _version_violations(name: str, limits: Limits, file: LoadedObject, outside: Collection[str]) -> Iterator[Finding]:
    for need in file.needs:
        if need.library not in outside:
            continue
        family, number = split_node(need.version)
        exceeded = [ceiling for ceiling in limits.ceilings if number > ceiling.number and ceiling.family == family]
        if exceeded:
            lowest = min(exceeded, key=lambda ceiling: ceiling.number)
            line = f"{need.version} of {need.library} is above {lowest.node}, the highest that {name} allows"
            symbols = sorted(imported.name for imported in file.imports_of(need.library, need.version))
            yield _finding("above-maximum", file, line, need.library, need.version, symbols)


def _symbol_violations(name: str, limits: Limits, file: LoadedObject, outside: Collection[str]) -> Iterator[Finding]:
    """Symbols that the policy forbids. A weak reference is optional: the file runs where the symbol is not."""
    for glob, denied in limits.denied_symbols:
        sonames = sorted(soname for soname in outside if fnmatchcase(soname, glob))
        if not sonames:
            continue
        # An import from a library without versions does not name the library: then needing the library counts.
        imports = (imported for imported in file.imports() if imported.name in denied and not imported.weak)
        used = sorted({imported.name for imported in imports if imported.library in (None, *sonames)})
        if used:
            named = ", ".join(used[:_MOST_NAMED]) + (" ..." if len(used) > _MOST_NAMED else "")
            yield _finding("symbol-denied", file, f"{name} forbids {named} of {sonames[0]}", sonames[0], None, used)


def _finding(
    kind: str,
    file: LoadedObject,
    line: str,
    library: str | None = None,
    version: str | None = None,
    symbols: Collection[str] = (),
) -> Finding:
    return Finding(kind, file.path, line, KINDS[kind].advice, library, version, None, SymbolNames(symbols))
