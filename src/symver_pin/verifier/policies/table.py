"""Find a policy by its name in ``policies.tsv``, or in a TOML file."""

from __future__ import annotations

from pathlib import Path

from symver_pin.errors import MapsError, UsageError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.tsv import numbered_lines
from symver_pin.machine.architectures import ARCHES
from symver_pin.spelling import did_you_mean
from symver_pin.verifier.policies.policy import Limits, Policy, parse_ceiling
from symver_pin.verifier.policies.toml_file import read_policy

_COLUMNS = 4


def find_policy(name: str, maps: Maps) -> Policy:
    """The policy of that name, or of a TOML file when the name ends in ``.toml``.

    Raises UsageError for an unknown name or a faulty file, MapsError when the table of policies is broken.
    """
    if name.endswith(".toml"):
        return read_policy(Path(name))
    policy = named_policy(name, maps)
    if policy is None:
        names = [
            name for platform in maps.platforms for name in (platform.id, *platform.aliases) if "manylinux" in name
        ]
        known = f"known: {', '.join(['tag', *_load(maps)])}, or a file that ends in .toml"
        raise UsageError(f"unknown policy {name!r}; {known}{did_you_mean(name.lower(), names)}")
    return policy


def policy_names(maps: Maps) -> tuple[str, ...]:
    """The names of all policies in the table, in its order. Raises MapsError when the table is broken."""
    return tuple(_load(maps))


def named_policy(name: str, maps: Maps) -> Policy | None:
    """The policy of that name in the table; None if there is none. Raises MapsError when the table is broken."""
    known = _load(maps)
    word = name.lower()
    for platform in maps.platforms:  # manylinux2014 is manylinux_2_17
        if word in (platform.id, *platform.aliases):
            word = next((other for other in (platform.id, *platform.aliases) if other in known), word)
    return known.get(word)


def _load(maps: Maps) -> dict[str, Policy]:
    path = maps.path("policies.tsv")
    rows: dict[str, list[tuple[tuple[str, ...], str, list[str]]]] = {}
    for number, line in numbered_lines(maps.text("policies.tsv")):
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
