"""What the user's cargo configuration says, asked of cargo itself.

``cargo config get`` merges the whole hierarchy (folders upward, CARGO_HOME, included files, ``--config``) as the build
will; the command is not stable, so it is let through with RUSTC_BOOTSTRAP for this one call. Environment variables are
not in its answer; they stand above the files and are looked at here. Source: the Cargo Book, "Configuration".
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from symver_pin.elf.arch import host_arch
from symver_pin.errors import ToolError
from symver_pin.toolchain.cargo.cfg import cfg_holds
from symver_pin.toolchain.cargo.command_line import CommandLine, RustTarget, parse_target

#: Between the flags in CARGO_ENCODED_RUSTFLAGS.
UNIT_SEPARATOR = "\x1f"


class FlagSource(NamedTuple):
    """One place that flags for rustc come from."""

    variable: str | None
    """An environment variable, else"""
    key: str | None
    """a key of the configuration, quoted as TOML wants it."""
    flags: tuple[str, ...]
    text: str | None = None
    """The whole value where the configuration has one text in place of an array."""


class Settings(NamedTuple):
    """Cargo's configuration for one command: the merged files, and the environment above them."""

    cargo: tuple[str, ...]
    """The command that runs this cargo, with its ``+toolchain`` and its ``--config`` options."""
    overrides: tuple[str, ...]
    """The values of its ``--config`` options."""
    environ: Mapping[str, str]
    config: Mapping[str, Any]
    host: str
    """The triple that a build without ``--target`` is for."""

    def alias(self, name: str) -> list[str] | None:
        """What the user's own name of a command stands for."""
        value = self.config.get("alias", {}).get(name)
        return value.split() if isinstance(value, str) else value

    def targets(self, command: CommandLine) -> list[RustTarget]:
        """What a command builds for: ``--target``, CARGO_BUILD_TARGET, ``build.target``, else the host."""
        named: list[str] = list(command.values("--target"))
        if not named:
            configured = self.environ.get("CARGO_BUILD_TARGET") or self.config.get("build", {}).get("target") or []
            named = [configured] if isinstance(configured, str) else list(configured)
        found = [parse_target(name) for name in named or [self.host]]
        return [item._replace(triple=self.host) if item.triple == "host-tuple" else item for item in found]

    def install_root(self, command: CommandLine) -> Path:
        """The folder whose ``bin`` gets what ``cargo install`` installs."""
        named = next(command.values("--root"), None) or self.environ.get("CARGO_INSTALL_ROOT")
        named = named or self.config.get("install", {}).get("root") or self.environ.get("CARGO_HOME")
        return Path(named) if named else Path.home() / ".cargo"

    def linker(self, target: RustTarget) -> str | None:
        """The linker that the user chose for a target, by rustc's own flag or by cargo's setting; None for none."""
        flagged = [word for source in self.flag_sources(target) for word in linkers_in(source.flags)]
        if flagged:
            return flagged[-1]
        named = self.environ.get(target.variable("LINKER"))
        if named:
            return named
        for key, table in self._tables(target, "linker"):
            return self._located(key, str(table["linker"]))
        return None

    def flag_sources(self, target: RustTarget) -> list[FlagSource]:
        """Where rustc's flags for a target come from, in their order on its line. Cargo takes one of four places."""
        encoded = self.environ.get("CARGO_ENCODED_RUSTFLAGS")
        if encoded is not None:
            return [FlagSource("CARGO_ENCODED_RUSTFLAGS", None, tuple(encoded.split(UNIT_SEPARATOR)))]
        if "RUSTFLAGS" in self.environ:
            return [FlagSource("RUSTFLAGS", None, tuple(self.environ["RUSTFLAGS"].split()))]
        tables = [
            _source(f"target.'{key}'.rustflags", table["rustflags"]) for key, table in self._tables(target, "rustflags")
        ]
        own, conditional = [s for s in tables if "cfg(" not in str(s.key)], [s for s in tables if "cfg(" in str(s.key)]
        variable = target.variable("RUSTFLAGS")
        if variable in self.environ:
            own.append(FlagSource(variable, None, tuple(self.environ[variable].split())))
        if own or conditional:
            return [*own, *conditional]
        if "CARGO_BUILD_RUSTFLAGS" in self.environ:
            return [FlagSource("CARGO_BUILD_RUSTFLAGS", None, tuple(self.environ["CARGO_BUILD_RUSTFLAGS"].split()))]
        build = self.config.get("build", {}).get("rustflags")
        return [] if build is None else [_source("build.rustflags", build)]

    def variable(self, name: str) -> str | None:
        """An environment variable as build scripts see it: the process's own, else one of the ``[env]`` table."""
        if name in self.environ:
            return self.environ[name]
        value = self.config.get("env", {}).get(name)
        return str(value["value"]) if isinstance(value, dict) else value

    def _tables(self, target: RustTarget, key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The ``target.*`` tables that apply to a target and have a key: its own, then those of ``cfg(...)``."""
        tables = {name: table for name, table in self.config.get("target", {}).items() if key in table}
        if target.triple in tables:
            yield target.triple, tables[target.triple]
        conditional = [name for name in tables if name.startswith("cfg(")]
        if conditional:
            facts = self._rustc_cfg(target)
            yield from ((name, tables[name]) for name in conditional if cfg_holds(name, facts))

    def _rustc_cfg(self, target: RustTarget) -> frozenset[str]:
        rustc = self.environ.get("RUSTC") or self.config.get("build", {}).get("rustc") or "rustc"
        toolchain = [word for word in self.cargo[1:2] if rustc == "rustc" and word.startswith("+")]
        said = ask([rustc, *toolchain, "--print", "cfg", "--target", target.triple], self.environ)
        return frozenset(said.splitlines())

    def _located(self, key: str, linker: str) -> str:
        """A linker's path: one with a slash is relative to the folder of the ``.cargo`` that names it."""
        if "/" not in linker or linker.startswith("/"):
            return linker
        shown = ask(
            [*self.cargo, "-Zunstable-options", "config", "get", "--show-origin", "target"],
            {**self.environ, "RUSTC_BOOTSTRAP": "1"},
        )
        heads = (f"target.{key}.linker = ", f"target.'{key}'.linker = ")
        origins = (line.rpartition(" # ")[2] for line in shown.splitlines() if line.startswith(heads))
        origin = Path(next(origins, ""))
        return str(origin.parent.parent / linker) if origin.is_absolute() else linker


def no_settings(config: Mapping[str, Any]) -> Settings:
    """One file's configuration and nothing else; of the environment only what finds cargo and rustc."""
    tools = ("PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "RUSTC")
    environ = {name: os.environ[name] for name in tools if name in os.environ}
    return Settings(("cargo",), (), environ, config, host_arch().rust_target)


def linkers_in(flags: tuple[str, ...]) -> Iterator[str]:
    """Each linker that rustc's flags name: ``-Clinker=X``, ``-C linker=X``, ``--codegen linker=X``."""
    for before, word in zip(("", *flags), flags, strict=False):
        option = word.removeprefix("-C") if word.startswith("-C") else word.removeprefix("--codegen=")
        if option.startswith("linker=") and (option != word or before in ("-C", "--codegen")):
            yield option.partition("=")[2]


def read_settings(cargo: str, command: CommandLine, environ: Mapping[str, str]) -> Settings:
    """Ask cargo for its host and configuration. Raises ToolError with cargo's own first line when it cannot tell."""
    chosen = (cargo, *command.toolchain)
    version = start([*chosen, "-vV"], environ)
    asking = list(chosen)
    overrides = tuple(command.values("--config"))
    for value in overrides:
        asking += ["--config", value]
    for value in command.values("-C"):
        asking += ["-Zunstable-options", "-C", value]
    configuration = start(
        [*asking, "-Zunstable-options", "config", "get", "--format", "json"], {**environ, "RUSTC_BOOTSTRAP": "1"}
    )
    import symver_pin.gen.kit_cache  # noqa: F401  (both take a while; what comes next is read meanwhile)

    text = answer(configuration)
    lines = answer(version).splitlines()
    host = next((line.partition(": ")[2] for line in lines if line.startswith("host: ")), "")
    return Settings(tuple(asking), overrides, environ, json.loads(text.partition("\n")[0]), host)


def ask(command: list[str], environ: Mapping[str, str]) -> str:
    """What a command of the Rust toolchain prints. Raises ToolError when it cannot be run or fails."""
    return answer(start(command, environ))


def start(command: list[str], environ: Mapping[str, str]) -> "subprocess.Popen[str]":
    """Run a command whose ``answer`` is wanted later. Raises ToolError when it cannot be run."""
    try:
        return subprocess.Popen(
            command,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise ToolError(f"cannot run {command[0]}: {error.strerror}") from error


def answer(process: "subprocess.Popen[str]") -> str:
    """What a started command prints. Raises ToolError when it fails."""
    out, err = process.communicate()
    if process.returncode != 0:
        lines = [line.strip() for line in err.splitlines() if line.strip()] or ["no message"]
        assert isinstance(process.args, list)
        raise ToolError(f"{' '.join(process.args)} failed: {' '.join(lines[:4])}")
    return out.strip()


def _source(key: str, value: object) -> FlagSource:
    if isinstance(value, str):
        return FlagSource(None, key, tuple(value.split()), value)
    return FlagSource(None, key, tuple(map(str, value)) if isinstance(value, list) else ())
