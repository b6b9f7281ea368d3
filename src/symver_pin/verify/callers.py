"""What in a file refers to an imported symbol: functions by its own symbol table, source lines by its debug
information, objects and archive members by the map of its link.

Code is searched for references to the slots that relocations fill (``machines``), and what something lies at
their places is told. Data that points to an import (a table of function pointers) is found by its relocation. A link
map with a table of symbols has the objects by itself, for every architecture. Of an object or a member of a static
archive, its relocations tell, for every architecture too. Asked for failing files only.
"""

from __future__ import annotations

from bisect import bisect_right

from symver_pin.elf.image import Image
from symver_pin.elf.linkage import functions_wanting, read_functions
from symver_pin.elf.relocations import read_relocations
from symver_pin.errors import ElfError
from symver_pin.verify.debug_info import DebugInfo
from symver_pin.verify.machines import MACHINES
from symver_pin.verify.model import User

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from symver_pin.verify.inputs import StaticArchive
    from symver_pin.verify.link_map import LinkMap
    from symver_pin.verify.model import FileVerdict, Finding
    from symver_pin.verify.objects import Object

#: Of one symbol, not more references than this are looked at.
_MOST_PLACES = 1000
#: What linkers put into the symbol table themselves, over everything that lies there.
_BY_THE_LINKER = frozenset({"_GLOBAL_OFFSET_TABLE_", "_DYNAMIC", "_PROCEDURE_LINKAGE_TABLE_"})


class Functions:
    """The functions and objects of ``.symtab``, by address."""

    def __init__(self, image: Image) -> None:
        self._found = sorted(
            (function for function in read_functions(image) if function.name not in _BY_THE_LINKER),
            key=lambda function: (function.start, function.size),
        )
        self._starts = [function.start for function in self._found]

    def at(self, address: int) -> str | None:
        """The name of what an address lies in."""
        position = bisect_right(self._starts, address) - 1
        if position < 0:
            return None
        function = self._found[position]
        return function.name if address < function.start + function.size else None

    def __bool__(self) -> bool:
        return bool(self._found)


def users_of(file: Object, wanted: Mapping[int, str], link_map: LinkMap | None) -> Mapping[str, tuple[User, ...]]:
    """What refers to some symbols (number and name), by name, sorted; nothing for a file that does not tell.

    Raises ElfError when tables are broken that tell.
    """
    functions, debug = Functions(file.image), DebugInfo(file.image)
    places = _places_of(file, frozenset(wanted)) if functions or debug or link_map else {}
    found: dict[str, tuple[User, ...]] = {}
    for number, name in wanted.items():
        users: dict[tuple[str | None, str | None, str | None], User] = {}
        for place in sorted(places.get(number, ()))[:_MOST_PLACES]:
            function, (source, line) = functions.at(place), debug.at(place) or (None, None)
            origin = None if link_map is None else link_map.at(place)
            if function or source or origin:
                users.setdefault((function, source, origin), User(function, source, line, origin))
        told = {user.object for user in users.values()}
        objects = () if link_map is None else link_map.users(name)
        others = [User(None, object=user) for user in objects if user not in told]
        if users or others:
            found[name] = tuple(sorted([*users.values(), *others], key=str))
    return found


def _places_of(file: Object, wanted: frozenset[int]) -> Mapping[int, set[int]]:
    """Symbol number -> the addresses of the code and data that refer to it."""
    found: dict[int, set[int]] = {number: set() for number in wanted}
    slots: dict[int, int] = {}
    for relocation in read_relocations(file.dynamic):
        if relocation.symbol in wanted:
            slots[relocation.address] = relocation.symbol
            found[relocation.symbol].add(relocation.address)
    machine = MACHINES.get(file.arch.name)
    if machine is not None and machine.references is not None and slots:
        for place, number in machine.references(file.image, slots):
            found[number].add(place)
    return found


def name_wanting(verdict: FileVerdict, archive: StaticArchive) -> FileVerdict:
    """The verdict of a static archive, the symbols that its members miss with the functions that want them."""
    members = {content.name: content for content in archive.objects}

    def told(finding: Finding) -> Finding:
        content = members.get(finding.file)
        if content is None or not finding.symbols:
            return finding
        names = [symbol.name for symbol in finding.symbols]
        try:
            users = functions_wanting(Image(content.data, content.name), names)
        except ElfError:
            return finding
        return finding._replace(
            symbols=tuple(s._replace(used_by=tuple(map(User, users.get(s.name, ())))) for s in finding.symbols)
        )

    return verdict._replace(findings=tuple(map(told, verdict.findings)))


def name_callers(verdict: FileVerdict, file: Object, link_map: LinkMap | None) -> FileVerdict:
    """The verdict of a file, its guilty symbols with those who use them."""
    named = {s.name for finding in verdict.findings if finding.file == file.path for s in finding.symbols}
    if not named:
        return verdict  # the guilt is with the libraries that it loads
    try:
        users = users_of(file, {s.number: s.name for s in file.imports() if s.name in named}, link_map)
    except ElfError:
        return verdict  # The loader does not need all of that, and a file is no worse for what is broken of it.
    finally:
        file.close()

    def told(finding: Finding) -> Finding:
        if finding.file != file.path:
            return finding
        symbols = tuple(symbol._replace(used_by=users.get(symbol.name, ())) for symbol in finding.symbols)
        return finding._replace(symbols=symbols)

    return verdict._replace(findings=tuple(map(told, verdict.findings)))
