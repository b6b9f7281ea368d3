"""One ELF file as the loader holds it: what it needs, by what names it is known, where it looks for libraries.

An Object keeps its few facts and lets go of the file: ``close`` drops the mapping and all tables, and whoever asks for
``dynamic`` again has it opened again. So a whole system can be judged as one set without holding its files.
"""

from __future__ import annotations

import os

from symver_pin.elf.arch import ARCH_BY_HEADER
from symver_pin.elf.constants import DF_1_PIE, DT_VERDEF, ET_DYN, ET_EXEC, PT_DYNAMIC
from symver_pin.elf.facts import Definition, Need, inside_of, outside_of, read_facts
from symver_pin.elf.source import Content
from symver_pin.errors import ElfError, NotLoadableError
from symver_pin.light import cached_property
from symver_pin.verify.header import uncommon_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Set

    from symver_pin.elf.arch import Arch
    from symver_pin.elf.dynamic import Dynamic, Import
    from symver_pin.elf.exports import Exports
    from symver_pin.elf.facts import Inside, Outside
    from symver_pin.elf.image import Image
    from symver_pin.elf.source import Source
    from symver_pin.verify.model import FileKind
    from symver_pin.verify.review import Review

_ET_REL, _ET_CORE = 1, 4


class Object:
    """A file that is judged, or a library that it loads. Raises ElfError, from the constructor or any member, when the
    file is not a program or a shared library, or is broken.

    One that another process has opened is known by its names, and read when more is asked for.
    """

    is_judged = False
    """Whether it is among the files to judge, and not found beside one of them."""
    told: frozenset[tuple[object, ...]] | None = None
    """What ``check`` has found out about its own verdict."""
    _dynamic: Dynamic | None
    _inside: Inside | None
    _symbol_count: int | None
    _is_unread: bool

    def __init__(self, source: Source) -> None:
        self._source: Source = source
        self.on_disk = not isinstance(source, Content)
        self.path = source.name if isinstance(source, Content) else str(source)
        self.absolute = _absolute(self.path)
        """The path from the root of the file system."""
        self._read()

    def _read(self) -> None:
        source, path = self._source, self.path
        self._dynamic = self._inside = self._symbol_count = None
        facts = read_facts(source)
        if facts is not None:
            outside, self._inside, self.definitions = facts
        else:
            from symver_pin.elf.dynamic import Dynamic

            self._dynamic = Dynamic(_loadable(source, path))
            outside = outside_of(self._dynamic)
        self.arch: Arch = ARCH_BY_HEADER[outside.machine, outside.bits, outside.order]
        self.interpreter = outside.interpreter
        self.header = uncommon_header(outside)
        """What is uncommon in its ELF header, if anything."""
        self.needed: tuple[str, ...] = outside.needed
        """DT_NEEDED, in order."""
        self.soname: str | None = outside.soname
        self.needs: tuple[Need, ...] = outside.needs
        """The version nodes that it wants."""
        self.kind: FileKind = _kind(outside)
        base = path.rpartition("/")[2]
        self.names: tuple[str, ...] = (self.soname, base) if self.soname and self.soname != base else (base,)
        """The names that DT_NEEDED and VERNEED may know it by."""
        self._runpath, self._rpath = outside.runpath, outside.rpath
        self.searches = self._runpath is not None or self._rpath is not None
        """Whether it has a search path of its own."""
        self.versioned = outside.versioned
        """Whether the loader sets up version tables for it."""
        self.is_packed = outside.packed
        """Whether it has packed relative relocations."""
        self.review: Review | None = None
        """What was found in it, once it was looked at."""
        self._bound: dict[tuple[str | None, str | None], tuple[Import, ...]] = {}

    @property
    def dynamic(self) -> Dynamic:
        """The dynamic section and symbols; the file is opened again when it was closed."""
        if self._dynamic is None:
            from symver_pin.elf.dynamic import Dynamic
            from symver_pin.elf.image import open_image

            self._dynamic = Dynamic(open_image(self._source), self._symbol_count)
        return self._dynamic

    @property
    def image(self) -> Image:
        """The headers."""
        return self.dynamic.image

    @property
    def inside(self) -> Inside:
        """What it wants; read again when it was closed."""
        if self._inside is None:
            facts = read_facts(self._source)
            self._inside = facts.inside if facts is not None else inside_of(self.dynamic)
        return self._inside

    @cached_property
    def definitions(self) -> tuple[Definition, ...] | None:
        """Its version nodes; None when it defines none at all, which the loader lets pass."""
        dynamic = self.dynamic
        return dynamic.definitions if DT_VERDEF in dynamic.tags else None

    def open_exports(self) -> Exports:
        """What it exports."""
        from symver_pin.elf.exports import open_exports

        return open_exports(self._source, lambda: self.dynamic)

    @property
    def symbol_count(self) -> int:
        """The number of dynamic symbols, the null one included."""
        return self._symbol_count if self._symbol_count is not None else self.inside.symbol_count

    @property
    def idle(self) -> frozenset[bytes]:
        """The names that it wants without a version, and no relocation names: the loader never looks them up."""
        found = self.inside.wants.idle()
        if found is None:  # which the reader in Python finds out, or what is wrong
            from symver_pin.elf.wants import WantsInPython

            found = WantsInPython(self.dynamic).idle()
        return found

    @classmethod
    def elsewhere(cls, path: str, arch: Arch, kind: FileKind, names: tuple[str, ...]) -> Object:
        """A file that another process has opened; ``attach`` must say where it is when that is not its path."""
        found = cls.__new__(cls)
        found.path, found.arch, found.kind, found.names, found._is_unread = path, arch, kind, names, True
        found._source, found.on_disk, found.is_judged, found.absolute = path, True, True, _absolute(path)
        return found

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """What was not asked for yet of a file that another process has opened."""
            if "_is_unread" not in self.__dict__ or name.startswith("__"):
                raise AttributeError(f"{type(self).__name__} has no attribute {name}")
            self._read()
            del self._is_unread
            return getattr(self, name)

    def attach(self, source: Source) -> None:
        """Tell where the file is; another process has opened it."""
        self._source, self.on_disk = source, not isinstance(source, Content)

    def close(self) -> None:
        """Let go of the file."""
        if self._dynamic is not None:
            self._symbol_count = self._dynamic.__dict__.get("symbol_count")
        elif self._inside is not None:
            self._symbol_count = self._inside.symbol_count
        self._dynamic = self._inside = None

    def forget(self) -> None:
        """Let go of the content for good: it is judged, and so are all that load it. What was found out about others
        may go on knowing it by name.
        """
        self.close()
        self.review = None  # which knows its file: none would ever go
        if isinstance(self._source, Content):
            self._source = Content(self.path, b"")

    @cached_property
    def folders(self) -> list[str]:
        """The folders from the root of the file system to the file."""
        return self.absolute.split("/")[:-1]

    def _searched(self, text: str | None) -> tuple[str, ...]:
        """The folders beside the file that a search path names through $ORIGIN.

        Absolute folders are those of the machine it was built on, or of the system it will run on: not looked into.
        """
        found = []
        for part in (text or "").split(":"):
            for token in ("$ORIGIN", "${ORIGIN}"):
                if part == token or part.startswith(f"{token}/"):
                    found.append(os.path.normpath("/".join(self.folders) + part[len(token) :]))
        return tuple(found)

    @cached_property
    def runpath(self) -> tuple[str, ...] | None:
        """DT_RUNPATH's folders beside the file; None without DT_RUNPATH, and only then does DT_RPATH count."""
        return None if self._runpath is None else self._searched(self._runpath)

    @cached_property
    def rpath(self) -> tuple[str, ...]:
        """DT_RPATH's folders beside the file, for itself and for all that it loads."""
        return self._searched(self._rpath)

    @cached_property
    def defined_versions(self) -> frozenset[str] | None:
        """The names of its version nodes."""
        definitions = self.definitions
        return None if definitions is None else frozenset([definition.version for definition in definitions])

    @cached_property
    def weak_nodes(self) -> frozenset[tuple[str, str]]:
        """The (library, node) pairs that VERNEED flags weak: they may be missing."""
        return frozenset((need.library, need.version) for need in self.needs if need.weak)

    def imports(self, indexes: Set[int] | None = None) -> list[Import]:
        """Its imports, or those with a version index among some, in table order."""
        from symver_pin.elf.dynamic import Import, import_node

        node_of, new = import_node(self.needs, self.definitions or ()), tuple.__new__
        return [
            new(Import, (name, *node_of(index), weak, number, copied))
            for name, index, weak, number, copied in self.inside.wants.rows(indexes)
        ]

    def bound_to(self, library: str | None, version: str | None) -> tuple[Import, ...]:
        """The imports that want a version node of a library; those without a version for None and None."""
        found = self._bound.get((library, version))
        if found is None:
            indexes = {need.version_index for need in self.needs if need[:2] == (library, version)}
            every = self.imports(indexes if library is not None else None)
            found = tuple([each for each in every if each.library == library and each.version == version])
            self._bound[library, version] = found
        return found


def _absolute(path: str) -> str:
    is_plain = path.startswith("/") and "//" not in path and "/." not in path and not path.endswith("/")
    try:
        return path if is_plain else os.path.abspath(path)
    except OSError:  # the working directory is gone
        return path


def _loadable(source: Source, path: str) -> Image:
    """The image of a program or a shared library. Raises ElfError when it is none, or is broken."""
    from symver_pin.elf.image import open_image

    image = open_image(source)
    if image.type not in (ET_EXEC, ET_DYN):
        raise NotLoadableError(f"{path}: {_what(image.type)}")
    if image.arch is None:
        raise ElfError(
            f"{path}: unknown architecture (e_machine {image.machine}, {image.bits} bits); no symbol table for it"
        )
    segment = image.first(PT_DYNAMIC)
    if segment is not None and segment.file_size == 0:
        raise NotLoadableError(f"{path}: holds debug information only; name the program or library it belongs to")
    return image


def _kind(outside: Outside) -> FileKind:
    """A program is what has an interpreter and no soname (libc.so.6 itself has both), or a fixed address."""
    program = outside.type == ET_EXEC or bool(outside.flags_1 & DF_1_PIE)
    if outside.interpreter is not None and (program or outside.soname is None):
        return "executable"
    if program and not outside.needed:
        return "static executable"
    return "shared library"


def _what(kind: int) -> str:
    if kind == _ET_REL:
        return "relocatable object, not a program or shared library; link it first"
    if kind == _ET_CORE:
        return "core dump, not a program or shared library"
    return f"ELF type {kind:#x} is neither a program nor a shared library"
