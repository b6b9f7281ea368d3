"""A policy as a TOML file; docs/verify.md describes the keys."""

import sys
from pathlib import Path
from typing import Any

from symver_pin.errors import UsageError
from symver_pin.verify.policy import Limits, Policy, parse_ceiling

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def read_policy(path: Path) -> Policy:
    """A policy file; docs/verify.md describes the format. Raises UsageError, with file and key, when it is faulty."""
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
