"""The environment variables and cargo options that make a cargo build use the kits.

The linker is set by ``CARGO_TARGET_<TRIPLE>_LINKER``. The user's flags for rustc stay unchanged, in whichever of
cargo's four places they are set. If those flags name a linker, the kit's linker is appended in the same place, because
rustc uses the last one.

C and C++ code in crates is compiled by the compiler in ``CC_<triple>`` and ``CXX_<triple>``, which cc-rs (and through
it cmake-rs) reads for one target. Build scripts of a cross build therefore keep the host's compiler. If the user has
set a compiler, a compiler cache or flags in such a variable, they stay, and the kit is made for that compiler.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from symver_pin.builds.cargo.kits import PinnedTarget
from symver_pin.builds.cargo.settings import UNIT_SEPARATOR, Settings, linkers_in
from symver_pin.errors import ToolError
from symver_pin.kit.command import CompilerCommand, compiler_index, find_command
from symver_pin.machine.architectures import host_arch


class Additions(NamedTuple):
    """Variables and options that symver-pin adds to those of the user."""

    environment: dict[str, str]
    options: tuple[str, ...]
    """``--config`` options. They take precedence over configuration files and earlier ``--config`` options."""


def additions_for(pins: Sequence[PinnedTarget], settings: Settings) -> Additions:
    """The variables and options with which a cargo build uses the kits."""
    environment: dict[str, str] = {}
    options: list[str] = []
    for pin in pins:
        environment[pin.rust.variable("LINKER")] = pin.linker
        if settings.overrides:  # --config takes precedence over the environment, whether it gives a value or a file
            options += ["--config", f"target.'{pin.rust.triple}'.linker='{pin.linker}'"]
        for source in settings.flag_sources(pin.rust):
            if not list(linkers_in(source.flags)):
                continue
            flag = f"-Clinker={pin.linker}"
            if (
                source.variable is None
            ):  # cargo appends an array of --config to the one in a file, and replaces a string
                value = [flag] if source.text is None else f"{source.text} {flag}"
                options += ["--config", f"{source.key}={json.dumps(value)}"]
            else:
                separator = UNIT_SEPARATOR if source.variable == "CARGO_ENCODED_RUSTFLAGS" else " "
                before = environment.get(source.variable, settings.environ[source.variable])
                environment[source.variable] = f"{before}{separator}{flag}"
        environment.update(compiler_variables(pin, settings))
    return Additions(environment, tuple(options))


def crate_variables(pin: PinnedTarget) -> dict[str, str]:
    """The variables that build scripts of crates read, if the user has set none of them: CC, CXX and PKG_CONFIG."""
    values = {f"CC_{pin.rust.plain}": str(pin.kit.driver("cc"))}
    if pin.kit.driver("c++").exists():
        values[f"CXX_{pin.rust.plain}"] = str(pin.kit.driver("c++"))
    pkg_config = shutil.which(f"{pin.arch.triplet}-pkg-config")
    if pin.arch != host_arch() and pkg_config is not None:
        values[f"PKG_CONFIG_{pin.rust.plain}"] = pkg_config
    return values


def compiler_variables(pin: PinnedTarget, settings: Settings) -> dict[str, str]:
    """The variables that build scripts of crates read, with the compilers that the user chose.

    Raises ToolError if a chosen compiler is not installed.
    """
    values = {name: value for name, value in crate_variables(pin).items() if settings.variable(name) is None}
    for language, driver in (("CC", "cc"), ("CXX", "c++")):
        for name in _names(language, pin, settings):
            value = settings.variable(name)
            if value:
                values[f"{language}_{pin.rust.plain}"] = chosen = _with_kit(value, driver, pin)
                if name.endswith(pin.rust.triple):  # cc-rs reads this name first
                    values[name] = chosen
                break
    return values


def _names(language: str, pin: PinnedTarget, settings: Settings) -> Iterator[str]:
    """The variables from which cc-rs takes a compiler, in the order in which it reads them."""
    yield f"{language}_{pin.rust.triple}"
    yield f"{language}_{pin.rust.plain}"
    if pin.rust.triple == settings.host:
        yield f"HOST_{language}"
        yield language
    else:
        yield f"TARGET_{language}"


def _with_kit(value: str, driver: str, pin: PinnedTarget) -> str:
    """A compiler command of the user (launcher, compiler, flags) in which the kit's driver replaces the compiler."""
    words = value.split()
    at = compiler_index(words)
    if at == len(words):
        return f"{value} {pin.kit.driver(driver)}"
    command = find_command(words[at])
    named = Path(shutil.which(words[at]) or words[at]).absolute()
    if driver != "cc" and command.program == named:  # else the word is a driver of a kit, and this its C compiler
        command = _c_companion(command)
    words[at] = str(pin.kit_with(command).driver(driver))
    return " ".join(words)


def _c_companion(cxx: CompilerCommand) -> CompilerCommand:
    if cxx.cc is None:
        raise ToolError(f"{cxx}: no C compiler belongs to this C++ compiler; name one with --cc")
    return cxx.cc
