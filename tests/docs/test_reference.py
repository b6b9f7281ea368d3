"""The pages of the reference that are made from the code have all that the code has."""

from __future__ import annotations

import json
import re
import sys
from importlib import import_module

import pytest

from conftest import REPO, succeeded
from pinning import symver_pin_command
from symver_pin.command_line.parser import CommandParser
from symver_pin.command_line.table import COMMANDS, EXIT_STATUSES
from symver_pin.findings import KINDS
from symver_pin.glibc.maps import Maps
from symver_pin.verifier.policies.toml_file import TOP_KEYS, read_policy

sys.path[:0] = [str(REPO / "tools")]

import reference_pages  # noqa: E402  (tools/ is no package)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_of_commands_has_every_option(name: str) -> None:
    page = reference_pages.commands()
    part = page[page.index(f"## {name} {{") :].partition("\n## ")[0]
    parser = CommandParser(prog=name)
    import_module(f"symver_pin.commands.{COMMANDS[name].module}").configure_parser(parser)
    options = set(parser._option_string_actions) - {"-h", "--help"}
    shown = set(re.findall(r"`(--?[\w-]+)", part.partition("| option |")[2]))
    assert options <= shown


def test_the_page_of_findings_has_each_kind_once_with_what_to_do() -> None:
    page = reference_pages.findings()
    for name, kind in KINDS.items():
        assert page.count(f"{{ #{name} }}") == 1
        assert kind.explanation in page and kind.advice in page


def test_the_page_of_the_json_report_ends_with_the_schema_that_the_command_prints() -> None:
    schema = json.loads(succeeded(symver_pin_command("verify", "--json-schema")))
    page = reference_pages.json_schema()
    (text,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert json.loads(text) == schema
    assert all(f"| `{key}` |" in page for key in schema["properties"])


def test_the_page_of_policies_has_the_keys_that_are_read(tmp_path) -> None:  # type: ignore[no-untyped-def]
    page = reference_pages.policy_file()
    values = {"name": '"x"', "glibc": '"2.17"', "deny-symbol": '{"libz.so.1" = ["x"]}', "file": '[{match = "x"}]'}
    for key in TOP_KEYS:
        assert f"| `{key}` |" in page
        (tmp_path / "policy.toml").write_text(f"{key} = {values.get(key, '[]')}\n")
        read_policy(tmp_path / "policy.toml")
    assert "| `manylinux_2_28` |" in page and "| `lsb` |" in page


def test_the_table_of_platforms_has_every_row() -> None:
    page = reference_pages.platform_list()
    assert all(f"| `{platform.id}` | {platform.name} | {platform.glibc} |" in page for platform in Maps().platforms)


@pytest.mark.parametrize(
    ("status", "words"),
    [(0, ("--version",)), (1, ("verify", "--deny-lib", "*", "/bin/sh")), (2, ("verify", "/nothing-there"))],
)
def test_commands_end_with_the_statuses_of_the_page(status: int, words: tuple[str, ...]) -> None:
    assert symver_pin_command(*words).returncode == status
    assert f"| {status} | {EXIT_STATUSES[status]} |" in reference_pages.exit_status()
