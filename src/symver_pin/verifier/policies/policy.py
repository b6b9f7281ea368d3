"""Policies: limits on what a file may need from the system it runs on, whether or not the loader would find it.

A policy limits the libraries (``allow``, ``deny``), the highest version node of a family (``max``), and the symbols of
a library. It has a name (``table``), is a TOML file (``toml_file``), or is made of options, which add to a named
policy. ``check`` applies it to a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from symver_pin.errors import UsageError
from symver_pin.glibc.sonames import SONAMES
from symver_pin.loader.verdict import INSIDE

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
    """The limits for one architecture, or for one file."""

    ceilings: tuple[Ceiling, ...] = ()
    allowed: tuple[str, ...] | None = None
    """Globs of the sonames that may be needed; None for any."""
    denied: tuple[str, ...] = ()
    """Globs of the sonames that may not be needed."""
    denied_symbols: tuple[tuple[str, frozenset[str]], ...] = ()
    """(soname glob, symbols of it that must not be used)."""
    excepted: tuple[str, ...] = ()
    """Globs of the sonames that may be needed although ``denied`` has them."""

    def with_rule(self, rule: Limits) -> Limits:
        """These limits with those of a rule for some files added: its maxima replace those of the same family, its
        libraries are allowed besides the others, and what it denies is denied besides.
        """
        families = {ceiling.family for ceiling in rule.ceilings}
        kept = [ceiling for ceiling in self.ceilings if ceiling.family not in families]
        more = rule.allowed or ()
        allowed = rule.allowed if self.allowed is None else (*self.allowed, *more)
        return Limits(
            (*kept, *rule.ceilings),
            allowed,
            (*self.denied, *rule.denied),
            (*self.denied_symbols, *rule.denied_symbols),
            (*self.excepted, *more),
        )


class FileRule(NamedTuple):
    """Limits for the files whose names match a glob."""

    globs: tuple[str, ...]
    """A glob without a slash is compared with the name of a file, one with a slash with the end of its path."""
    limits: Limits
    by_arch: tuple[tuple[str, Limits], ...] = ()
    """(architecture, its limits), instead of ``limits``."""

    def matches(self, path: str) -> bool:
        """True if the rule is for the file at a path, which may be in an archive."""
        inside = path.rpartition(INSIDE)[2]
        name = inside.rpartition("/")[2]
        return any(
            fnmatchcase(inside, glob) or fnmatchcase(inside, f"*/{glob}") if "/" in glob else fnmatchcase(name, glob)
            for glob in self.globs
        )


class Policy(NamedTuple):
    """A set of limits with a name."""

    name: str
    target: str | None
    """The release or platform that it is for, as ``--glibc`` takes it; None when it names none."""
    common: Limits
    """The limits on every architecture."""
    by_arch: tuple[tuple[str, Limits], ...] = ()
    """(architecture, its limits); a policy that has any covers only these architectures, and ``*``, all others."""
    rules: tuple[FileRule, ...] = ()
    """Further limits for files by name, in order."""

    def limits(self, arch: str, path: str = "") -> Limits | None:
        """The limits for an architecture, and for the file at a path; None when the policy does not cover it."""
        limits: Limits | None = self.common
        if self.by_arch:
            by_arch = dict(self.by_arch)
            limits = by_arch.get(arch, by_arch.get("*"))
        for rule in self.rules if limits is not None else ():
            if rule.matches(path):
                limits = limits.with_rule(dict(rule.by_arch).get(arch, rule.limits)) if limits is not None else None
        return limits


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
