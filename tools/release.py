#!/usr/bin/env python3
"""Check that a tag may become a release, and print its notes: the steps of .github/workflows/release.yml.

    python tools/release.py check v0.1.0                    # version, changelog and address belong to the tag
    python tools/release.py check v0.1.0 --repository https://github.com/OWNER/symver-pin
    python tools/release.py notes v0.1.0                    # its section of CHANGELOG.md

Exit status 0 when all is right, 1 with one line for each fault. Only the standard library is used.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TAG = re.compile(r"v(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)")
"""A tag of a release: v and the version, which may be a pre-release as PEP 440 writes it."""


def version(root: Path) -> str:
    """The version of the package."""
    return _one(root / "src/symver_pin/__init__.py", r'^__version__ = "(.+)"$')


def address(root: Path) -> str:
    """The address of the project in the metadata."""
    return _one(root / "pyproject.toml", r'^Repository = "(.+)"$')


def _one(path: Path, pattern: str) -> str:
    (found,) = re.findall(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)
    return str(found)


def notes(root: Path, number: str) -> str:
    """The section of a version in CHANGELOG.md without its heading; "" if there is none."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(number)} - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def faults(root: Path, tag: str, repository: str | None) -> Iterator[str]:
    """Why a tag cannot become a release, one line each."""
    form = TAG.fullmatch(tag)
    if form is None:
        yield f"{tag}: a tag of a release is v and the version, like v0.2.0 or v0.2.0rc1"
        return
    if form[1] != version(root):
        yield f"{tag}: src/symver_pin/__init__.py has version {version(root)}"
    if not notes(root, form[1]):
        yield f"{tag}: CHANGELOG.md has no section '## {form[1]} - YYYY-MM-DD', or nothing in it"
    if repository is not None and repository.rstrip("/") != address(root).rstrip("/"):
        yield f"{tag}: pyproject.toml names the repository {address(root)}, and this is {repository}"


def main(words: list[str] | None = None) -> int:
    """Check a tag or print its notes; returns the exit status."""
    parser = argparse.ArgumentParser(prog="release.py", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("action", choices=("check", "notes"))
    parser.add_argument("tag", help="v and the version")
    parser.add_argument("--repository", help="the address where the tag was pushed")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout; default this one")
    options = parser.parse_args(words)
    if options.action == "notes":
        print(notes(options.root, options.tag.removeprefix("v")))
        return 0
    found = list(faults(options.root, options.tag, options.repository))
    for line in found:
        print(f"release.py: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
