"""Read a policy from a TOML file; docs/verify.md describes its keys.

``[max]`` may be a list, or a table of lists by architecture. Each ``[[file]]`` has a glob, ``match``, and the same keys
for the files whose names match it.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from symver_pin.errors import UsageError
from symver_pin.machine.architectures import ARCHES
from symver_pin.toml_file import read_toml
from symver_pin.verifier.policies.policy import Ceiling, FileRule, Limits, Policy, parse_ceiling

_DEFAULT = "default"
"""The key in ``[max]`` for the architectures that have none of their own."""

LIMIT_KEYS = {
    "max": "a list of the highest nodes, each of its family (`GLIBCXX_3.4.19`); or a table of such lists by "
    "architecture, with `default` for those that it does not name",
    "allow-lib": "globs of all libraries that may be needed; without it every library is allowed",
    "deny-lib": "globs of libraries that may not be needed",
    "deny-symbol": "a table: soname -> symbols of that library that may not be used",
}
"""The keys of the whole file and of a ``[[file]]`` section -> their meaning."""
TOP_KEYS = {
    "name": "the policy's name in reports; default: the file's name",
    "glibc": "the target, a release or a platform, unless `--glibc` names one",
    **LIMIT_KEYS,
    "file": "`[[file]]`, repeatable: further rules for the files that it names",
}
"""The keys of the whole file -> their meaning."""
FILE_KEYS = {"match": "a glob or a list of globs of file names; with a slash, of the end of the path", **LIMIT_KEYS}
"""The keys of a ``[[file]]`` section -> their meaning."""


def read_policy(path: Path) -> Policy:
    """A policy file. Raises UsageError, with file and key, when it is faulty."""
    document = read_toml(path)
    try:
        return _policy_of(document, path.stem)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def _policy_of(document: dict[str, Any], stem: str) -> Policy:
    _check_keys(document, TOP_KEYS.keys(), "")
    sections = document.get("file", [])
    if not isinstance(sections, list) or not all(isinstance(section, dict) for section in sections):
        raise UsageError("file must be a list of tables: write [[file]]")
    common, by_arch = _limits_of(document, "")
    rules = tuple(_rule_of(section, f"file {number}: ") for number, section in enumerate(sections, 1))
    return Policy(_text(document, "name") or stem, _text(document, "glibc"), common, by_arch, rules)


def _rule_of(section: dict[str, Any], where: str) -> FileRule:
    _check_keys(section, FILE_KEYS.keys(), where)
    match = section.get("match")
    globs = _texts([match] if isinstance(match, str) else match, f"{where}match")
    if not globs:
        raise UsageError(f"{where}match is missing: the name of the files, a glob or a list of globs")
    return FileRule(globs, *_limits_of(section, where))


def _check_keys(table: dict[str, Any], known: AbstractSet[str], where: str) -> None:
    unknown = sorted(table.keys() - known)
    if unknown:
        raise UsageError(f"{where}unknown key {unknown[0]!r}; known: {', '.join(sorted(known))}")


def _limits_of(table: dict[str, Any], where: str) -> tuple[Limits, tuple[tuple[str, Limits], ...]]:
    """The limits on every architecture, and those by architecture when ``max`` is a table."""
    symbols = table.get("deny-symbol", {})
    if not isinstance(symbols, dict):
        raise UsageError(f"{where}deny-symbol must be a table of sonames, each with a list of symbols")
    limits = Limits(
        (),
        _texts(table["allow-lib"], f"{where}allow-lib") if "allow-lib" in table else None,
        _texts(table.get("deny-lib", []), f"{where}deny-lib"),
        tuple((soname, frozenset(_texts(names, f"{where}deny-symbol.{soname}"))) for soname, names in symbols.items()),
    )
    maxima = table.get("max", [])
    if not isinstance(maxima, dict):
        return limits._replace(ceilings=_ceilings(maxima, f"{where}max")), ()
    unknown = sorted(maxima.keys() - ARCHES.keys() - {_DEFAULT})
    if unknown:
        known = ", ".join([*sorted(ARCHES), _DEFAULT])
        raise UsageError(f"{where}max has an unknown architecture {unknown[0]!r}; known: {known}")
    by_arch = [
        ("*" if arch == _DEFAULT else arch, limits._replace(ceilings=_ceilings(nodes, f"{where}max.{arch}")))
        for arch, nodes in maxima.items()
    ]
    return limits, tuple(by_arch)


def _ceilings(nodes: Any, key: str) -> tuple[Ceiling, ...]:
    names = _texts(nodes, key)
    try:
        return tuple(map(parse_ceiling, names))
    except UsageError as error:
        raise UsageError(f"{key}: {error}") from error


def _text(table: dict[str, Any], key: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise UsageError(f"{key} must be a string")
    return value


def _texts(value: Any, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError(f"{key} must be a list of strings")
    return tuple(value)
