"""Faults of program headers.

The loader maps libraries (``_dl_map_object_from_fd`` of glibc's elf/dl-load.c), the kernel maps programs
(``load_elf_binary`` of Linux's fs/binfmt_elf.c). What each demands of PT_LOAD:

* The address and the place in the file have the same distance to a page border. Loaders before 2.35 compare them by
  p_align instead of by page, and demand that p_align is a multiple of the page. (2.35 began to honour larger ones.)
* The last segment has the highest address: its end decides how much space is reserved for a library.
* Each is mapped by whole pages and replaces earlier mappings. Where two share a page, the later one decides about its
  protection: code of the earlier one may not be executable any more, or its data not writable.
* The kernel refuses a program in which a segment has less memory than file. The loader then maps a library's last
  segment beyond the space that it reserved.
* Reading a mapped page behind the end of the file raises SIGBUS.

The page is that of x86-64, the smallest of all; kernels with larger pages demand more.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from symver_pin.elf.constants import DF_1_NOOPEN, DF_1_PIE, DT_FLAGS_1, PT_INTERP, PT_LOAD, PT_TLS
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import Image, Segment
from symver_pin.glibc.release import Release
from symver_pin.loader.structure.fault import Fault
from symver_pin.loader.target_system import TargetSystem

_PAGE = 0x1000
_ALIGNED_BY_PAGE = Release(2, 35)
"""The first release that compares address and offset by page (glibc bug 28676)."""
_REFUSES_PIE = Release(2, 30)
"""The first release that does not load a file with DF_1_PIE as a library (glibc bug 24323)."""
_LONGEST_PATH = 4096
_ALL = 0xFFFFFFFFFFFFFFFF
_KIND = "program-headers"


def check_segments(dynamic: Dynamic, system: TargetSystem) -> Iterator[Fault]:
    """The faults of a file's program headers, and of the flags that forbid loading it as a library (DF_1_PIE ...)."""
    image, everything = dynamic.image, system.everything
    loads = [segment for segment in image.segments if segment.type == PT_LOAD]
    if not loads:
        yield Fault(_KIND, "has no segment to load", everything)
        return
    for segment in loads:
        yield from _check_alignment(segment, system)
        if segment.mem_size < segment.file_size:
            detail = f"has a segment at {segment.vaddr:#x} with less memory than file"
            yield Fault(_KIND, detail, everything, "any" if segment is loads[-1] else "program")
        if segment.offset + segment.file_size > -(-image.size // _PAGE) * _PAGE:
            yield Fault(_KIND, f"has a segment at {segment.vaddr:#x} that goes beyond the end of the file", everything)
    detail = _shared_page(loads)
    if detail:
        yield Fault(_KIND, detail, everything)
    detail = _last_segment(loads)
    if detail:
        yield Fault(_KIND, detail, everything, "library")
    thread = image.first(PT_TLS)
    if thread is not None and 0 < thread.mem_size < thread.file_size:
        yield Fault(_KIND, "has a thread-local segment with less memory than file", everything, "started")
    detail = _interpreter(image)
    if detail:
        yield Fault(_KIND, detail, everything, "program")
    yield from _check_flags(dynamic.tags.get(DT_FLAGS_1, 0), system)


def _check_alignment(segment: Segment, system: TargetSystem) -> Iterator[Fault]:
    where, distance = f"has a segment at {segment.vaddr:#x}", segment.vaddr - segment.offset
    before = system.axis.before(_ALIGNED_BY_PAGE)
    if distance % _PAGE:
        detail = f"{where} whose address and offset differ by no whole number of pages"
        yield Fault(_KIND, detail, system.everything, "any")
    elif segment.align % _PAGE:
        yield Fault(_KIND, f"{where} that is aligned to {segment.align:#x}, no whole page", before, "library")
    elif distance & (segment.align - 1 & _ALL):
        detail = f"{where} whose address and offset do not fit its alignment of {segment.align:#x}"
        yield Fault(_KIND, detail, before, "library")


def _shared_page(loads: list[Segment]) -> str:
    """The fault of a page that two segments share; "" if there is none."""
    ordered = sorted(loads, key=lambda segment: segment.vaddr)
    for one, other in pairwise(ordered):
        shares = -(-(one.vaddr + one.file_size) // _PAGE) * _PAGE > other.vaddr // _PAGE * _PAGE
        if shares and (one.flags & ~other.flags or one.vaddr - one.offset != other.vaddr - other.offset):
            return f"has segments at {one.vaddr:#x} and {other.vaddr:#x} that share a page"
    return ""


def _last_segment(loads: list[Segment]) -> str:
    """Why the loader reserves too little space, "" if it does not: the end of the last segment is the end of all."""
    last = loads[-1]
    if any(other.vaddr > last.vaddr for other in loads):
        return f"has its highest segment before the last one, at {last.vaddr:#x}"
    if any(other.vaddr + other.mem_size > last.vaddr + max(last.mem_size, last.file_size) for other in loads):
        return f"has a segment that ends behind the last one, at {last.vaddr:#x}"
    return ""


def _interpreter(image: Image) -> str:
    """Why the kernel refuses PT_INTERP, "" if it does not: it is a path of 2 to 4096 bytes that ends in a zero byte."""
    segment = image.first(PT_INTERP)
    if segment is None:
        return ""
    if not 2 <= segment.file_size <= _LONGEST_PATH or segment.offset + segment.file_size > image.size:
        return f"has a PT_INTERP of {segment.file_size} bytes"
    if image.data[segment.offset + segment.file_size - 1]:
        return "has a PT_INTERP that does not end in a zero byte"
    return ""


def _check_flags(flags: int, system: TargetSystem) -> Iterator[Fault]:
    if flags & DF_1_PIE:
        later = system.everything & ~system.axis.before(_REFUSES_PIE)
        yield Fault("program-as-library", "is a position-independent program (DF_1_PIE)", later, "library")
    if flags & DF_1_NOOPEN:
        yield Fault("program-as-library", "is marked as not to be opened (DF_1_NOOPEN)", system.everything, "opened")
