"""The jinja2 environment: every generated text file is rendered from a template that looks like its output.

StrictUndefined makes a misspelt name an error at once.
"""

import os
from contextlib import suppress
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from symver_pin import __version__
from symver_pin.resources import cache_dir, templates_dir


def render(template: str, folder: Path | None = None, /, *, keep: bool = False, **values: object) -> str:
    """Render ``template`` of ``folder`` (the package's own templates by default); ``version`` is always there.

    ``keep`` the compiled template in the cache folder: worth it for one that is long or often rendered.
    """
    environment = Environment(
        loader=FileSystemLoader(folder or templates_dir()),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=_compiled(cache_dir() / "templates") if keep else None,
    )
    return environment.get_template(template).render(version=__version__, **values)


def _compiled(folder: Path) -> FileSystemBytecodeCache | None:
    """The cache, or None where its folder cannot be written: then templates are compiled each time."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return _Cache(str(folder)) if os.access(folder, os.W_OK) else None


class _Cache(FileSystemBytecodeCache):
    """jinja2's own cache, for which a full disk is no reason to fail."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)
