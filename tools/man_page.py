#!/usr/bin/env python3
"""Write man/symver-pin.1 from the parsers of the commands.

    python tools/man_page.py              # writes the page
    python tools/man_page.py --check      # exit status 1 when the page differs; writes nothing

argparse-manpage writes the commands and their options; variables and exit statuses come from their tables. The page
has no date, so that it changes with the commands only. A wheel installs it (``shared-data`` in pyproject.toml).

Needs the package and the group `docs`: run it with the Python of `.venv`.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "man" / "symver-pin.1"
COMMAND = ".venv/bin/python tools/man_page.py"
"""The command that brings the page up to date; messages name it."""

HEAD = '.\\" Made by tools/man_page.py from the parsers of the commands; do not edit.\n'


def page() -> str:
    """The text of the page."""
    for name in [name for name in os.environ if name.startswith("SYMVER_PIN_")]:
        del os.environ[name]  # they would be defaults of options
    os.environ["COLUMNS"] = "100"  # the width to which argparse breaks usages

    from argparse_manpage.manpage import Manpage

    from symver_pin import __version__
    from symver_pin.command_line.table import EXIT_STATUSES, main_parser
    from symver_pin.variables import VARIABLES

    data = {
        "project_name": "symver-pin",
        "version": __version__,
        "manual_title": "symver-pin manual",
        "description": "build on a new Linux, run on an old glibc",
        "date": " ",
    }
    manpage = Manpage(main_parser(__version__), data, format="single-commands-section")
    rows = [(variable.name, variable.meaning.replace("`", "")) for variable in VARIABLES]
    manpage.add_section("environment", "=", _list(rows))
    manpage.add_section("exit status", "=", _list([(str(k), v.replace("`", "")) for k, v in EXIT_STATUSES.items()]))
    text = re.sub(r"[ \t]+$", "", str(manpage), flags=re.MULTILINE)
    # A line of text that begins with a dot would be a request, one with an apostrophe too.
    return HEAD + re.sub(r"^(\.(?![A-Z]{1,2}\b|\\\")|')", r"\\&\1", text, flags=re.MULTILINE)


def _list(rows: list[tuple[str, str]]) -> str:
    return "\n".join(f".TP\n\\fB{_text(name)}\\fR\n{_text(meaning)}" for name, meaning in rows)


def _text(words: str) -> str:
    return words.replace("\\", "\\\\").replace("-", "\\-")


def main(words: list[str] | None = None) -> int:
    """Write or check the page; returns the exit status."""
    parser = argparse.ArgumentParser(description="Write man/symver-pin.1 from the parsers of the commands.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page differs")
    check = parser.parse_args(words).check
    new = page()
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == new:
        return 0
    if check:
        print(f"man_page.py: {PAGE.name} differs from the parsers; run {COMMAND}", file=sys.stderr)
        return 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(new, encoding="utf-8")
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
