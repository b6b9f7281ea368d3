"""The environment variables, and where those do not reach the options, that bring a kit into a cargo build.

The linker goes by ``CARGO_TARGET_<TRIPLE>_LINKER``: flags for rustc stay as the user has them, from whichever of
cargo's four places. Only where those flags name a linker themselves does the kit's follow in the same place, since
rustc takes the last one.

C and C++ inside crates come through variables that cc-rs (and by it cmake-rs) reads for one target, ``CC_<triple>``
and ``CXX_<triple>``: build scripts of a cross build keep the host's compiler. A compiler, a compiler cache or flags
that the user has set there stay: the kit is made for that compiler.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from symver_pin.compilers import companion_cc, find_cc
from symver_pin.elf.arch import host_arch
from symver_pin.errors import ToolError
from symver_pin.toolchain.cargo.kits import Pin, real_compiler
from symver_pin.toolchain.cargo.settings import UNIT_SEPARATOR, Settings, linkers_in

#: Programs that stand before a compiler in CC and cache or spread its work; cc-rs knows the same.
_LAUNCHERS = frozenset({"ccache", "distcc", "sccache", "icecc", "cachepot", "buildcache"})


class Additions(NamedTuple):
    """What a build gets beyond the user's own."""

    environment: dict[str, str]
    options: tuple[str, ...]
    """``--config`` options; they stand above configuration files and earlier ``--config``."""


def additions_for(pins: Sequence[Pin], settings: Settings) -> Additions:
    """All that makes a cargo build use the kits."""
    environment: dict[str, str] = {}
    options: list[str] = []
    for pin in pins:
        environment[pin.rust.variable("LINKER")] = pin.linker
        if settings.overrides:  # a value or a file; both stand above the environment
            options += ["--config", f"target.'{pin.rust.triple}'.linker='{pin.linker}'"]
        for source in settings.flag_sources(pin.rust):
            if not list(linkers_in(source.flags)):
                continue
            flag = f"-Clinker={pin.linker}"
            if source.variable is None:  # arrays grow by what --config has, a text is replaced
                value = [flag] if source.text is None else f"{source.text} {flag}"
                options += ["--config", f"{source.key}={json.dumps(value)}"]
            else:
                separator = UNIT_SEPARATOR if source.variable == "CARGO_ENCODED_RUSTFLAGS" else " "
                before = environment.get(source.variable, settings.environ[source.variable])
                environment[source.variable] = f"{before}{separator}{flag}"
        environment.update(compiler_variables(pin, settings))
    return Additions(environment, tuple(options))


def crate_variables(pin: Pin) -> dict[str, str]:
    """What C and C++ inside crates read, where the user has set nothing."""
    values = {f"CC_{pin.rust.plain}": str(pin.kit.driver("cc"))}
    if pin.kit.driver("c++").exists():
        values[f"CXX_{pin.rust.plain}"] = str(pin.kit.driver("c++"))
    pkg_config = shutil.which(f"{pin.arch.triplet}-pkg-config")
    if pin.arch != host_arch() and pkg_config is not None:
        values[f"PKG_CONFIG_{pin.rust.plain}"] = pkg_config
    return values


def compiler_variables(pin: Pin, settings: Settings) -> dict[str, str]:
    """What C and C++ inside crates read, a user's own choice kept. Raises ToolError when that is not installed."""
    values = {name: value for name, value in crate_variables(pin).items() if settings.variable(name) is None}
    for language, driver in (("CC", "cc"), ("CXX", "c++")):
        for name in _names(language, pin, settings):
            value = settings.variable(name)
            if value:
                values[f"{language}_{pin.rust.plain}"] = chosen = _with_kit(value, driver, pin)
                if name.endswith(pin.rust.triple):  # it would win over ours
                    values[name] = chosen
                break
    return values


def _names(language: str, pin: Pin, settings: Settings) -> Iterator[str]:
    """The variables from which cc-rs takes a compiler, first one first."""
    yield f"{language}_{pin.rust.triple}"
    yield f"{language}_{pin.rust.plain}"
    if pin.rust.triple == settings.host:
        yield f"HOST_{language}"
        yield language
    else:
        yield f"TARGET_{language}"


def _with_kit(value: str, driver: str, pin: Pin) -> str:
    """A compiler command of the user (launcher, compiler, flags) with the kit's driver in the compiler's place."""
    words = value.split()
    at = next((i for i, word in enumerate(words) if Path(word).name not in _LAUNCHERS), len(words))
    if at == len(words):
        return f"{value} {pin.kit.driver(driver)}"
    known = real_compiler(words[at])  # the C compiler of a kit, whichever of its drivers stands here
    compiler = find_cc(known)
    if driver != "cc" and known == words[at]:
        compiler = _c_companion(compiler)
    words[at] = str(pin.kit_with(compiler).driver(driver))
    return " ".join(words)


def _c_companion(cxx: Path) -> Path:
    cc = companion_cc(cxx)
    if cc is None:
        raise ToolError(f"{cxx}: no C compiler beside this C++ compiler; name one with --cc")
    return cc
