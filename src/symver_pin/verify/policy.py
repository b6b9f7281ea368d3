"""Policies: what a file may want from the system it runs on, whatever the loader would say.

A policy is a set of limits: the libraries that may be wanted (``allow``), those that may not (``deny``), the highest
version node of a family (``max``), and symbols of a library that must not be used. It has a name (``policies.tsv``), is
a TOML file (``policy_file``), or is put together from options; options add to a named one. ``gates`` holds a file
against it.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from symver_pin.elf.arch import ARCHES
from symver_pin.errors import MapsError, UsageError
from symver_pin.harvest.abilist import SONAMES
from symver_pin.maps.platforms import load_platforms
from symver_pin.resources import data_file

_COLUMNS = 4
#: A family up to its underscore, and a number, whose parts may end in a letter (``OPENSSL_1.1.1d``).
_NODE = re.compile(r"(.*?_)([0-9]+[a-z]?(?:[._][0-9]+[a-z]?)*)")


class Ceiling(NamedTuple):
    """The highest node of one family: ``GLIBCXX_3.4.19``."""

    family: str
    """All up to the number, the underscore included: ``GLIBCXX_``, ``GLIBCXX_LDBL_``."""
    number: tuple[int, ...]
    node: str
    """As it was written."""


class Limits(NamedTuple):
    """What holds for one architecture."""

    ceilings: tuple[Ceiling, ...] = ()
    allowed: tuple[str, ...] | None = None
    """Globs of the sonames that may be wanted; None for any."""
    denied: tuple[str, ...] = ()
    """Globs of the sonames that may not be wanted."""
    denied_symbols: tuple[tuple[str, frozenset[str]], ...] = ()
    """(soname glob, symbols of it that must not be used)."""


class Policy(NamedTuple):
    """A set of gates with a name."""

    name: str
    target: str | None
    """The release or platform that it is about, as ``--glibc`` takes it; None where it does not say."""
    common: Limits
    """What holds on every architecture."""
    by_arch: tuple[tuple[str, Limits], ...] = ()
    """What holds on one architecture; a policy that has any holds on these alone."""

    def limits(self, arch: str) -> Limits | None:
        """The limits of an architecture; None when the policy does not hold for it."""
        if not self.by_arch:
            return self.common
        return dict(self.by_arch).get(arch)


def parse_ceiling(node: str) -> Ceiling:
    """Read ``GLIBCXX_3.4.19``. Raises UsageError for what is no numbered node."""
    family, number = split_node(node)
    if not number:
        raise UsageError(f"{node!r} is no numbered version node; write it like GLIBCXX_3.4.19")
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


def find_policy(name: str) -> Policy:
    """The policy of that name, or of a TOML file when the name ends in ``.toml``.

    Raises UsageError for an unknown name or a faulty file, MapsError when the table of policies is broken.
    """
    if name.endswith(".toml"):
        from symver_pin.verify.policy_file import read_policy

        return read_policy(Path(name))
    known = _load(data_file("policies.tsv"))
    word = name.lower()
    for platform in load_platforms():  # manylinux2014 is manylinux_2_17
        if word in (platform.id, *platform.aliases):
            word = next((other for other in (platform.id, *platform.aliases) if other in known), word)
    policy = known.get(word)
    if policy is None:
        raise UsageError(f"unknown policy {name!r}; known: {', '.join(known)}, or a file that ends in .toml")
    return policy


def combine(
    policy: Policy | None, maxima: Iterable[str], allowed: Iterable[str], denied: Iterable[str]
) -> Policy | None:
    """A policy with what options add to it; None when there is nothing of either. Raises UsageError for a bad node.

    A library that is allowed is added to those that the policy allows; where it does not say, to glibc's own.
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


@cache
def _load(path: Path) -> dict[str, Policy]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MapsError(f"cannot read {path}: {error}") from error
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
    named = {name for platform in load_platforms() for name in (platform.id, *platform.aliases)}
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
