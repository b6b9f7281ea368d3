"""The facts that a verdict needs of every file: what it looks like to others, and what it wants.

They are read by ``native/`` where that was built and the file is sound, in a tenth of the time that ``Dynamic`` takes
(20 us for a file of 100 imports). All other files are ``Dynamic``'s, which finds the words for what is wrong with them,
and so is whatever is seldom asked for.
"""

from __future__ import annotations

from symver_pin.elf.arch import ARCH_BY_HEADER
from symver_pin.elf.compiled import NATIVE
from symver_pin.elf.constants import DT_FLAGS_1, DT_RELR, DT_RPATH, DT_RUNPATH, DT_VERDEF, DT_VERNEED
from symver_pin.elf.source import Content
from symver_pin.light import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from symver_pin.elf.dynamic import Dynamic
    from symver_pin.elf.source import Source
    from symver_pin.elf.wants import Wants


class Need(NamedTuple):
    """One version that is wanted from one library (a VERNEED auxiliary entry)."""

    library: str
    version: str
    weak: bool
    version_index: int


class Definition(NamedTuple):
    """One version that the file defines (a VERDEF entry)."""

    version: str
    base: bool
    version_index: int


class Outside(NamedTuple):
    """What the loader must know of a file before it looks at symbols."""

    type: int
    """e_type."""
    machine: int
    bits: int
    order: str
    """``<`` or ``>``."""
    version: int
    """e_version."""
    flags: int
    """e_flags."""
    identity: bytes
    """e_ident from EI_VERSION on."""
    interpreter: str | None
    needed: tuple[str, ...]
    """DT_NEEDED, in order."""
    soname: str | None
    needs: tuple[Need, ...]
    """VERNEED, in order."""
    runpath: str | None
    rpath: str | None
    """DT_RPATH; None also where DT_RUNPATH makes the loader pass over it."""
    flags_1: int
    """DT_FLAGS_1, 0 without it."""
    versioned: bool
    """Whether it has VERDEF or VERNEED."""
    packed: bool
    """Whether it has DT_RELR."""


class Inside(NamedTuple):
    """What it wants besides."""

    symbol_count: int
    """The number of dynamic symbols, the null one included."""
    wants: Wants
    """Its imports; they are in the file, which stays open with them."""
    kernel: tuple[int, int, int] | None
    x86_level: int
    """``demands_of``."""


class Facts(NamedTuple):
    """What ``read_facts`` finds."""

    outside: Outside
    inside: Inside
    definitions: tuple[Definition, ...] | None
    """VERDEF; None without it."""


def read_facts(source: Source) -> Facts | None:
    """The facts of a sound file; None for all that ``Dynamic`` must look at."""
    if NATIVE is None:
        return None
    found = NATIVE.facts(given(source), Need, Definition)
    if found is None:
        return None
    new = tuple.__new__
    outside, inside, definitions = found
    if outside[1:4] not in ARCH_BY_HEADER:
        return None
    return new(Facts, (new(Outside, outside), new(Inside, inside), definitions))


def given(source: Source) -> str | bytes | memoryview:
    """A source as C takes it."""
    return source.data if isinstance(source, Content) else str(source)


def outside_of(dynamic: Dynamic) -> Outside:
    """The same of any file. Raises ElfError when it is broken."""
    image, tags = dynamic.image, dynamic.tags
    interpreter, needed, soname, needs = image.interpreter, dynamic.needed, dynamic.soname, dynamic.needs
    runpath = dynamic.string_of(DT_RUNPATH)
    rpath = dynamic.string_of(DT_RPATH) if runpath is None else None
    return Outside(
        image.type,
        image.machine,
        image.bits,
        image.order,
        image.version,
        image.flags,
        image.identity,
        interpreter,
        needed,
        soname,
        needs,
        runpath,
        rpath,
        tags.get(DT_FLAGS_1, 0),
        DT_VERDEF in tags or DT_VERNEED in tags,
        DT_RELR in tags,
    )


def inside_of(dynamic: Dynamic) -> Inside:
    """The same of any file. Raises ElfError when it is broken."""
    from symver_pin.elf.notes import demands_of
    from symver_pin.elf.wants import WantsInPython

    return Inside(dynamic.symbol_count, WantsInPython(dynamic), *demands_of(dynamic.image))
