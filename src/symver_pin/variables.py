"""The environment variables that symver-pin reads, in one table.

``check_environment`` runs before every command: a misspelt name would otherwise have no effect, in silence.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import NamedTuple

from symver_pin.errors import UsageError
from symver_pin.spelling import near

PREFIX = "SYMVER_PIN_"
_ON, _OFF = "1", ("", "0")
_LIKENESS = 0.85
"""How like a variable's name without the prefix a name must be to count as misspelt (``difflib``: 1 is equal)."""


class Variable(NamedTuple):
    """One environment variable."""

    name: str
    meaning: str
    """Its cell in the table of the documentation."""
    values: tuple[str, ...] | None = None
    """The values that it can have; None for any text."""


SWITCH = ("0", "1")

GLIBC, ARCH, MAPS, CC = "SYMVER_PIN_GLIBC", "SYMVER_PIN_ARCH", "SYMVER_PIN_MAPS", "SYMVER_PIN_CC"
NO_WARN, CLAIM_VERSION, TIMEOUT = "SYMVER_PIN_NO_WARN", "SYMVER_PIN_CLAIM_VERSION", "SYMVER_PIN_TIMEOUT"
PINNED = "SYMVER_PIN_PINNED"

VARIABLES = (
    Variable(GLIBC, "the target when `--glibc` does not name one; default 2.19"),
    Variable(CC, "the real compiler, or a command like `ccache gcc`; as `--cc`"),
    Variable(ARCH, "as `--arch`"),
    Variable(MAPS, "as `--maps`"),
    Variable("SYMVER_PIN_CACHE", "the folder for kits; default `symver-pin` in `$XDG_CACHE_HOME` or `~/.cache`"),
    Variable(NO_WARN, "1: as `--no-warn`", SWITCH),
    Variable(CLAIM_VERSION, "1: as `--claim-version`; read by the wrappers", SWITCH),
    Variable("SYMVER_PIN_LIBSTDCXX", "`static` (default) or `shared`; read by the wrappers", ("static", "shared")),
    Variable(
        "SYMVER_PIN_RUNTIME_LIBS",
        "`static` (default) or `shared`: all runtime libraries; read by the wrappers",
        ("static", "shared"),
    ),
    Variable(PINNED, "the release that `run`, `env` and `env.sh` build for; wrappers of kits for other releases stop"),
    Variable(TIMEOUT, "the seconds that a compiler may take for one answer while a kit is made; default 300"),
)


def is_on(name: str) -> bool:
    """True if a switch is 1; false if it is 0, empty or not set. Raises UsageError for another value."""
    value = os.environ.get(name, "")
    if value in _OFF:
        return False
    if value != _ON:
        raise UsageError(f"{name}={value}: neither 0 nor 1")
    return True


def check_environment() -> None:
    """Refuse unknown values, and warn of names that are nearly those of the table.

    Raises UsageError for a variable that has none of its values.
    """
    for variable in VARIABLES:
        value = os.environ.get(variable.name)
        if value and variable.values is not None and value not in variable.values:
            raise UsageError(f"{variable.name}={value}: not one of {', '.join(variable.values)}")
    for name, meant in _misspelt():
        sys.stderr.write(f"symver-pin: warning: the environment variable {name} has no effect; is {meant} meant?\n")


def _misspelt() -> Iterator[tuple[str, str]]:
    """(name, name of the table) for each variable of the environment that is nearly one of the table."""
    known = {variable.name.removeprefix(PREFIX) for variable in VARIABLES}
    for name in sorted(os.environ):
        word = name.removeprefix(PREFIX)
        if word != name and word not in known:
            for meant in near(word, known, 1, _LIKENESS):
                yield name, f"{PREFIX}{meant}"
