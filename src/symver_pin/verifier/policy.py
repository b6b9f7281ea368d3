"""Policies: limits on what a file may need from the system it runs on, whether or not the loader would find it.

A policy limits the libraries (``allow``, ``deny``), the highest version node of a family (``max``), and the symbols of
a library. It has a name (``policies.tsv``), is a TOML file, or is made of options; options add to a named policy.
``policy_check`` applies it to a file. docs/verify.md describes the keys of a TOML file.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from symver_pin.errors import MapsError, UsageError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.sonames import SONAMES
from symver_pin.machine.architectures import ARCHES

_NODE = re.compile(r"(.*?_)([0-9]+[a-z]?(?:[._][0-9]+[a-z]?)*)")
"""A family up to its underscore, and a number, whose parts may end in a letter (``OPENSSL_1.1.1d``)."""


class Ceiling(NamedTuple):
    """The highest node of one family: ``GLIBCXX_3.4.19``."""

    family: str
    """The node up to the number, the underscore included: ``GLIBCXX_``, ``GLIBCXX_LDBL_``."""
    number: tuple[int, ...]
    node: str
    """As it was written."""


class Limits(NamedTuple):
    """The limits for one architecture."""

    ceilings: tuple[Ceiling, ...] = ()
    allowed: tuple[str, ...] | None = None
    """Globs of the sonames that may be needed; None for any."""
    denied: tuple[str, ...] = ()
    """Globs of the sonames that may not be needed."""
    denied_symbols: tuple[tuple[str, frozenset[str]], ...] = ()
    """(soname glob, symbols of it that must not be used)."""


class Policy(NamedTuple):
    """A set of limits with a name."""

    name: str
    target: str | None
    """The release or platform that it is for, as ``--glibc`` takes it; None when it names none."""
    common: Limits
    """The limits on every architecture."""
    by_arch: tuple[tuple[str, Limits], ...] = ()
    """(architecture, its limits); a policy that has any covers only these architectures."""

    def limits(self, arch: str) -> Limits | None:
        """The limits for an architecture; None when the policy does not cover it."""
        if not self.by_arch:
            return self.common
        return dict(self.by_arch).get(arch)


def parse_ceiling(node: str) -> Ceiling:
    """Read ``GLIBCXX_3.4.19``. Raises UsageError for a node without a number."""
    family, number = split_node(node)
    if not number:
        raise UsageError(f"{node!r} has no number; write a version node like GLIBCXX_3.4.19")
    return Ceiling(family, number, node)


def split_node(node: str) -> tuple[str, tuple[int, ...]]:
    """(family, number) of a node; the number is empty for one that has none.

    >>> split_node("GLIBCXX_LDBL_3.4.29"), split_node("OPENSSL_1_1_1d"), split_node("GLIBC_PRIVATE")
    (('GLIBCXX_LDBL_', (3, 4, 29)), ('OPENSSL_', (1, 1, 1, 100)), ('GLIBC_PRIVATE', ()))
    """
    parts = _NODE.fullmatch(node)
    if parts is None:
        return node, ()
    return parts[1], tuple(int(item) if item.isdigit() else ord(item) for item in re.findall(r"\d+|[a-z]", parts[2]))


def combine(
    policy: Policy | None, maxima: Iterable[str], allowed: Iterable[str], denied: Iterable[str]
) -> Policy | None:
    """A policy with the limits of options added; None when there are neither. Raises UsageError for a bad node.

    An allowed library is added to those that the policy allows, or to glibc's own when it has no such list.
    """
    ceilings, allowed, denied = tuple(map(parse_ceiling, maxima)), tuple(allowed), tuple(denied)
    if not (ceilings or allowed or denied):
        return policy
    base = policy or Policy("command line", None, Limits())

    def added(limits: Limits) -> Limits:
        return limits._replace(
            ceilings=(*limits.ceilings, *ceilings),
            allowed=(*(limits.allowed or SONAMES.values()), *allowed) if allowed else limits.allowed,
            denied=(*limits.denied, *denied),
        )

    return base._replace(
        common=added(base.common), by_arch=tuple((arch, added(limits)) for arch, limits in base.by_arch)
    )


_COLUMNS = 4


def find_policy(name: str, maps: Maps) -> Policy:
    """The policy of that name, or of a TOML file when the name ends in ``.toml``.

    Raises UsageError for an unknown name or a faulty file, MapsError when the table of policies is broken.
    """
    if name.endswith(".toml"):
        return read_policy(Path(name))
    known = _load(maps)
    word = name.lower()
    for platform in maps.platforms:  # manylinux2014 is manylinux_2_17
        if word in (platform.id, *platform.aliases):
            word = next((other for other in (platform.id, *platform.aliases) if other in known), word)
    policy = known.get(word)
    if policy is None:
        raise UsageError(f"unknown policy {name!r}; known: {', '.join(known)}, or a file that ends in .toml")
    return policy


def _load(maps: Maps) -> dict[str, Policy]:
    path, lines = maps.path("policies.tsv"), maps.text("policies.tsv").splitlines()
    rows: dict[str, list[tuple[tuple[str, ...], str, list[str]]]] = {}
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != _COLUMNS or cells[2] not in ("libs", "max", "deny", "target") or not cells[3]:
            raise MapsError(f"{path}:{number}: broken row {line!r}")
        arches = () if cells[1] == "*" else tuple(cells[1].split(","))
        if not set(arches) <= ARCHES.keys():
            raise MapsError(f"{path}:{number}: unknown architecture in {cells[1]!r}")
        rows.setdefault(cells[0], []).append((arches, cells[2], cells[3].split(" ")))
    named = {name for platform in maps.platforms for name in (platform.id, *platform.aliases)}
    return {name: _assemble(name, name if name in named else None, found) for name, found in rows.items()}


def _assemble(name: str, target: str | None, rows: list[tuple[tuple[str, ...], str, list[str]]]) -> Policy:
    target = next((words[0] for _, rule, words in rows if rule == "target"), target)
    by_arch = []
    for arch in sorted({arch for arches, _, _ in rows for arch in arches}):
        here = [(rule, words) for arches, rule, words in rows if not arches or arch in arches]
        ceilings = tuple(parse_ceiling(word) for rule, words in here if rule == "max" for word in words)
        allowed = tuple(word for rule, words in here if rule == "libs" for word in words)
        private = tuple((words[0], frozenset(words[1:])) for rule, words in here if rule == "deny")
        by_arch.append((arch, Limits(ceilings, allowed, (), private)))
    return Policy(name, target, Limits(), tuple(by_arch))


def read_policy(path: Path) -> Policy:
    """A policy file; docs/verify.md describes the format. Raises UsageError, with file and key, when it is faulty."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not a TOML file: {error}") from error
    return _policy_of(document, path)


def _policy_of(document: dict[str, Any], path: Path) -> Policy:
    known = {"name", "glibc", "max", "allow-lib", "deny-lib", "deny-symbol"}
    unknown = sorted(document.keys() - known)
    if unknown:
        raise UsageError(f"{path}: unknown key {unknown[0]!r}; known: {', '.join(sorted(known))}")

    def text(key: str, default: str | None) -> str | None:
        value = document.get(key, default)
        if value is not None and not isinstance(value, str):
            raise UsageError(f"{path}: {key} must be a string")
        return value

    def texts(value: Any, key: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise UsageError(f"{path}: {key} must be a list of strings")
        return tuple(value)

    symbols = document.get("deny-symbol", {})
    if not isinstance(symbols, dict):
        raise UsageError(f"{path}: deny-symbol must be a table of sonames, each with a list of symbols")
    try:
        ceilings = tuple(map(parse_ceiling, texts(document.get("max", []), "max")))
    except UsageError as error:
        raise UsageError(f"{path}: max: {error}") from error
    limits = Limits(
        ceilings,
        texts(document["allow-lib"], "allow-lib") if "allow-lib" in document else None,
        texts(document.get("deny-lib", []), "deny-lib"),
        tuple((soname, frozenset(texts(names, f"deny-symbol.{soname}"))) for soname, names in symbols.items()),
    )
    return Policy(text("name", path.stem) or path.stem, text("glibc", None), limits)
