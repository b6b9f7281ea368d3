"""Cases about tables: hashes, strings, sizes, relocations, packed relocations."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from .fields import (
    DEBUG,
    GNU_HASH,
    HASH,
    JMPREL,
    PLTREL,
    PLTRELSZ,
    RELA,
    RELAENT,
    RELASZ,
    SONAME,
    STRSZ,
    STRTAB,
    SYMENT,
    SYMTAB,
    Change,
    Fields,
)
from .workshop import BOTH, Workshop

LINKERS = ("bfd", "gold", "lld", "mold")
USE = "int foo(void); int program(void) { return foo(); }\n"
USE_ALL = (
    "int foo(void); extern int data; int *volatile pointer = &data; int program(void) { return foo() + *pointer; }\n"
)
FOO = "int data = 1; int *volatile pointer = &data; int foo(void) { return *pointer; }\n"


def drop(*tags: int) -> Change:
    """Make dynamic entries unknown; those that are absent stay so."""

    def change(fields: Fields) -> None:
        for tag in tags:
            if any(found == tag for _at, found, _value in fields.entries()):
                fields.drop(tag)

    return change


def setting(tag: int, value: int) -> Change:
    """Set the value of a dynamic entry."""
    return lambda fields: fields.set_value(tag, value)


def adding(tag: int, value: int) -> Change:
    """Add to the value of a dynamic entry."""
    return lambda fields: fields.set_value(tag, fields.value(tag) + value)


CHANGES: dict[str, Change] = {
    "no_strsz": drop(STRSZ),
    "strsz_0": setting(STRSZ, 0),
    "strsz_1": setting(STRSZ, 1),
    "strsz_10": setting(STRSZ, 10),
    "strsz_huge": setting(STRSZ, 1 << 40),
    "strsz_less": adding(STRSZ, -4),
    "strsz_more": adding(STRSZ, 64),
    "no_syment": drop(SYMENT),
    "syment_16": setting(SYMENT, 16),
    "syment_0": setting(SYMENT, 0),
    "no_relaent": drop(RELAENT),
    "relaent_12": setting(RELAENT, 12),
    "relaent_0": setting(RELAENT, 0),
    "no_relasz": drop(RELASZ),
    "no_pltrel": drop(PLTREL),
    "pltrel_rel": setting(PLTREL, 17),
    "no_pltrelsz": drop(PLTRELSZ),
    "no_jmprel": drop(JMPREL),
    "no_rela": drop(RELA),
    "no_hash": drop(HASH),
    "no_gnu_hash": drop(GNU_HASH),
    "no_hashes": drop(HASH, GNU_HASH),
    "no_soname": drop(SONAME),
    "no_debug": drop(DEBUG),
    "no_strtab": drop(STRTAB),
    "no_symtab": drop(SYMTAB),
    "relacount": setting(0x6FFFFFF9, 9),
    "hash_and_gnu_same": lambda f: f.set_value(HASH, f.value(GNU_HASH)),
}
"""Changes of the dynamic section, for any file."""


def tables(shop: Workshop) -> None:
    """Dynamic entries that are absent or have other values."""
    for (what, change), is_library, of_library, linker in product(CHANGES.items(), BOTH, BOTH, ("bfd", "mold")):
        folder = shop.case("dynamic-entry", f"{what}-{linker}-{of_library:d}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", FOO, linker=linker)
        shop.main(folder, USE_ALL, ["-rpath=$ORIGIN/lib", library], is_library, linker)
        try:
            shop.patched(library if of_library else folder / "main", change)
        except LookupError:
            shop.drop_case()


def hash_styles(shop: Workshop) -> None:
    """The hash table that a linker writes, and none."""
    for linker, style, is_library, removed in product(
        LINKERS, ("gnu", "sysv", "both"), BOTH, ("none", "gnu", "sysv", "all")
    ):
        folder = shop.case("hash-table", f"{linker}-{style}-{removed}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", FOO, [f"--hash-style={style}"], linker=linker)
        shop.main(folder, USE_ALL, ["-rpath=$ORIGIN/lib", library], is_library)
        tags = {"none": (), "gnu": (GNU_HASH,), "sysv": (HASH,), "all": (HASH, GNU_HASH)}[removed]
        shop.patched(library, drop(*tags))
    for what, is_library in product(("shift", "buckets", "bloom"), BOTH):
        folder = shop.case("hash-table", f"broken-{what}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", FOO)
        shop.main(folder, USE_ALL, ["-rpath=$ORIGIN/lib", library], is_library)
        shop.patched(library, _hash_word({"buckets": 0, "bloom": 8, "shift": 12}[what], 0))


def _hash_word(place: int, value: int) -> Change:
    return lambda fields: fields.put("I", fields.offset(fields.value(GNU_HASH)) + place, value)


KNOWN = (
    *range(0, 20),
    24,
    25,
    26,
    31,
    32,
    33,
    34,
    35,
    36,
    37,
    38,
    39,
    40,
    41,
    42,
    43,
    50,
    51,
    100,
    200,
    250,
    255,
    256,
    4096,
    0x10008,
)


NAMING = (
    "int foo(void); int program(void) { if (never) return foo(); return 0; }\n"
    "int one; int *volatile two = &one;\n"
)  # fmt: skip


def relocations(shop: Workshop) -> None:
    """Other types of relocations, with and without a symbol, in both tables."""
    for kind, is_library, table in product(KNOWN, BOTH, (RELA, JMPREL)):
        folder = shop.case(
            "relocation-type", f"{kind:05}-{'rela' if table == RELA else 'jmprel'}-{is_library:d}", is_library
        )
        library = shop.library(folder / "lib/libown.so", FOO)
        shop.main(
            folder,
            NAMING,
            ["-rpath=$ORIGIN/lib", library],
            is_library,
        )
        shop.patched(folder / "main", _relocation_type(table, kind))


def _relocation_type(table: int, kind: int) -> Change:
    def change(fields: Fields) -> None:
        at = fields.relocations(table)[-1]
        fields.put("I", at + 8, kind)

    return change


def packed_relocations(shop: Workshop) -> None:
    """DT_RELR, with and without its version node."""
    source = "static int x; int *volatile table[64] = {" + "&x," * 64 + "};\nint program(void) { return *table[3]; }\n"
    options = {
        "lld": ("--pack-dyn-relocs=relr",),
        "bfd": ("-z", "pack-relative-relocs"),
        "mold": ("--pack-dyn-relocs=relr",),
    }
    for (linker, option), is_library, needs_libc in product(options.items(), BOTH, BOTH):
        folder = shop.case("packed-relocations", f"{linker}-{needs_libc:d}-{is_library:d}", is_library)
        libc: list[str | Path] = ["/lib/x86_64-linux-gnu/libc.so.6"] if needs_libc else []
        if is_library:
            shop.library(
                folder / "main",
                source + ("extern long write(); long w(void) { return write(); }\n" if needs_libc else ""),
                [*option, *libc],
                soname="",
                linker=linker,
            )
        elif needs_libc:
            shop.program(folder / "main", source, option, linker=linker)
        else:
            shop.drop_case()


DRAWS = (tables, hash_styles, relocations, packed_relocations)
