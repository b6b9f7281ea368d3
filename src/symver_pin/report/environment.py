"""Print environment variables for a shell, a Makefile, GitHub Actions or a program."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from symver_pin.errors import UsageError


class Setting(NamedTuple):
    """One variable of an environment."""

    name: str
    value: str
    meaning: str
    """What the variable is for."""


def render_environment(settings: Sequence[Setting], name: str, explain: bool) -> str:
    """The text of ``settings`` in the format ``name``, a key of FORMATS; with ``explain`` the meaning of each.

    Raises UsageError for an unknown format, for ``explain`` in a format without comments, and for a value that a format
    cannot carry.
    """
    if name not in FORMATS:
        raise UsageError(f"--format {name}: unknown; known: {', '.join(FORMATS)}")
    return FORMATS[name](settings, explain)


def _shell(settings: Sequence[Setting], explain: bool) -> str:
    return "".join(
        f"{_comment(item, explain)}export {item.name}={shlex.quote(item.value)}\n" for item in _words(settings)
    )


def _make(settings: Sequence[Setting], explain: bool) -> str:
    """GNU make: a value goes to the end of its line, ``$`` and ``#`` are special."""
    lines = []
    for item in _words(settings):
        if "\n" in item.value:
            raise UsageError(
                f"{item.name}: has a line feed in its value, which a Makefile cannot carry; use --format sh"
            )
        value = item.value.replace("$", "$$").replace("#", "\\#")
        lines.append(f"{_comment(item, explain)}export {item.name} := {value}\n")
    return "".join(lines)


def _github(settings: Sequence[Setting], explain: bool) -> str:
    """Lines for the file ``$GITHUB_ENV``, which has no comments."""
    if explain:
        raise UsageError("--format github: the file $GITHUB_ENV has no comments; use --explain with another format")
    lines = []
    for item in settings:
        if "\n" in item.value:
            lines.append(f"{item.name}<<SYMVER_PIN_END\n{item.value}\nSYMVER_PIN_END\n")
        else:
            lines.append(f"{item.name}={item.value}\n")
    return "".join(lines)


def _json(settings: Sequence[Setting], explain: bool) -> str:
    found: Mapping[str, object] = {
        item.name: {"value": item.value, "meaning": item.meaning} if explain else item.value for item in settings
    }
    return json.dumps(found, indent=2) + "\n"


def _comment(item: Setting, explain: bool) -> str:
    return f"# {item.meaning}\n" if explain else ""


def _words(settings: Sequence[Setting]) -> list[Setting]:
    """Those whose name is one that a shell can export (not ``CC_x86_64-unknown-linux-gnu``)."""
    return [item for item in settings if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", item.name)]


FORMATS: Mapping[str, Callable[[Sequence[Setting], bool], str]] = {
    "sh": _shell,
    "make": _make,
    "github": _github,
    "json": _json,
}
"""Name of a format -> its text of settings, with or without their meanings."""
