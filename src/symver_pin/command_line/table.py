"""The table of the commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import NamedTuple, cast

from symver_pin.command_line.parser import CommandParser


class Command(NamedTuple):
    """One command. Its module is imported when the command is used."""

    module: str
    """The module of ``symver_pin.commands`` with ``configure_parser(parser)`` and ``run(options)``."""
    summary: str
    """Its line in ``symver-pin --help``."""


COMMANDS: dict[str, Command] = {
    "gen": Command("gen", "print the pin header, or a linker script"),
    "kit": Command("kit", "make or find the link kit, print its folder"),
    "flags": Command("flags", "print the kit's flags for cc, cxx or ld"),
    "rustflags": Command("rustflags", "print the kit's flags for RUSTFLAGS"),
    "cc": Command("cc", "run the C compiler with the kit"),
    "c++": Command("cc", "run the C++ compiler with the kit"),
    "run": Command("run", "run any build with the kit, verify what it made"),
    "env": Command("env", "print the environment of a build with the kit"),
    "cargo": Command("cargo", "run cargo with the kit, verify what it made"),
    "cargo-config": Command("cargo_config", "print, merge or check a .cargo/config.toml that uses the kit"),
    "init": Command("init", "say how a project is built for a target, write a CI workflow"),
    "cmake-dir": Command("cmake_dir", "print the folder of the CMake module"),
    "verify": Command("verify", "report whether files load on a release, and why not"),
    "explain": Command("explain", "explain a file, a finding or a symbol step by step"),
    "wheel": Command("wheel", "build a wheel of Python with the kit, verify it, give it an honest tag"),
    "repair": Command("repair", "rewrite finished files so that they run on an older glibc"),
    "survey": Command("survey", "judge the packages of a repository, keep and report the answers"),
    "show": Command("show", "print the history of a symbol"),
    "maps": Command("maps", "list the symbol tables, or dump one release"),
    "platforms": Command("platforms", "list distributions, or those that a release runs on"),
    "harvest": Command("harvest", "make symbol tables from libraries, packages, glibc's sources"),
    "compat": Command("compat", "list the compat objects, print their coverage"),
    "doctor": Command("doctor", "report what this host has and what works on it"),
}

EXIT_STATUSES: dict[int, str] = {
    0: "all is well: the file was written, every verified file loads on the target and obeys the policy",
    1: "the verdict is negative: a file would not load or would start wrong, violates a policy, or cannot be repaired; "
    "`cargo-config --check`: the configuration differs; `doctor`: something that is installed does not work",
    2: "bad usage or bad input, in one line on standard error; `verify`: a file could not be read or looked into",
    130: "interrupted from the keyboard",
}
"""The exit statuses of all commands -> their meaning. ``cc``, ``c++`` and ``cargo`` end with the status of the program
that they run, if that is not 0."""

_DESCRIPTION = "Build on a new Linux with your own compiler and linker, run on an old glibc."
_EXAMPLE = """  symver-pin cc --glibc 2.19 -O2 -o app app.c     # a C program for glibc 2.19
  symver-pin verify --glibc 2.19 app              # the proof
  symver-pin COMMAND --help                       # the options of a command"""


def run_command(name: str, words: list[str]) -> int:
    """Run a command of the table with the words after its name; returns the exit status."""
    module = import_module(f"symver_pin.commands.{COMMANDS[name].module}")
    parser = CommandParser(prog=f"symver-pin {name}")
    module.configure_parser(parser)
    return cast(Callable[[object], int], module.run)(parser.parse_words(words))


def main_parser(version: str) -> CommandParser:
    """The parser of ``symver-pin`` itself, with all commands as subparsers: for ``--help`` and completion scripts."""
    import shtab

    parser = CommandParser(prog="symver-pin")
    parser.describe(_DESCRIPTION, _EXAMPLE)
    parser.add_argument("--version", action="version", version=f"symver-pin {version}", help="print the version")
    shtab.add_argument_to(parser, "--print-completion", help="print a completion script for a shell")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands", dest="command")
    for name, command in COMMANDS.items():
        subparser = commands.add_parser(name, help=command.summary)
        import_module(f"symver_pin.commands.{command.module}").configure_parser(subparser)
        subparser.complete_paths({**dict.fromkeys(_FILES, shtab.FILE), **dict.fromkeys(_FOLDERS, shtab.DIRECTORY)})
    return parser


_FILES: Iterable[str] = ("FILE", "FILE|FINDING|SYMBOL", "OUT", "LIST", "[FILE=]MAP", "SOURCE", "CC")
_FOLDERS: Iterable[str] = ("DIR",)
"""Metavars of options whose values are paths: completion scripts complete files, or folders."""
