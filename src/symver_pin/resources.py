"""Where the data that ships with the program lies, and where it keeps what it makes.

A wheel carries ``glibc_maps/`` and ``cargo_template/`` inside the package. A checkout (an editable install, or
``PYTHONPATH=src``) has them at the top of the tree, two folders above this file. C sources and text templates are
ordinary package files in both.
"""

import os
from pathlib import Path

from symver_pin.errors import MapsError

_PACKAGE = Path(__file__).resolve().parent


def _shipped(name: str) -> Path:
    for candidate in (_PACKAGE / name, _PACKAGE.parent.parent / name):
        if candidate.is_dir():
            return candidate
    raise MapsError(f"the installed package lacks its data folder {name}/; reinstall symver-pin")


def maps_dir() -> Path:
    """The folder of the symbol tables (``<arch>.map``, ``platforms.tsv`` ...): ``$SYMVER_PIN_MAPS``, else the shipped
    one.

    Raises MapsError when the named folder does not exist.
    """
    named = os.environ.get("SYMVER_PIN_MAPS")
    if not named:
        return shipped_maps_dir()
    if not Path(named).is_dir():
        raise MapsError(f"{named}: no folder of symbol tables; see --maps and SYMVER_PIN_MAPS")
    return Path(named).absolute()


def data_file(name: str) -> Path:
    """A file of the tables: the user's own (``maps_dir``) when there is one of that name, else the shipped one."""
    own = maps_dir() / name
    return own if own.exists() else shipped_maps_dir() / name


def shipped_maps_dir() -> Path:
    """The folder of the tables that come with the program."""
    return _shipped("glibc_maps")


def cargo_template_dir() -> Path:
    """The folder of the jinja2 templates of files that the cargo side writes."""
    return _shipped("cargo_template")


def templates_dir() -> Path:
    """The folder of the jinja2 templates of headers, linker scripts and wrapper scripts."""
    return _PACKAGE / "templates"


def compat_dir() -> Path:
    """The folder of the compat objects' C sources."""
    return _PACKAGE / "compat"


def cache_dir() -> Path:
    """``$SYMVER_PIN_CACHE``, else ``symver-pin`` in the user's cache folder."""
    named = os.environ.get("SYMVER_PIN_CACHE")
    if named:
        return Path(named).absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache").absolute() / "symver-pin"
