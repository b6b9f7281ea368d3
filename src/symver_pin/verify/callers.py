"""What in a file refers to an imported symbol: functions by its own symbol table, source lines by its debug
information, objects and archive members by the map of its link.

Code is searched for references to the slots that relocations fill (``machines``), and what something lies at
their places is told. Data that points to an import (a table of function pointers) is found by its relocation. A link
map with a table of symbols has the objects by itself, for every architecture. Of an object or a member of a static
archive, its relocations tell, for every architecture too. Asked for failing files only.
"""

from __future__ import annotations

import struct
from bisect import bisect_right

from symver_pin.elf.image import Image
from symver_pin.elf.linkage import functions_wanting
from symver_pin.elf.relocations import read_relocations
from symver_pin.errors import ElfError
from symver_pin.verify.debug_info import DebugInfo
from symver_pin.verify.machines import MACHINES
from symver_pin.verify.model import User

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from symver_pin.verify.inputs import StaticArchive
    from symver_pin.verify.link_map import LinkMap
    from symver_pin.verify.model import FileVerdict, Finding
    from symver_pin.verify.objects import Object

_SHT_SYMTAB, _STT_OBJECT, _STT_FUNC = 2, 1, 2
_MAX_SYMBOLS = 1 << 20
#: Of one symbol, not more references than this are looked at.
_MOST_PLACES = 1000
#: What linkers put into the symbol table themselves, over everything that lies there.
_BY_THE_LINKER = frozenset({"_GLOBAL_OFFSET_TABLE_", "_DYNAMIC", "_PROCEDURE_LINKAGE_TABLE_"})


class Functions:
    """The functions and objects of ``.symtab``, by address."""

    def __init__(self, image: Image) -> None:
        found = sorted(_read_symtab(image)) if image.bits == 64 and image.order == "<" else []
        self._starts = [start for start, _size, _name in found]
        self._found = found

    def at(self, address: int) -> str | None:
        """The name of what an address lies in."""
        position = bisect_right(self._starts, address) - 1
        if position < 0:
            return None
        start, size, name = self._found[position]
        return name if address < start + size else None

    def __bool__(self) -> bool:
        return bool(self._found)


def _read_symtab(image: Image) -> Iterable[tuple[int, int, str]]:
    if image.section_entry_size != 64 or not image.section_offset:
        return
    raw = image.take(image.section_offset, image.section_count * 64, "section headers")
    sections = list(struct.iter_unpack("<IIQQQQIIQQ", raw))
    for section in sections:
        if section[1] != _SHT_SYMTAB or section[6] >= len(sections) or section[5] // 24 > _MAX_SYMBOLS:
            continue
        text = image.take(sections[section[6]][4], sections[section[6]][5], ".strtab")
        table = image.take(section[4], section[5] // 24 * 24, ".symtab")
        for name, info, _other, where, value, size in struct.iter_unpack("<IBBHQQ", table):
            if info & 15 in (_STT_FUNC, _STT_OBJECT) and where and size:
                called = text[name : text.find(b"\0", name)][:200].decode("utf-8", "replace")
                if called not in _BY_THE_LINKER:
                    yield value, size, called


def users_of(file: Object, wanted: Mapping[int, str], link_map: LinkMap | None) -> Mapping[str, tuple[User, ...]]:
    """What refers to some symbols (number and name), by name, sorted; nothing for a file that does not tell."""
    image = file.image
    try:
        functions, debug = Functions(image), DebugInfo(image)
    except ElfError:
        return {}  # The loader does not need sections, and a file is no worse for broken ones.
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
    if machine is not None and slots:
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
    users = users_of(file, {s.number: s.name for s in file.dynamic.imports if s.name in named}, link_map)
    file.close()

    def told(finding: Finding) -> Finding:
        if finding.file != file.path:
            return finding
        symbols = tuple(symbol._replace(used_by=users.get(symbol.name, ())) for symbol in finding.symbols)
        return finding._replace(symbols=symbols)

    return verdict._replace(findings=tuple(map(told, verdict.findings)))
