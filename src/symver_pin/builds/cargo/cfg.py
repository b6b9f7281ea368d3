"""Evaluate the ``cfg(...)`` conditions of cargo's ``target`` tables, with the values of ``rustc --print cfg``.

Grammar (the Rust Reference, "Conditional compilation")::

    cfg(CONDITION)
    CONDITION = all(CONDITION, ...) | any(CONDITION, ...) | not(CONDITION) | true | false | NAME | NAME = "VALUE"
"""

import re
from collections.abc import Iterator

from symver_pin.errors import UsageError

_TOKEN = re.compile(r'\s*(?:(?P<word>\w+(?:\s*=\s*"[^"]*")?)|(?P<sign>[(),]))\s*')


def cfg_holds(text: str, facts: frozenset[str]) -> bool:
    """True if a condition, written with its ``cfg(...)``, holds for a target.

    ``facts`` are the lines of ``rustc --print cfg`` for that target (``unix``, ``target_os="linux"``).

    >>> cfg_holds('cfg(all(unix, not(target_os = "macos")))', frozenset({"unix", 'target_os="linux"'}))
    True

    Raises UsageError for a condition with a syntax error.
    """
    try:
        tokens = list(_tokens(text))
        name, (condition,), rest = _term(tokens, facts)
        if name != "cfg" or rest:
            raise ValueError
    except (ValueError, IndexError):
        raise UsageError(f"cargo's configuration: cannot read the condition target.'{text}'") from None
    return condition


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError
        yield re.sub(r"\s*=\s*", "=", found["word"]) if found["word"] else found["sign"]
        at = found.end()


def _term(tokens: list[str], facts: frozenset[str]) -> tuple[str, list[bool], list[str]]:
    """Read the first term of ``tokens``: its name, the values of the conditions in brackets, the other tokens."""
    name, rest = tokens[0], tokens[1:]
    if rest[:1] != ["("]:
        return name, [name == "true" or name in facts], rest
    values: list[bool] = []
    rest = rest[1:]
    while rest[0] != ")":
        inner, conditions, rest = _term(rest, facts)
        values.append(_value(inner, conditions))
        if rest[0] == ",":
            rest = rest[1:]
        elif rest[0] != ")":
            raise ValueError
    return name, values, rest[1:]


def _value(name: str, conditions: list[bool]) -> bool:
    if name == "all":
        return all(conditions)
    if name == "any":
        return any(conditions)
    (only,) = conditions
    return not only if name == "not" else only
