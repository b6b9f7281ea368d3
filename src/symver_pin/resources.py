"""Where the data that ships with the program lies, and where it keeps what it makes.

A wheel carries ``glibc_maps/`` and ``cargo_template/`` inside the package. A checkout (an editable install, or
``PYTHONPATH=src``) has them at the top of the tree, two folders above this file. C sources and text templates are
ordinary package files in both.
"""

from __future__ import annotations

import os

from symver_pin.errors import MapsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

_PACKAGE = os.path.dirname(os.path.realpath(__file__))


def _path(name: str) -> Path:
    from pathlib import Path

    return Path(name)


#: The data folders that have been found.
_folders: dict[str, str] = {}


def _shipped(name: str) -> str:
    if name in _folders:
        return _folders[name]
    for candidate in (f"{_PACKAGE}/{name}", f"{os.path.dirname(os.path.dirname(_PACKAGE))}/{name}"):
        if os.path.isdir(candidate):
            _folders[name] = candidate
            return candidate
    raise MapsError(f"the installed package lacks its data folder {name}/; reinstall symver-pin")


def _maps() -> str:
    named = os.environ.get("SYMVER_PIN_MAPS")
    if not named:
        return _shipped("glibc_maps")
    if not os.path.isdir(named):
        raise MapsError(f"{named}: no folder of symbol tables; see --maps and SYMVER_PIN_MAPS")
    return os.path.abspath(named)


def maps_dir() -> Path:
    """The folder of the symbol tables (``<arch>.map``, ``platforms.tsv`` ...): ``$SYMVER_PIN_MAPS``, else the shipped
    one.

    Raises MapsError when the named folder does not exist.
    """
    return _path(_maps())


def data_file(name: str) -> Path:
    """A file of the tables: the user's own (``maps_dir``) when there is one of that name, else the shipped one."""
    return _path(data_path(name))


def data_path(name: str) -> str:
    """``data_file(name)`` as text, without what ``pathlib`` costs."""
    folder, shipped = _maps(), _shipped("glibc_maps")
    return f"{shipped if folder == shipped or not os.path.exists(f'{folder}/{name}') else folder}/{name}"


def read_data(path: str) -> bytes:
    """The content of a data file. Raises FileNotFoundError when there is none, MapsError when it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise MapsError(f"cannot read {path}: {error.strerror}") from error


def shipped_maps_dir() -> Path:
    """The folder of the tables that come with the program."""
    return _path(_shipped("glibc_maps"))


def cargo_template_dir() -> Path:
    """The folder of the jinja2 templates of files that the cargo side writes."""
    return _path(_shipped("cargo_template"))


def templates_dir() -> Path:
    """The folder of the jinja2 templates of headers, linker scripts and wrapper scripts."""
    return _path(f"{_PACKAGE}/templates")


def compat_dir() -> Path:
    """The folder of the compat objects' C sources."""
    return _path(f"{_PACKAGE}/compat")


def cache_dir() -> Path:
    """``$SYMVER_PIN_CACHE``, else ``symver-pin`` in the user's cache folder."""
    from pathlib import Path

    named = os.environ.get("SYMVER_PIN_CACHE")
    if named:
        return Path(named).absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache").absolute() / "symver-pin"
