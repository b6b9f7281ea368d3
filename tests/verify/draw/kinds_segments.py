"""Cases about what is mapped: segments and their alignment, ELF header, interpreter, flags."""

from __future__ import annotations

from itertools import product

from .fields import FLAGS, FLAGS_1, PT_INTERP, PT_LOAD, Change, Fields
from .workshop import BOTH, INTERPRETER, CannotMakeError, Workshop, run

PLAIN = "int data = 3; int *volatile pointer = &data; int program(void) { return *pointer - 3; }\n"
USE = "int foo(void); int program(void) { return foo(); }\n"
FOO = "int data = 1; int *volatile pointer = &data; int foo(void) { return *pointer; }\n"
LINKERS = ("bfd", "gold", "lld", "mold")
_OFFSET, _VADDR, _PADDR, _FILESZ, _MEMSZ, _ALIGN = 8, 16, 24, 32, 40, 48


def load(which: int, field: int, value: int, add: bool = False) -> Change:
    """Change a field of one of the PT_LOAD headers."""

    def change(fields: Fields) -> None:
        at = fields.headers(PT_LOAD)[which] + field
        fields.put("Q", at, (fields.get("Q", at)[0] if add else 0) + value & 0xFFFFFFFFFFFFFFFF)

    return change


def every_load(field: int, value: int) -> Change:
    """Change a field of all PT_LOAD headers."""

    def change(fields: Fields) -> None:
        for at in fields.headers(PT_LOAD):
            fields.put("Q", at + field, value)

    return change


def _swap(one: int, other: int) -> Change:
    def change(fields: Fields) -> None:
        first, second = (fields.headers(PT_LOAD)[which] for which in (one, other))
        fields.data[first : first + 56], fields.data[second : second + 56] = (
            fields.data[second : second + 56],
            fields.data[first : first + 56],
        )

    return change


def segments(shop: Workshop) -> None:
    """Changed program headers."""
    aligns = (
        0,
        1,
        2,
        3,
        4,
        8,
        16,
        0x200,
        0x800,
        0xFFF,
        0x1000,
        0x1001,
        0x1800,
        0x2000,
        0x3000,
        0x4000,
        0x10000,
        0x200000,
        1 << 30,
    )
    changes: dict[str, Change] = {f"align_{value:x}": every_load(_ALIGN, value) for value in aligns}
    changes |= {
        f"align_{which}_{value:x}": load(which, _ALIGN, value)
        for which in (0, 1, -1)
        for value in (0, 1, 8, 0x3000, 0x2000, 0x10000)
    }
    changes |= {
        f"{label}_{which}_{value:+x}": load(which, field, value, add=True)
        for which in (0, 1, -1)
        for label, field, value in (
            ("offset", _OFFSET, 0x800),
            ("offset", _OFFSET, 0x10),
            ("offset", _OFFSET, -0x1000),
            ("paddr", _PADDR, 0x123),
            ("filesz", _FILESZ, 0x1000),
            ("filesz", _FILESZ, 0x100000),
            ("memsz", _MEMSZ, 0x1000),
            ("memsz", _MEMSZ, 0x10000),
        )
    }
    changes |= {
        f"memsz_{which}_{value:x}": load(which, _MEMSZ, value) for which in (0, 1, -1) for value in (0, 1, 0x10)
    }
    changes |= {"swap_0_1": _swap(0, 1), "swap_1_2": _swap(1, 2), "swap_last": _swap(-1, -2)}
    for (what, change), is_library, layout in product(changes.items(), BOTH, ("separate-code", "noseparate-code")):
        folder = shop.case("segment", f"{what}-{layout[:2]}-{is_library:d}", is_library)
        shop.main(folder, PLAIN, ["-z", layout], is_library)
        try:
            shop.patched(folder / "main", change)
        except IndexError:
            shop.drop_case()


def page_sizes(shop: Workshop) -> None:
    """Linkers' options about pages; strip and patchelf afterwards."""
    options = (
        *(("-z", f"max-page-size={size}") for size in (16, 256, 512, 1024, 2048, 4096, 8192, 0x10000, 0x200000)),
        ("-z", "max-page-size=1024", "-z", "common-page-size=1024"),
        ("-n",),
        ("-N",),
        ("-z", "norelro"),
        ("-z", "relro"),
        ("-z", "noseparate-code"),
        ("-z", "separate-loadable-segments"),
        ("-z", "common-page-size=512"),
        ("-n", "-z", "norelro"),
        ("-z", "max-page-size=0x10000", "-z", "noseparate-code"),
        ("--omagic",),
        ("-z", "nognustack"),
        ("-Ttext-segment=0x7000",),
        ("-z", "max-page-size=1024", "-z", "noseparate-code"),
        ("-z", "max-page-size=2048", "-z", "norelro"),
    )
    for option, linker, shape in product(options, LINKERS, ("pie", "fixed", "library")):
        name = "_".join(option).replace("=", "").strip("-")
        folder = shop.case("page-size", f"{name}-{linker}-{shape}", shape == "library")
        try:
            if shape == "library":
                shop.library(folder / "main", PLAIN, option, soname="", linker=linker)
            else:
                shop.program(folder / "main", PLAIN, option, pie=shape == "pie", linker=linker)
        except CannotMakeError:
            shop.drop_case()


def tools(shop: Workshop) -> None:
    """strip, objcopy and patchelf, in sequences."""
    long = "$ORIGIN/" + "x" * 2500 + ":$ORIGIN/lib"
    sequences = {
        "strip": (("strip",),),
        "strip_all": (("strip", "--strip-all"),),
        "strip_unneeded": (("strip", "--strip-unneeded"),),
        "rpath_strip": (("patchelf", "--set-rpath", long), ("strip",)),
        "strip_rpath": (("strip",), ("patchelf", "--set-rpath", long)),
        "rpath_strip_rpath": (
            ("patchelf", "--set-rpath", long),
            ("strip",),
            ("patchelf", "--set-rpath", "$ORIGIN/lib"),
        ),
        "interpreter": (("patchelf", "--set-interpreter", INTERPRETER),),
        "interpreter_long": (("patchelf", "--set-interpreter", "/" * 300 + INTERPRETER[1:]),),
        "soname_strip": (("patchelf", "--set-soname", "lib" + "s" * 300 + ".so"), ("strip",)),
        "needed_strip": (("patchelf", "--add-needed", "libm.so.6"), ("strip",)),
        "objcopy": (("objcopy",),),
        "keep_debug": (("objcopy", "--only-keep-debug"),),
        "sections": (("objcopy", "--strip-all", "--remove-section=.comment"),),
        "no_dynsym": (("objcopy", "--remove-section=.gnu.version"),),
        "no_version_r": (("objcopy", "--remove-section=.gnu.version_r"),),
        "no_hash": (("objcopy", "--remove-section=.hash"),),
        "no_gnu_hash": (("objcopy", "--remove-section=.gnu.hash"),),
        "objcopy_page": (("objcopy", "--set-section-alignment", ".data=65536"),),
        "debug": (("strip", "--only-keep-debug"),),
        "rpath_twice": (
            ("patchelf", "--set-rpath", long),
            ("patchelf", "--set-rpath", long + ":" + "z" * 3000),
            ("strip",),
        ),
        "rpath_page": (("patchelf", "--page-size", "16384", "--set-rpath", long), ("strip",)),
    }
    for (what, sequence), linker, is_library in product(sequences.items(), LINKERS, BOTH):
        folder = shop.case("strip-objcopy", f"{what}-{linker}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", FOO)
        shop.main(folder, USE, ["-rpath=$ORIGIN/lib", library], is_library, linker)
        try:
            for command in sequence:
                run(*command, folder / "main")
        except CannotMakeError:
            shop.drop_case()


def headers(shop: Workshop) -> None:
    """Changed ELF headers."""
    changes = {
        "ident_version": (6, "B", 0),
        "osabi_gnu": (7, "B", 3),
        "osabi_freebsd": (7, "B", 9),
        "abiversion_1": (8, "B", 1),
        "abiversion_9": (8, "B", 9),
        "padding": (9, "B", 1),
        "padding_last": (15, "B", 1),
        "type_exec": (16, "H", 2),
        "type_dyn": (16, "H", 3),
        "type_core": (16, "H", 4),
        "machine": (18, "H", 3),
        "version_0": (20, "I", 0),
        "version_2": (20, "I", 2),
        "flags": (48, "I", 1),
        "ehsize": (52, "H", 0),
        "phentsize": (54, "H", 57),
        "phnum_0": (56, "H", 0),
        "shoff": (40, "Q", 0xFFFFFFFF),
        "shentsize": (58, "H", 1),
        "shnum": (60, "H", 0xFFFF),
        "shstrndx": (62, "H", 0xFFFF),
        "phoff": (32, "Q", 0xFFFFFFF),
        "entry_0": (24, "Q", 0),
    }
    for (what, (place, layout, value)), is_library, of_library in product(changes.items(), BOTH, BOTH):
        if what == "entry_0" and not (is_library or of_library):
            continue
        folder = shop.case("elf-header", f"{what}-{of_library:d}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", FOO)
        shop.main(folder, USE, ["-rpath=$ORIGIN/lib", library], is_library)
        shop.patched(library if of_library else folder / "main", _header(place, layout, value))


def _header(place: int, layout: str, value: int) -> Change:
    return lambda fields: fields.put(layout, place, value)


def interpreters(shop: Workshop) -> None:
    """The path in PT_INTERP."""
    paths = (
        "//lib64//ld-linux-x86-64.so.2",
        "/lib64/../lib64/ld-linux-x86-64.so.2",
        "/lib64/./ld-linux-x86-64.so.2",
        "lib64/ld-linux-x86-64.so.2",
        "/lib/../lib64/ld-linux-x86-64.so.2",
        "/lib64/ld-linux-x86-64.so.2/",
        "/lib64/ld-linux-x86-64.so.3",
        "/lib/ld-musl-x86_64.so.1",
        "",
        "/lib/ld-linux-x86-64.so.2",
        "/nowhere/../lib64/ld-linux-x86-64.so.2",
        "/lib64/ld-linux-x86-64.so.2 ",
        "./ld-linux-x86-64.so.2",
        "/lib64/none/../ld-linux-x86-64.so.2",
        "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
        "/./lib64/ld-linux-x86-64.so.2",
    )
    for number, path in enumerate(paths):
        for linker in LINKERS:
            folder = shop.case("interpreter", f"{number:02}-{linker}", False)
            try:
                shop.program(folder / "main", PLAIN, [f"--dynamic-linker={path}"], linker=linker)
            except CannotMakeError:
                shop.drop_case()

    def size(value: int) -> Change:
        def change(fields: Fields) -> None:
            at = fields.headers(PT_INTERP)[0] + _FILESZ
            fields.put("Q", at, fields.get("Q", at)[0] + value if value < 9 else value)

        return change

    for (what, change), linker in product(
        {"no_zero": size(-1), "shorter": size(-2), "one_more": size(1), "long": size(5000), "tiny": size(-27)}.items(),
        LINKERS,
    ):
        folder = shop.case("interpreter", f"{what}-{linker}", False)
        shop.program(folder / "main", PLAIN, linker=linker)
        shop.patched(folder / "main", change)


def flags(shop: Workshop) -> None:
    """Each bit of DT_FLAGS and DT_FLAGS_1, in the main file and in its library; programs as libraries."""
    for tag, label, bits in ((FLAGS, "flags", 5), (FLAGS_1, "flags_1", 31)):
        for bit, is_library, of_library in product(range(bits), BOTH, BOTH):
            folder = shop.case("flag", f"{label}-{bit:02}-{of_library:d}-{is_library:d}", is_library)
            library = shop.library(folder / "lib/libown.so", FOO)
            shop.main(folder, USE, ["-rpath=$ORIGIN/lib", library], is_library)
            shop.patched(library if of_library else folder / "main", _with_flag(tag, 1 << bit))
    for linker, pie, is_library, marked, interpreter in product(LINKERS, BOTH, BOTH, BOTH, BOTH):
        folder = shop.case(
            "program-as-library", f"{linker}-{pie:d}-{marked:d}-{interpreter:d}-{is_library:d}", is_library
        )
        stub = shop.library(folder / "lib/libown.so", FOO)
        shop.main(folder, USE, ["-rpath=$ORIGIN/lib", stub], is_library)
        options = ["--export-dynamic", *([] if interpreter else ["--no-dynamic-linker"])]
        try:
            shop.program(stub, PLAIN + "int foo(void) { return 1; }\n", options, linker=linker, pie=pie)
        except CannotMakeError:
            shop.drop_case()
            continue
        if pie:
            shop.patched(stub, _with_flag(FLAGS_1, 0x08000000) if marked else _with_flag(FLAGS_1, 0))


def _with_flag(tag: int, value: int) -> Change:
    def change(fields: Fields) -> None:
        try:
            fields.set_value(tag, value)
        except LookupError:
            fields.add(tag, value)

    return change


DRAWS = (segments, page_sizes, tools, headers, interpreters, flags)
