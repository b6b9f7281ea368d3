"""Find what in a file refers to an imported symbol: functions by its symbol table, source lines by its debug
information, objects and archive members by the map of its link.

Code is searched for references to the slots that relocations fill (``machine``), where the architecture's code can be
read. Data that points to an import (a table of function pointers) is found by its relocation. A link map with a table
of symbols names the objects by itself, for every architecture, and so do the relocations of an object or of a member of
a static archive. This is done for failing files only.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from symver_pin.elf.image import Image
from symver_pin.elf.object_file import functions_referring_to, read_functions
from symver_pin.elf.relocations import read_relocations, slots_without_relocation
from symver_pin.errors import ElfError
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.verdict import FileVerdict, Finding, User
from symver_pin.verifier.discovery.candidates import StaticArchive
from symver_pin.verifier.references.debug_info import DebugInfo
from symver_pin.verifier.references.link_map import LinkMap

_MOST_PLACES = 1000
"""References to one symbol beyond this number are not looked at."""
_BY_THE_LINKER = frozenset({"_GLOBAL_OFFSET_TABLE_", "_DYNAMIC", "_PROCEDURE_LINKAGE_TABLE_"})
"""Objects that linkers add to the symbol table, and that overlap others."""


class Functions:
    """The functions and objects of ``.symtab``, by address."""

    def __init__(self, image: Image) -> None:
        self._found = sorted(
            (function for function in read_functions(image) if function.name not in _BY_THE_LINKER),
            key=lambda function: (function.start, function.size),
        )
        self._starts = [function.start for function in self._found]

    def at(self, address: int) -> str | None:
        """The name of the function or object that an address lies in."""
        position = bisect_right(self._starts, address) - 1
        if position < 0:
            return None
        function = self._found[position]
        return function.name if address < function.start + function.size else None

    def __bool__(self) -> bool:
        return bool(self._found)


def users_of(
    file: LoadedObject, symbols: Mapping[int, str], link_map: LinkMap | None
) -> Mapping[str, tuple[User, ...]]:
    """Symbol name -> the places that refer to it, sorted, for the symbols in ``symbols`` (number -> name).

    Raises ElfError when a table of the file is broken.
    """
    functions, debug = Functions(file.image), DebugInfo(file.image)
    places = _places_of(file, frozenset(symbols)) if functions or debug or link_map else {}
    found: dict[str, tuple[User, ...]] = {}
    for number, name in symbols.items():
        users: dict[tuple[str | None, str | None, str | None], User] = {}
        for place in sorted(places.get(number, ()))[:_MOST_PLACES]:
            function, (source, line) = functions.at(place), debug.at(place) or (None, None)
            origin = None if link_map is None else link_map.at(place)
            if function or source or origin:
                users.setdefault((function, source, origin), User(function, source, line, origin))
        known = {user.object for user in users.values()}
        objects = () if link_map is None else link_map.users(name)
        others = [User(None, object=user) for user in objects if user not in known]
        if users or others:
            found[name] = tuple(sorted([*users.values(), *others], key=str))
    return found


def _places_of(file: LoadedObject, symbols: frozenset[int]) -> Mapping[int, set[int]]:
    """Symbol number -> the addresses of the code and data that refer to it."""
    found: dict[int, set[int]] = {number: set() for number in symbols}
    slots = slots_without_relocation(file.dynamic, symbols)
    for relocation in read_relocations(file.dynamic):
        if relocation.symbol in symbols:
            slots[relocation.address] = relocation.symbol
            found[relocation.symbol].add(relocation.address)
    code = file.arch.code
    if code is not None and code.references is not None and slots:
        for place, number in code.references(file.image, slots):
            found[number].add(place)
    return found


def add_callers_in_members(verdict: FileVerdict, archive: StaticArchive) -> FileVerdict:
    """The verdict on a static archive, with the functions that refer to each missing symbol."""
    members = {content.name: content for content in archive.objects}

    def with_users(finding: Finding) -> Finding:
        content = members.get(finding.file)
        if content is None or not finding.symbols:
            return finding
        names = [symbol.name for symbol in finding.symbols]
        try:
            users = functions_referring_to(Image(content.data, content.name), names)
        except ElfError:
            return finding
        return finding._replace(
            symbols=tuple(s._replace(used_by=tuple(map(User, users.get(s.name, ())))) for s in finding.symbols)
        )

    return verdict._replace(findings=tuple(map(with_users, verdict.findings)))


def add_callers(verdict: FileVerdict, file: LoadedObject, link_map: LinkMap | None) -> FileVerdict:
    """The verdict on a file, with the places that refer to each missing symbol."""
    named = {s.name for finding in verdict.findings if finding.file == file.path for s in finding.symbols}
    if not named:
        return verdict  # the missing symbols are those of libraries that it loads
    try:
        users = users_of(file, {s.number: s.name for s in file.imports() if s.name in named}, link_map)
    except ElfError:
        return verdict  # the loader does not need these tables, so broken ones are no fault of the file
    finally:
        file.close()

    def with_users(finding: Finding) -> Finding:
        if finding.file != file.path:
            return finding
        symbols = tuple(symbol._replace(used_by=users.get(symbol.name, ())) for symbol in finding.symbols)
        return finding._replace(symbols=symbols)

    return verdict._replace(findings=tuple(map(with_users, verdict.findings)))
