"""The pages of docs/reference that are made from the code while the site is built.

Each function returns the Markdown of one page; ``PAGES`` is the table of all. tools/site_hooks.py adds them.
Needs the package on its path.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from symver_pin import __version__
from symver_pin.command_line.parser import CommandParser
from symver_pin.command_line.table import COMMANDS, EXIT_STATUSES
from symver_pin.findings import KINDS, of_severity
from symver_pin.glibc.maps import Maps
from symver_pin.report.formats.json import schema_text
from symver_pin.variables import VARIABLES
from symver_pin.verifier.policies.toml_file import FILE_KEYS, TOP_KEYS

SEVERITIES = {
    "fails": ("Faults", "The file does not load on the target, or starts wrong: exit status 1."),
    "violates": ("Violations of a policy", "The file may load, and a policy forbids it: exit status 1."),
    "note": ("Notes", "The file alone does not decide it; the verdict stays as it is."),
    "unjudged": ("No verdict", "Exit status 2."),
}
"""Severity -> heading and sentence of its part of the page of findings."""


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines)


def _text(words: str) -> str:
    """Text of ``--help`` as Markdown: one line, with ``<``, ``*`` and ``_`` as they are."""
    return re.sub(r"([<*_$])", r"\\\1", " ".join(words.split()))


def commands() -> str:
    """Every command with its options, from the parsers."""
    parts = [
        "# Commands\n\nAfter reading this page you know every command and option. It is made from the parsers of "
        f"symver-pin {__version__}; `symver-pin COMMAND --help` prints the same.\n",
        table(
            ("command", "what it does"), ((f"[`{name}`](#{_id(name)})", row.summary) for name, row in COMMANDS.items())
        ),
        "`symver-pin --version` prints the version, `symver-pin --print-completion bash|zsh|fish` a completion script "
        "([Install](../install.md)). Options have an [environment variable](environment.md) where it says so.\n",
    ]
    for name in COMMANDS:
        parts.append(f"## {name} {{ #{_id(name)} }}\n\n{_command(name)}")
    return "\n".join(parts)


def _id(name: str) -> str:
    return name.replace("+", "x")


def _command(name: str) -> str:
    parser = CommandParser(prog=f"symver-pin {name}")
    import_module(f"symver_pin.commands.{COMMANDS[name].module}").configure_parser(parser)
    usage = " ".join(parser.format_usage().removeprefix("usage: ").split())
    rows = [(_spelling(action), _text(_help(parser, action))) for action in _shown(parser)]
    example = (parser.epilog or "").partition("\n")[2]
    return "\n".join(
        [
            f"{_text(parser.description or '')}\n",
            f"```text\n{usage}\n```\n",
            table(("option", "meaning"), rows),
            f"```sh\n{re.sub(r'^  ', '', example, flags=re.MULTILINE)}\n```\n",
        ]
    )


def _shown(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    # argparse has no public list of a parser's options, nor a way to their expanded help texts.
    actions = parser._actions  # noqa: SLF001
    return [action for action in actions if action.dest != "help" and action.help != argparse.SUPPRESS]


def _spelling(action: argparse.Action) -> str:
    """``-o DIR, --output DIR`` of an option, ``FILE`` of an argument."""
    names = action.option_strings or [""]
    value = "" if action.nargs == 0 else str(action.metavar or "|".join(action.choices or ()) or action.dest.upper())
    return ", ".join(f"`{f'{name} {value}'.strip()}`" for name in names)


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    return parser._get_formatter()._expand_help(action) if action.help else ""  # noqa: SLF001


def environment() -> str:
    """The environment variables."""
    rows = (
        (f"`{v.name}`", v.meaning + (f" (one of {', '.join(map(str, v.values))})" if v.values else ""))
        for v in VARIABLES
    )
    return (
        "# Environment variables\n\nAfter reading this page you know every variable that symver-pin reads. An option "
        "is stronger than its variable. A value that is not listed is refused; of a name that is nearly one of these "
        f"a warning is printed.\n\n{table(('variable', 'meaning'), rows)}\n"
        "`SOURCE_DATE_EPOCH` replaces the present time; `NO_COLOR` turns colour off.\n"
    )


def exit_status() -> str:
    """The exit statuses."""
    rows = ((str(status), meaning) for status, meaning in EXIT_STATUSES.items())
    return (
        "# Exit statuses\n\nAfter reading this page you can act on the status of a command in a script.\n\n"
        f"{table(('status', 'meaning'), rows)}\n"
        "`cc`, `c++` and `cargo` end with the status of the program that they run when that is not 0. `cargo` ends "
        "with 1 when cargo built a file that does not load on the target.\n"
    )


def findings() -> str:
    """Every kind of finding: what it means, its line in a report, what to do."""
    parts = [
        "# Kinds of findings\n\nAfter reading this page you know what each finding of `symver-pin verify` means and "
        "what to do. The names are stable: they stand in JSON, SARIF and filters. `symver-pin explain KIND` prints the "
        "same with an example.\n"
    ]
    for severity, (heading, sentence) in SEVERITIES.items():
        parts.append(f"## {heading}\n\n{sentence}\n")
        for name in of_severity(severity):  # type: ignore[arg-type]  # the table has the severities as text
            kind = KINDS[name]
            parts.append(f"### `{name}` {{ #{name} }}\n\n**{kind.title}.** {kind.explanation}\n")
            if kind.message:
                parts.append(f"In a report: `{kind.message}`\n")
            if kind.advice:
                parts.append(f"What to do: {kind.advice}.\n")
    return "\n".join(parts)


def json_schema() -> str:
    """The schema of the JSON report: its keys, then the whole."""
    schema: dict[str, Any] = json.loads(schema_text())
    parts = [
        "# JSON report\n\nAfter reading this page you can read `symver-pin verify --format json` from a program. "
        "`symver-pin verify --json-schema` prints the JSON Schema, which is at the end of this page. Keys are stable "
        "within one number of `schema`.\n",
        f"## The report\n\n{_properties(schema)}",
    ]
    for name, definition in schema.get("$defs", {}).items():
        if "properties" in definition:
            parts.append(f"## {name} {{ #{name} }}\n\n{definition.get('description', '')}\n\n{_properties(definition)}")
    text = json.dumps(schema, indent=2)
    parts.append(f"## The whole schema\n\n```json\n{text}\n```\n")
    return "\n".join(parts)


def _properties(schema: dict[str, Any]) -> str:
    return table(
        ("key", "type", "meaning"),
        ((f"`{key}`", _type(value), value.get("description", "")) for key, value in schema["properties"].items()),
    )


def _type(value: dict[str, Any]) -> str:
    """The type of a property in a few words."""
    if "$ref" in value:
        return str(value["$ref"]).rpartition("/")[2]
    if "const" in value or "enum" in value:
        values = value.get("enum", [value.get("const")])
        return f"{len(values)} names" if len(values) > 8 else " or ".join(f"`{json.dumps(each)}`" for each in values)
    if "anyOf" in value or "oneOf" in value:
        return " or ".join(_type(each) for each in value.get("anyOf") or value["oneOf"])
    if value.get("type") == "array":
        return f"list of {_type(value.get('items', {}))}"
    kind = value.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def policy_file() -> str:
    """The keys of a policy file, and the named policies."""
    policies: dict[str, set[str]] = {}
    for line in (Maps().folder / "policies.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            name, architectures = line.split("\t")[:2]
            policies.setdefault(name, set()).update(architectures.split(","))
    return "\n".join(
        [
            "# Policies\n\nAfter reading this page you know the keys of a policy file and the policies that have a "
            "name. [Verify](../verify.md#policies) has examples.\n",
            f"## The file\n\nTOML, given as `--policy FILE.toml`. Every key is optional.\n\n{_keys(TOP_KEYS)}",
            "## `[[file]]`\n\nRules for the files whose names match. `max` replaces the maximum of the same family; "
            f"lists of libraries are added.\n\n{_keys(FILE_KEYS)}",
            "## Named policies\n",
            table(
                ("policy", "architectures"),
                ((f"`{name}`", ", ".join(sorted(all_of - {"*"})) or "all") for name, all_of in policies.items()),
            ),
        ]
    )


def _keys(keys: dict[str, str]) -> str:
    return table(("key", "meaning"), ((f"`{key}`", meaning) for key, meaning in keys.items()))


def platform_list() -> str:
    """All rows of the table of platforms."""
    rows = (
        (
            f"`{p.id}`",
            p.name,
            str(p.glibc),
            str(p.gcc),
            p.kernel or "",
            p.released or "",
            p.ends or "",
            ", ".join(f"`{alias}`" for alias in p.aliases),
        )
        for p in Maps().platforms
    )
    heads = ("id", "platform", "glibc", "gcc", "kernel", "released", "updates end", "other names")
    return (
        "# Table of platforms\n\nAfter reading this page you know the names that `--glibc` takes. "
        f"[Platforms](../platforms.md) says what a row means.\n\n{table(heads, rows)}"
    )


PYTHON_API = """\
# Python API

After reading this page you can verify files from a Python program. `import symver_pin` costs nothing; the first call
imports the verifier. The package is typed.

::: symver_pin.verify
::: symver_pin.verifier.run.verify
::: symver_pin.verifier.report.Report
::: symver_pin.loader.verdict.FileVerdict
::: symver_pin.loader.verdict.Finding
::: symver_pin.loader.verdict.SymbolInfo
::: symver_pin.elf.image.Content
::: symver_pin.glibc.maps.Maps
::: symver_pin.glibc.platforms.Target
::: symver_pin.report.formats.render
::: symver_pin.errors
"""
"""The page of the Python API; mkdocstrings fills in signatures and docstrings."""

PAGES: dict[str, Callable[[], str]] = {
    "reference/commands.md": commands,
    "reference/environment.md": environment,
    "reference/exit-status.md": exit_status,
    "reference/findings.md": findings,
    "reference/json-schema.md": json_schema,
    "reference/policy-file.md": policy_file,
    "reference/platform-list.md": platform_list,
    "reference/python.md": lambda: PYTHON_API,
}
"""Path in the site -> its text."""
