"""Broken files, made of real ones by random changes; and what the verifier promises for every such file."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.hash_table import HashTable, has_hash_table
from symver_pin.elf.image import Content, Image
from symver_pin.elf.notes import required_kernel_and_level
from symver_pin.elf.relocations import read_relocations, unreferenced_symbols
from symver_pin.errors import ElfError
from symver_pin.verifier import verify

#: No file may take longer, in seconds; a small sound one takes a thousandth of it.
LIMIT = 2.0
#: Values that go wrong as sizes, counts, offsets and addresses.
WRONG = (0, 1, 2, 0x7FFF, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63, 2**64 - 1)


def mutated(data: bytes, seed: int) -> bytes:
    """A changed copy: some bytes and words, copied parts, a cut; most changes are in the headers, the dynamic section
    and the tables.
    """
    chance = random.Random(seed)
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16, 64))):
        place = chance.choice(
            (chance.randrange(64), chance.randrange(0x1000), chance.randrange(len(out)), _dynamic_place(data, chance))
        )
        place = min(place, len(out) - 1)
        kind = chance.randrange(7)
        if kind < 2:
            out[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        elif kind < 5:
            width = chance.choice((2, 4, 8))
            value = chance.choice((*WRONG, len(out), len(out) - 8, chance.randrange(len(out)))) % (1 << width * 8)
            place -= place % width
            out[place : place + width] = value.to_bytes(width, "little")[: len(out) - place]
        elif kind == 5:
            size, other = chance.randrange(1, 64), chance.randrange(len(out))
            out[place : place + size] = out[other : other + size].ljust(size, b"\0")
            del out[len(data) :]
        elif chance.random() < 0.2 and len(out) > 100:
            del out[chance.randrange(64, len(out)) :]
    return bytes(out)


def _dynamic_place(data: bytes, chance: random.Random) -> int:
    """A place in the dynamic section, where one change moves a whole table."""
    segment = Image(data, "whole").first(2)
    return segment.offset + chance.randrange(max(1, segment.file_size)) if segment is not None else 0


def read_everything(data: bytes) -> None:
    """All that the reader can read. Raises ElfError, or nothing."""
    image = Image(data, "mutated")
    dynamic = Dynamic(image)
    _ = image.interpreter, required_kernel_and_level(image)
    _ = dynamic.needed, dynamic.soname, dynamic.needs, dynamic.definitions
    _ = dynamic.imported_names, dynamic.exported_names, dynamic.imports_with(), list(read_relocations(dynamic))
    _ = unreferenced_symbols(dynamic, dynamic.import_numbers), dynamic.unreferenced_names()
    if has_hash_table(dynamic):
        _ = HashTable(dynamic).find([b"puts"])
    _ = dynamic.symbols


def check_hostile_files(files: Sequence[bytes]) -> None:
    """Check that each of some hostile files gets a verdict or one clear line of error, in bounded time."""
    started = time.monotonic()
    for data in files:
        try:
            read_everything(data)
        except ElfError as error:
            assert "\n" not in str(error).replace("\\n", "")
    given = [Content(f"file{number}", data) for number, data in enumerate(files)]
    report = verify(given, "2.19", jobs=1, callers=True)
    # data that a file carries behind its end has a verdict of its own, under the name of the file
    assert list(dict.fromkeys(file.path.partition("!/")[0] for file in report.files)) == [each.name for each in given]
    for file in report.files:
        assert (file.error is not None) == (file.verdict == "error")
    assert report.exit_status == (2 if report.errors else int(any(file.verdict == "fails" for file in report.files)))
    assert time.monotonic() - started < LIMIT * len(files)
