"""Hooks of the documentation site (mkdocs.yml): they add the pages made from the code, and settle links.

The site's head names no repository: the theme would ask its host for figures whenever a page is opened.
A link of a page to a file outside of docs/ becomes one to the repository, whose address stands in pyproject.toml. The
way to install is ``extra.install_from`` of mkdocs.yml.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "src")]

from mkdocs.structure.files import File  # noqa: E402  (the lines above make tools/ importable)

import reference_pages  # noqa: E402

WRITTEN_INSTALL = "./symver-pin"
"""What stands behind the commands that install in the pages as they are written."""
_INSTALL = re.compile(rf"((?:pipx|pip|uv tool) install (?:'|)){re.escape(WRITTEN_INSTALL)}(?=[\[\s]|$)", re.MULTILINE)
_OUTSIDE = re.compile(r"\]\(\.\./((?!reference/|explanation/)[\w./-]+)\)")


def repository() -> str:
    """The address of the project's repository."""
    (address,) = re.findall(r'^Repository = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    return str(address)


def on_files(files: Any, *, config: Any) -> Any:
    """Add the pages made from the code."""
    for path, text in reference_pages.PAGES.items():
        files.append(File.generated(config, path, content=text()))
    return files


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Any) -> str:
    """Settle the links to files outside of docs/, and the way to install."""
    if page.file.generated_by is None and "/" not in page.file.src_uri:
        markdown = _OUTSIDE.sub(rf"]({repository()}/blob/main/\1)", markdown)
    return _INSTALL.sub(rf"\1{config.extra['install_from']}", markdown)
