"""A cargo configuration file that makes a plain ``cargo build`` use a kit: printed anew, or set into a user's own file.

What is ours in a file are values, not lines: a target's linker, and the C and C++ compilers that crates read. They are
set where the user's file has them or would have them, with all else (comments, order, dotted keys) as it was. A value
of the user's own that one of ours replaces, ``linker = "clang"``, lives on as the compiler of the kit, so setting
twice changes nothing the second time.
"""

import json
from collections.abc import Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from symver_pin.errors import UsageError
from symver_pin.resources import cargo_template_dir
from symver_pin.templates import render
from symver_pin.toolchain.cargo.environment import compiler_variables, crate_variables
from symver_pin.toolchain.cargo.kits import Pin
from symver_pin.toolchain.cargo.settings import Settings, linkers_in, no_settings

#: Makes the pins of a build from what a configuration says.
MakePins = Callable[[Settings], Sequence[Pin]]


class Difference(NamedTuple):
    """One value of a file that is not the kit's."""

    key: str
    value: str
    """The kit's."""


def render_config(pins: Sequence[Pin]) -> str:
    """The text of a new ``.cargo/config.toml``. TOML's basic strings are quoted as JSON's are."""
    targets = [(pin.rust.triple, json.dumps(pin.linker)) for pin in pins]
    variables = [(name, json.dumps(value)) for pin in pins for name, value in crate_variables(pin).items()]
    releases = ", ".join(dict.fromkeys(str(pin.glibc.glibc) for pin in pins))
    return render("config.toml.j2", cargo_template_dir(), releases=releases, targets=targets, variables=variables)


def updated(file: Path, make_pins: MakePins) -> tuple[str, list[Difference]]:
    """The text that a file should have, and which values in it differ: none when it is right as it is.

    Raises UsageError when the file cannot be read, is no TOML, or has something else than a table in our way.
    """
    try:
        text = file.read_bytes().decode() if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from error
    merged, differences = merge_config(text, str(file), make_pins)
    return (merged if text else render_config(make_pins(no_settings({})))), differences


def merge_config(text: str, name: str, make_pins: MakePins) -> tuple[str, list[Difference]]:
    """A user's configuration with the kits' values set, and those that were others before.

    Raises UsageError, naming the file ``name``, when it is no TOML or has something else than a table in our way.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise UsageError(f"{name}: {error}; mend it first") from error
    config = document.unwrap()
    for key in ("build", "env", "target"):
        table = config.get(key, {})
        inner = table.values() if key == "target" and isinstance(table, dict) else ()
        if not all(isinstance(item, dict) for item in (table, *inner)):
            raise UsageError(f"{name}: {key} is no table as cargo wants it; mend it first")
    settings = no_settings(config)
    differences = [found for pin in make_pins(settings) for found in _set_values(document, pin, settings)]
    return (tomlkit.dumps(document) if differences else text), differences


def _set_values(document: MutableMapping[str, Any], pin: Pin, settings: Settings) -> list[Difference]:
    wanted: list[tuple[tuple[str, ...], str]] = [(("target", pin.rust.triple, "linker"), pin.linker)]
    wanted += [(("env", name), value) for name, value in compiler_variables(pin, settings).items()]
    found = [Difference(".".join(keys), value) for keys, value in wanted if _set(document, keys, value)]
    return found + _replace_flagged_linkers(document, pin, settings)


def _set(document: MutableMapping[str, Any], keys: Sequence[str], value: str) -> bool:
    """Set one value, making the tables above it; whether it was another before."""
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


def _replace_flagged_linkers(document: MutableMapping[str, Any], pin: Pin, settings: Settings) -> list[Difference]:
    """Give rustc's own ``-Clinker=`` flags the kit's linker, since they would win over cargo's setting."""
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
    """The project's configuration file: the name that cargo reads first where both are there."""
    old = Path(".cargo/config")
    return old if old.is_file() else Path(".cargo/config.toml")
