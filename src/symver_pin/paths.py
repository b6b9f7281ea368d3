"""Where the data that ships with the program lies, and where the program keeps what it makes.

``glibc_maps`` and ``cargo_template`` stand at the top of the source tree, where people look for them. In the package
they are links to there (a checkout) or folders (a wheel), so that ``importlib.resources`` finds both the same way.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from symver_pin.errors import UsageError
from symver_pin.handover import cache_folder


@cache
def package_folder() -> Path:
    """The folder of the installed package. The program is not run from a zip file: compilers read its sources."""
    return Path(str(files("symver_pin"))).resolve()


def shipped_maps() -> Path:
    """The folder of the symbol tables that come with the program."""
    return package_folder() / "glibc_maps"


def cargo_template_dir() -> Path:
    """The folder of the jinja2 templates of files that the cargo side writes."""
    return package_folder() / "cargo_template"


def templates_dir() -> Path:
    """The folder of the jinja2 templates of headers, linker scripts and wrapper scripts."""
    return package_folder() / "templates"


def cmake_dir() -> Path:
    """The folder of the CMake module."""
    return package_folder() / "cmake"


def compat_dir() -> Path:
    """The folder of the compat objects' C sources."""
    return package_folder() / "compat"


def cache_dir() -> Path:
    """``$SYMVER_PIN_CACHE``, else ``symver-pin`` in the user's cache folder.

    That is ``$XDG_CACHE_HOME``, or ``.cache`` in the home folder. A relative ``$XDG_CACHE_HOME`` is ignored, as the XDG
    Base Directory Specification says. Raises UsageError if there is no home folder.
    """
    named = cache_folder()
    if named:
        return Path(named).absolute()
    try:
        return (Path.home() / ".cache" / "symver-pin").absolute()
    except RuntimeError as error:  # neither HOME nor an entry in the password database
        raise UsageError("no folder for kits: there is no home folder; set SYMVER_PIN_CACHE or HOME") from error
