"""Cases about tables: hashes, strings, sizes, relocations, thread-local storage, symbols, marks of the ABI."""

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
    PT_TLS,
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
from .workshop import BOTH, CannotMakeError, Workshop, run

LOADER = "/lib64/ld-linux-x86-64.so.2"
LINKERS = ("bfd", "gold", "lld", "mold")
USE = "int foo(void); int program(void) { return foo(); }\n"
USE_ALL = "int foo(void); extern int data; int *volatile pointer = &data; int program(void) { return foo() + *pointer; }\n"
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


def tables(shop: Workshop) -> None:
    """Dynamic entries that are absent or have other values."""
    changes = {
        "no_strsz": drop(STRSZ), "strsz_0": setting(STRSZ, 0), "strsz_1": setting(STRSZ, 1), "strsz_10": setting(STRSZ, 10), "strsz_huge": setting(STRSZ, 1 << 40),
        "strsz_less": adding(STRSZ, -4), "strsz_more": adding(STRSZ, 64), "no_syment": drop(SYMENT), "syment_16": setting(SYMENT, 16), "syment_0": setting(SYMENT, 0),
        "no_relaent": drop(RELAENT), "relaent_12": setting(RELAENT, 12), "relaent_0": setting(RELAENT, 0), "no_relasz": drop(RELASZ),
        "no_pltrel": drop(PLTREL), "pltrel_rel": setting(PLTREL, 17), "no_pltrelsz": drop(PLTRELSZ), "no_jmprel": drop(JMPREL), "no_rela": drop(RELA),
        "no_hash": drop(HASH), "no_gnu_hash": drop(GNU_HASH), "no_hashes": drop(HASH, GNU_HASH), "no_soname": drop(SONAME), "no_debug": drop(DEBUG),
        "no_strtab": drop(STRTAB), "no_symtab": drop(SYMTAB), "relacount": setting(0x6FFFFFF9, 9), "hash_and_gnu_same": lambda f: f.set_value(HASH, f.value(GNU_HASH)),
    }  # fmt: skip
    for (what, change), is_library, of_library, linker in product(changes.items(), BOTH, BOTH, ("bfd", "mold")):
        folder = shop.case("dynamic-entry", f"{what}-{linker}-{of_library:d}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", FOO, linker=linker)
        shop.main(folder, USE_ALL, ["-rpath=$ORIGIN/lib", library], is_library, linker)
        try:
            shop.patched(library if of_library else folder / "main", change)
        except LookupError:
            shop.drop_case()


def hash_styles(shop: Workshop) -> None:
    """The hash table that a linker writes, and none."""
    for linker, style, is_library, removed in product(LINKERS, ("gnu", "sysv", "both"), BOTH, ("none", "gnu", "sysv", "all")):
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


KNOWN = (*range(0, 20), 24, 25, 26, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 50, 51, 100, 200, 250, 255, 256, 4096, 0x10008)


def relocations(shop: Workshop) -> None:
    """Other types of relocations, with and without a symbol, in both tables."""
    for kind, is_library, table in product(KNOWN, BOTH, (RELA, JMPREL)):
        folder = shop.case("relocation-type", f"{kind:05}-{'rela' if table == RELA else 'jmprel'}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", FOO)
        shop.main(folder, "int foo(void); int program(void) { if (never) return foo(); return 0; }\nint one; int *volatile two = &one;\n", ["-rpath=$ORIGIN/lib", library], is_library)
        shop.patched(folder / "main", _relocation_type(table, kind))


def _relocation_type(table: int, kind: int) -> Change:
    def change(fields: Fields) -> None:
        at = fields.relocations(table)[-1]
        fields.put("I", at + 8, kind)

    return change


ACCESS = {
    "gd": "global-dynamic", "ie": "initial-exec", "ld": "local-dynamic",
}  # fmt: skip
VARIABLES = {
    "tls": "__thread int thing = 4;\n", "tls_zero": "__thread int thing;\n", "data": "int thing = 4;\n", "function": "int thing(void) { return 4; }\n",
    "absent": "int other;\n", "absolute": '__asm__(".globl thing\\n thing = 16");\n',
    "weak": "__attribute__((weak)) __thread int thing = 4;\n", "hidden": '__attribute__((visibility("hidden"))) __thread int thing = 4; int *use(void) { return &thing; }\n',
}  # fmt: skip


def thread_local(shop: Workshop) -> None:
    """References to thread-local variables, bound to what is none, and the reverse."""
    uses = {
        **{name: f'extern __attribute__((tls_model("{model}"))) __thread int thing; int program(void) {{ return never ? thing : 0; }}\n' for name, model in ACCESS.items() if name != "ld"},
        "weak": 'extern __attribute__((weak)) __thread int thing; int program(void) { return never ? thing : 0; }\n',
        "data": "extern int thing; int program(void) { return never ? thing : 0; }\n",
        "call": "extern int thing(void); int program(void) { return never ? thing() : 0; }\n",
    }  # fmt: skip
    stubs = {"data": "int thing = 4;\n", "call": "int thing(void) { return 4; }\n"}
    for (use, source), (what, theirs), is_library, versions in product(uses.items(), VARIABLES.items(), BOTH, ("", "V1 { thing; other; };")):
        folder = shop.case("thread-local", f"{use}-{what}-{bool(versions):d}-{is_library:d}", is_library)
        stub = shop.library(folder / "lib/libown.so", stubs.get(use, VARIABLES["tls"]), versions=versions)
        try:
            shop.main(folder, source, ["-rpath=$ORIGIN/lib", stub, LOADER], is_library)
            shop.library(folder / "lib/libown.so", theirs, versions=versions)
        except CannotMakeError:
            shop.drop_case()
    for what, is_library in product(("no_segment", "align_0", "align_3", "memsz_0", "filesz_more", "align_huge"), BOTH):
        folder = shop.case("thread-local", f"segment-{what}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", VARIABLES["tls"])
        shop.main(folder, uses["gd"], ["-rpath=$ORIGIN/lib", library, LOADER], is_library)
        shop.patched(library, _tls_segment(what))


def _tls_segment(what: str) -> Change:
    def change(fields: Fields) -> None:
        at = fields.headers(PT_TLS)[0]
        if what == "no_segment":
            fields.put("I", at, 0x6FFF1234)
        elif what == "memsz_0":
            fields.put("QQ", at + 32, 0, 0)
        elif what == "filesz_more":
            fields.put("Q", at + 32, 0x20)
        else:
            fields.put("Q", at + 48, {"align_0": 0, "align_3": 3, "align_huge": 1 << 16}[what])

    return change


def symbols(shop: Workshop) -> None:
    """Bindings, types, visibilities, sections and values of the library's symbol."""
    fields_of = {
        **{f"bind_{bind}": (4, "B", bind << 4 | 2) for bind in (0, 1, 2, 3, 10, 13)},
        **{f"type_{kind}": (4, "B", 1 << 4 | kind) for kind in (0, 1, 2, 3, 4, 5, 6, 7, 13)},
        **{f"visibility_{visibility}": (5, "B", visibility) for visibility in (0, 1, 2, 3)},
        **{f"section_{section:x}": (6, "H", section) for section in (0, 1, 0xFFF1, 0xFFF2, 0xFF20)},
        "value_0": (8, "Q", 0), "size_0": (16, "Q", 0), "other_bits": (5, "B", 0x80), "name_0": (0, "I", 0), "name_far": (0, "I", 1 << 28),
    }  # fmt: skip
    for (what, (place, layout, value)), is_library, style, versions in product(fields_of.items(), BOTH, ("gnu", "sysv"), ("", "V1 { foo; data; };")):
        folder = shop.case("symbol", f"{what}-{style}-{bool(versions):d}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", FOO, [f"--hash-style={style}"], versions=versions)
        shop.main(folder, "int foo(void); int program(void) { return never ? foo() : 0; }\n", ["-rpath=$ORIGIN/lib", library], is_library)
        shop.patched(library, _symbol_field(place, layout, value))


def _symbol_field(place: int, layout: str, value: int) -> Change:
    return lambda fields: fields.put(layout, fields.symbol_at("foo") + place, value)


def indirect_access(shop: Workshop) -> None:
    """Copies and addresses of protected symbols, with and without the mark of indirect access."""
    uses = {
        "copy": "extern int data; int program(void) { return never ? data : 0; }\n",
        "address": "int foo(void); int (*volatile pointer)(void) = foo; int program(void) { return never ? pointer() : 0; }\n",
        "compare": "int foo(void); int program(void) { return (void *)foo == (void *)&never; }\n",
        "call": USE,
    }
    for (use, source), protected, marked, pie, versions in product(uses.items(), BOTH, BOTH, BOTH, ("", "V1 { foo; data; };")):
        folder = shop.case("indirect-access", f"{use}-{protected:d}-{marked:d}-{pie:d}-{bool(versions):d}", False)
        visibility = '__attribute__((visibility("protected"))) ' if protected else ""
        library = folder / "lib/libown.so"
        plain = f"int data = 4; int foo(void) {{ return data; }}\n"
        stub = shop.library(library, plain, versions=versions)
        try:
            shop.program(folder / "main", source, ["-rpath=$ORIGIN/lib", stub], pie=pie, flags=("-mno-direct-extern-access",) if marked and pie else ())
        except CannotMakeError:
            shop.drop_case()
            continue
        text = shop.compiled(f"{visibility}int data = 4; {visibility}int foo(void) {{ return data; }}\n", ("-fPIC", *(("-mno-direct-extern-access",) if marked else ())))
        script: list[str | Path] = [f"--version-script={shop.parts}/indirect.ver"] if versions else []
        (shop.parts / "indirect.ver").write_text(versions)
        shop.link(library, [text], ["-shared", "-soname=libown.so", *script], "bfd")


def packed_relocations(shop: Workshop) -> None:
    """DT_RELR, with and without its version node."""
    source = "static int x; int *volatile table[64] = {" + "&x," * 64 + "};\nint program(void) { return *table[3]; }\n"
    options = {"lld": ("--pack-dyn-relocs=relr",), "bfd": ("-z", "pack-relative-relocs"), "mold": ("--pack-dyn-relocs=relr",)}
    for (linker, option), is_library, needs_libc in product(options.items(), BOTH, BOTH):
        folder = shop.case("packed-relocations", f"{linker}-{needs_libc:d}-{is_library:d}", is_library)
        libc: list[str | Path] = ["/lib/x86_64-linux-gnu/libc.so.6"] if needs_libc else []
        if is_library:
            shop.library(folder / "main", source + ("extern long write(); long w(void) { return write(); }\n" if needs_libc else ""), [*option, *libc], soname="", linker=linker)
        elif needs_libc:
            shop.program(folder / "main", source, option, linker=linker)
        else:
            shop.drop_case()


def weak_references(shop: Workshop) -> None:
    """Strong and weak references that nothing defines."""
    for weak, how, is_library, linker in product(BOTH, ("call", "address", "data"), BOTH, LINKERS):
        folder = shop.case("undefined", f"{weak:d}-{how}-{linker}-{is_library:d}", is_library)
        attribute = "__attribute__((weak)) " if weak else ""
        source = {
            "call": f"extern {attribute}int nowhere(void); int program(void) {{ return never ? nowhere() : 0; }}\n",
            "address": f"extern {attribute}int nowhere(void); void *volatile at = nowhere; int program(void) {{ return 0; }}\n",
            "data": f"extern {attribute}int nowhere; int *volatile at = &nowhere; int program(void) {{ return 0; }}\n",
        }[how]
        try:
            shop.main(folder, source, ["--unresolved-symbols=ignore-all"], is_library, linker)
        except CannotMakeError:
            shop.drop_case()
    for is_library, strip in product(BOTH, BOTH):
        folder = shop.case("undefined", f"stripped-{strip:d}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", FOO)
        shop.main(folder, USE_ALL, ["-rpath=$ORIGIN/lib", library], is_library)
        shop.library(folder / "lib/libown.so", "int foo(void) { return 1; }\n")
        if strip:
            run("strip", folder / "main")


DRAWS = (
    tables, hash_styles, relocations, thread_local, symbols, indirect_access, packed_relocations, weak_references,
)  # fmt: skip
