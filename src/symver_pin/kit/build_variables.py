"""The environment variables with which build systems use a kit: ``build_variables.tsv``, filled in for one kit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from symver_pin.glibc.tsv import numbered_lines
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import host_arch
from symver_pin.paths import package_folder

_ALWAYS, _CROSS = "always", "cross"


class Variable(NamedTuple):
    """One row of the table: of the table itself with placeholders in ``name`` and ``value``, of a kit without."""

    system: str
    """The build system that the variable is for; ``symver-pin`` for symver-pin's own commands and wrappers."""
    name: str
    value: str
    when: str
    """``always``, ``cross`` (the kit is for another architecture than this machine's), or the driver (``c++``, ``fc``)
    that the kit must have."""
    meaning: str
    """What the variable is for: one or two sentences."""


@cache
def variable_table() -> tuple[Variable, ...]:
    """The rows of the table, in its order."""
    text = (package_folder() / "kit" / "build_variables.tsv").read_text(encoding="utf-8")
    return tuple(Variable(*line.split("\t")) for _number, line in numbered_lines(text))


def kit_variables(place: str, glibc: str, arch: Arch, drivers: frozenset[str], linker: str) -> Iterator[Variable]:
    """The variables of a kit.

    ``place`` stands for the kit's folder: a path, or the name of a shell variable (``$kit``). ``drivers`` are the names
    of the wrappers in its folder ``bin``, ``linker`` is the linker for rustc.
    """
    plain = arch.rust_target.replace("-", "_")
    values = {
        "kit": place,
        "glibc": glibc,
        "arch": arch.name,
        "triplet": arch.triplet,
        "go": arch.spelling.go,
        "node": arch.spelling.node,
        "rust": arch.rust_target,
        "rust_": plain,
        "RUST": plain.upper(),
        "linker": linker,
    }
    conditions = {_ALWAYS, *drivers, *({_CROSS} if arch != host_arch() else set())}
    for row in variable_table():
        if row.when in conditions:
            yield row._replace(name=row.name.format_map(values), value=row.value.format_map(values))
