"""Read the user's cargo configuration with the help of cargo.

``cargo config get`` merges all configuration files (of the folders upward, CARGO_HOME, included files) and ``--config``
options as the build will do. The command is unstable, so this one call sets RUSTC_BOOTSTRAP. Its output does not
contain environment variables, which take precedence over the files; this module reads them itself. Source: the Cargo
Book, "Configuration".
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from symver_pin.builds.cargo.cfg import cfg_holds
from symver_pin.builds.cargo.command_line import CommandLine, RustTarget, parse_target
from symver_pin.errors import ToolError
from symver_pin.machine.architectures import host_arch

UNIT_SEPARATOR = "\x1f"
"""Separates the flags in CARGO_ENCODED_RUSTFLAGS."""


class FlagSource(NamedTuple):
    """One place where flags for rustc are set: an environment variable or a key of the configuration."""

    variable: str | None
    """The name of the environment variable, or None."""
    key: str | None
    """The key of the configuration, quoted as in TOML, or None."""
    flags: tuple[str, ...]
    text: str | None = None
    """The value as one string, if the configuration has a string instead of an array."""


class Settings(NamedTuple):
    """Cargo's configuration for one command: the merged files, and the environment, which takes precedence."""

    cargo: tuple[str, ...]
    """The words that run this cargo: its path, ``+toolchain``, ``--config`` options and ``-C``."""
    overrides: tuple[str, ...]
    """The values of the ``--config`` options."""
    environ: Mapping[str, str]
    config: Mapping[str, Any]
    """The merged configuration files."""
    host: str
    """The triple of the host, the target of a build without ``--target``."""

    def alias(self, name: str) -> list[str] | None:
        """The words of a user's alias, None if no alias has that name."""
        value = self.config.get("alias", {}).get(name)
        return value.split() if isinstance(value, str) else value

    def targets(self, command: CommandLine) -> list[RustTarget]:
        """The targets of a command: ``--target``, else CARGO_BUILD_TARGET, else ``build.target``, else the host."""
        named: list[str] = list(command.values("--target"))
        if not named:
            configured = self.environ.get("CARGO_BUILD_TARGET") or self.config.get("build", {}).get("target") or []
            named = [configured] if isinstance(configured, str) else list(configured)
        found = [parse_target(name) for name in named or [self.host]]
        return [item._replace(triple=self.host) if item.triple == "host-tuple" else item for item in found]

    def install_root(self, command: CommandLine) -> Path:
        """The folder whose subfolder ``bin`` gets the programs of ``cargo install``."""
        named = next(command.values("--root"), None) or self.environ.get("CARGO_INSTALL_ROOT")
        named = named or self.config.get("install", {}).get("root") or self.environ.get("CARGO_HOME")
        return Path(named) if named else Path.home() / ".cargo"

    def linker(self, target: RustTarget) -> str | None:
        """The linker that the user chose, or None: ``-Clinker=`` in rustc's flags, else cargo's ``linker``."""
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
        """The places of rustc's flags for a target, in the order of rustc's command line.

        Cargo uses one of four places.
        """
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
        """The value of an environment variable in build scripts: from the environment, else from ``[env]``; or None."""
        if name in self.environ:
            return self.environ[name]
        value = self.config.get("env", {}).get(name)
        return str(value["value"]) if isinstance(value, dict) else value

    def _tables(self, target: RustTarget, key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The names and tables ``target.*`` that apply to a target and contain ``key``: by triple, then by ``cfg``."""
        tables = {name: table for name, table in self.config.get("target", {}).items() if key in table}
        if target.triple in tables:
            yield target.triple, tables[target.triple]
        conditional = [name for name in tables if name.startswith("cfg(")]
        if conditional:
            facts = self._rustc_cfg(target)
            yield from ((name, tables[name]) for name in conditional if cfg_holds(name, facts))

    def _rustc_cfg(self, target: RustTarget) -> frozenset[str]:
        """The lines that ``rustc --print cfg`` prints for a target."""
        rustc = self.environ.get("RUSTC") or self.config.get("build", {}).get("rustc") or "rustc"
        toolchain = [word for word in self.cargo[1:2] if rustc == "rustc" and word.startswith("+")]
        output = output_of([rustc, *toolchain, "--print", "cfg", "--target", target.triple], self.environ)
        return frozenset(output.splitlines())

    def _located(self, key: str, linker: str) -> str:
        """The path of a linker.

        One with a slash is relative to the folder that contains the ``.cargo`` that names it.
        """
        if "/" not in linker or linker.startswith("/"):
            return linker
        output = output_of(
            [*self.cargo, "-Zunstable-options", "config", "get", "--show-origin", "target"],
            {**self.environ, "RUSTC_BOOTSTRAP": "1"},
        )
        heads = (f"target.{key}.linker = ", f"target.'{key}'.linker = ")
        origins = (line.rpartition(" # ")[2] for line in output.splitlines() if line.startswith(heads))
        origin = Path(next(origins, ""))
        return str(origin.parent.parent / linker) if origin.is_absolute() else linker


def no_settings(config: Mapping[str, Any]) -> Settings:
    """Settings from ``config`` alone, the parsed text of one configuration file.

    Of the environment they contain only the variables by which cargo and rustc are found.
    """
    tools = ("PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "RUSTC")
    environ = {name: os.environ[name] for name in tools if name in os.environ}
    return Settings(("cargo",), (), environ, config, host_arch().rust_target)


def linkers_in(flags: tuple[str, ...]) -> Iterator[str]:
    """The linkers that rustc's flags name: ``-Clinker=X``, ``-C linker=X``, ``--codegen linker=X``."""
    for before, word in zip(("", *flags), flags, strict=False):
        option = word.removeprefix("-C") if word.startswith("-C") else word.removeprefix("--codegen=")
        if option.startswith("linker=") and (option != word or before in ("-C", "--codegen")):
            yield option.partition("=")[2]


def read_settings(cargo: str, command: CommandLine, environ: Mapping[str, str]) -> Settings:
    """Read cargo's host and configuration for a command. Raises ToolError, with cargo's first lines, if cargo fails."""
    chosen = (cargo, *command.toolchain)
    version = start_command([*chosen, "-vV"], environ)  # both commands run at the same time
    configured = list(chosen)
    overrides = tuple(command.values("--config"))
    for value in overrides:
        configured += ["--config", value]
    for value in command.values("-C"):
        configured += ["-Zunstable-options", "-C", value]
    configuration = start_command(
        [*configured, "-Zunstable-options", "config", "get", "--format", "json"], {**environ, "RUSTC_BOOTSTRAP": "1"}
    )
    text = finish_command(configuration)
    lines = finish_command(version).splitlines()
    host = next((line.partition(": ")[2] for line in lines if line.startswith("host: ")), "")
    return Settings(tuple(configured), overrides, environ, json.loads(text.partition("\n")[0]), host)


def output_of(command: list[str], environ: Mapping[str, str]) -> str:
    """The standard output of a command of the Rust toolchain. Raises ToolError if it cannot be run or fails."""
    return finish_command(start_command(command, environ))


def start_command(command: list[str], environ: Mapping[str, str]) -> "subprocess.Popen[str]":
    """Start a command; ``finish_command`` returns its output. Raises ToolError if it cannot be run."""
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


def finish_command(process: "subprocess.Popen[str]") -> str:
    """Wait for a command of ``start_command`` and return its standard output. Raises ToolError if it fails."""
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
