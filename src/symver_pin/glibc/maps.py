"""A folder of symbol tables with what belongs to them: platforms, semantics, policies. ``Maps`` is passed to
everything that reads them; nothing reads a table that it was not given.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path

from symver_pin.errors import MapsError, UsageError
from symver_pin.glibc.platform_libraries import (
    OpensslRelease,
    PlatformLibraries,
    parse_platform_libraries,
    parse_platform_openssl,
)
from symver_pin.glibc.platforms import Platform, Target, parse_platforms, resolve_target
from symver_pin.glibc.release import Release, parse_release
from symver_pin.glibc.semantics import Semantics, parse_semantics
from symver_pin.glibc.table import SymbolTable, parse_table
from symver_pin.paths import shipped_maps

_RUNTIME = "-gcc"
"""What the name of a compiler runtime's table ends in."""


class Maps:
    """One folder of tables; a file that it lacks is taken from the shipped folder.

    Each file is read when it is first asked for, and once. Raises MapsError, from the constructor when the folder does
    not exist, from members when a file cannot be read or is broken.
    """

    def __init__(self, folder: Path | str | None = None) -> None:
        """``folder`` holds tables of the user's own (``symver-pin harvest`` makes them); None for the shipped ones."""
        self.folder = shipped_maps() if folder is None else Path(folder).absolute()
        if not self.folder.is_dir():
            raise MapsError(f"{folder}: no folder of symbol tables; see --maps and SYMVER_PIN_MAPS")
        self._tables: dict[str, SymbolTable] = {}

    @property
    def is_shipped(self) -> bool:
        """True for the tables that come with the program."""
        return self.folder == shipped_maps()

    def path(self, name: str) -> Path:
        """The file ``name``: that of the folder when it has one, else the shipped one."""
        own = self.folder / name
        return own if own.exists() else shipped_maps() / name

    def text(self, name: str) -> str:
        """The content of the file ``name``, in UTF-8."""
        path = self.path(name)
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise MapsError(f"cannot read {path}: {error}") from error

    @property
    def architectures(self) -> tuple[str, ...]:
        """The architectures that the folder has a table of, sorted."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.map") if not path.stem.endswith(_RUNTIME)))

    def has_table(self, name: str) -> bool:
        """True if there is a table of an architecture (``x86_64``) or of its compiler runtime (``x86_64-gcc``)."""
        return self.path(f"{name}.map").exists()

    def table(self, name: str) -> SymbolTable:
        """The table of an architecture (``x86_64``), or of its compiler runtime (``x86_64-gcc``).

        Raises UsageError when there is none.
        """
        if name not in self._tables:
            if not self.has_table(name):
                raise UsageError(f"no symbol table for architecture {name!r}; known: {', '.join(self.architectures)}")
            file = f"{name}.map"
            self._tables[name] = parse_table(self.text(file), str(self.path(file)))
        return self._tables[name]

    def reference(self, arch: str) -> SymbolTable:
        """The table that reaches the newest release: the folder's, or the shipped one when that covers a newer release.

        It says how a target differs from *any newer glibc*; a table that was harvested from one distribution covers
        one release only.
        """
        own = self.table(arch)
        if self.is_shipped:
            return own
        shipped = default_maps().table(arch)
        return own if own.covered.last >= shipped.covered.last else shipped

    @cached_property
    def platforms(self) -> tuple[Platform, ...]:
        """All rows of ``platforms.tsv``, in file order."""
        return parse_platforms(self.text("platforms.tsv"), str(self.path("platforms.tsv")))

    @cached_property
    def platform_libraries(self) -> PlatformLibraries:
        """The libraries of ``platform_libraries.tsv``, by soname."""
        name = "platform_libraries.tsv"
        return parse_platform_libraries(self.text(name), str(self.path(name)), self.platforms)

    @cached_property
    def platform_openssl(self) -> Mapping[str, OpensslRelease]:
        """The OpenSSL of each platform of ``platform_openssl.tsv``, by the platform's id."""
        name = "platform_openssl.tsv"
        return parse_platform_openssl(self.text(name), str(self.path(name)), self.platforms)

    @cached_property
    def semantics(self) -> Semantics:
        """The verdicts of ``semantics.tsv``."""
        return parse_semantics(self.text("semantics.tsv"), str(self.path("semantics.tsv")))

    @cached_property
    def runtime_nodes(self) -> dict[str, Release]:
        """Version node of a runtime library of GCC (libstdc++, libgomp ...) -> the GCC release that introduced it."""
        lines = (line.split("\t") for line in self.text("runtime_nodes.tsv").splitlines() if not line.startswith("#"))
        return {node: parse_release(release) for node, release in lines}

    def target(self, text: str) -> Target:
        """Read what ``--glibc`` got. Raises UsageError when it is neither a release nor a platform."""
        return resolve_target(text, self.platforms)


@cache
def default_maps() -> Maps:
    """The shipped tables, read once in a process."""
    return Maps()
