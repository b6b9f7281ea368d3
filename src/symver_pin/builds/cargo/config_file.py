"""Make a cargo configuration file with which a plain ``cargo build`` uses a kit, or change an existing file to do so.

symver-pin sets single values: the linker of each target, and the variables that name the C and C++ compilers for
crates. Everything else in the user's file (comments, order, dotted keys) stays as it is. If a value of the user named a
compiler (``linker = "clang"``), the kit is made for that compiler, so a second run finds nothing to change.
"""

import json
from collections.abc import Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from symver_pin.builds.cargo.environment import compiler_variables, crate_variables
from symver_pin.builds.cargo.kits import PinnedTarget
from symver_pin.builds.cargo.settings import Settings, linkers_in, no_settings
from symver_pin.errors import UsageError
from symver_pin.paths import cargo_template_dir
from symver_pin.templates import render

MakePins = Callable[[Settings], Sequence[PinnedTarget]]
"""Makes the kits of a build with the compilers that a configuration names."""


class Difference(NamedTuple):
    """One value of a configuration file that must change."""

    key: str
    """The key in dotted form (``target.x86_64-unknown-linux-gnu.linker``)."""
    value: str
    """The value that the kit needs."""


def render_config(pins: Sequence[PinnedTarget]) -> str:
    """The text of a new ``.cargo/config.toml``.

    Strings are quoted as in JSON, which is valid for TOML's basic strings.
    """
    targets = [(pin.rust.triple, json.dumps(pin.linker)) for pin in pins]
    variables = [(name, json.dumps(value)) for pin in pins for name, value in crate_variables(pin).items()]
    releases = ", ".join(dict.fromkeys(str(pin.glibc.glibc) for pin in pins))
    return render("config.toml.j2", cargo_template_dir(), releases=releases, targets=targets, variables=variables)


def updated(file: Path, make_pins: MakePins) -> tuple[str, list[Difference]]:
    """The new text of a configuration file, and the values that change in it (none if the file is already right).

    Raises UsageError if the file cannot be read or is not TOML, or if ``build``, ``env`` or ``target`` is not a table.
    """
    try:
        text = file.read_bytes().decode() if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from error
    merged, differences = merge_config(text, str(file), make_pins)
    return (merged if text else render_config(make_pins(no_settings({})))), differences


def merge_config(text: str, name: str, make_pins: MakePins) -> tuple[str, list[Difference]]:
    """The text of a user's configuration with the kits' values set, and the values that changed.

    ``name`` is the file's name for messages. Raises UsageError if the text is not TOML, or if ``build``, ``env`` or
    ``target`` is not a table.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise UsageError(f"{name}: {error}; correct the file first") from error
    config = document.unwrap()
    for key in ("build", "env", "target"):
        table = config.get(key, {})
        inner = table.values() if key == "target" and isinstance(table, dict) else ()
        if not all(isinstance(item, dict) for item in (table, *inner)):
            raise UsageError(f"{name}: {key} is not a table, as cargo requires; correct the file first")
    settings = no_settings(config)
    differences = [found for pin in make_pins(settings) for found in _set_values(document, pin, settings)]
    return (tomlkit.dumps(document) if differences else text), differences


def _set_values(document: MutableMapping[str, Any], pin: PinnedTarget, settings: Settings) -> list[Difference]:
    values: list[tuple[tuple[str, ...], str]] = [(("target", pin.rust.triple, "linker"), pin.linker)]
    values += [(("env", name), value) for name, value in compiler_variables(pin, settings).items()]
    changed = [Difference(".".join(keys), value) for keys, value in values if _set(document, keys, value)]
    return changed + _replace_flagged_linkers(document, pin, settings)


def _set(document: MutableMapping[str, Any], keys: Sequence[str], value: str) -> bool:
    """Set one value, and create the tables above it if they are missing. Returns True if the value changed."""
    import tomlkit

    *tables, last = keys
    table = document
    for at, key in enumerate(tables):
        if key not in table:
            table[key] = tomlkit.table(is_super_table=at + 1 < len(tables))
        table = table[key]
    if isinstance(table.get(last), MutableMapping):  # { value = "...", force = true }
        table, last = table[last], "value"
    if table.get(last) == value:
        return False
    table[last] = value
    return True


def _replace_flagged_linkers(
    document: MutableMapping[str, Any], pin: PinnedTarget, settings: Settings
) -> list[Difference]:
    """Change ``-Clinker=`` in rustc's flags to the kit's linker.

    These flags take precedence over cargo's ``linker``.
    """
    found = []
    for source in settings.flag_sources(pin.rust):
        others = [name for name in linkers_in(source.flags) if name != pin.linker]
        if not others:
            continue
        tables = ["build"] if source.key == "build.rustflags" else ["target", str(source.key).split("'")[1]]
        table = document
        for key in tables:
            table = table[key]
        flags = table["rustflags"]
        for other in others:
            if isinstance(flags, str):
                table["rustflags"] = flags = flags.replace(f"linker={other}", f"linker={pin.linker}")
            else:
                for at, word in enumerate(flags):
                    flags[at] = word.replace(f"linker={other}", f"linker={pin.linker}")
        found.append(Difference(f"{'.'.join(tables)}.rustflags", f"-Clinker={pin.linker}"))
    return found


def default_file() -> Path:
    """The project's configuration file. If both names exist, cargo reads ``.cargo/config`` first."""
    old = Path(".cargo/config")
    return old if old.is_file() else Path(".cargo/config.toml")
