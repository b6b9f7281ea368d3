"""Cases about symbol versions: records of VERNEED and VERDEF, version indexes, and the order of libraries."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from .fields import (
    NEEDED,
    VERDEF,
    VERDEFNUM,
    VERNEED,
    VERNEEDNUM,
    VERSYM,
    Change,
    Fields,
    definition_of,
    need_of,
)
from .workshop import BOTH, CannotMakeError, Workshop, run

USE = "int foo(void), bar(void); int program(void) { return foo() + bar(); }\n"
OWN = "int foo(void) { return 1; }\nint bar(void) { return 2; }\nint baz(void) { return 3; }\n"
V1_V2 = "V1 { global: foo; local: *; }; V2 { global: bar; baz; } V1;"


def on_need(version: str, place: int, layout: str, value: int, parent: bool = False) -> Change:
    """Change a field of the VERNEED record of a version; ``parent``: of the library's record."""

    def change(fields: Fields) -> None:
        record = need_of(fields, version)
        fields.put(layout, (record.parent if parent else record.at) + place, value)

    return change


def on_definition(version: str, place: int, layout: str, value: int) -> Change:
    """Change a field of a VERDEF record."""
    return lambda fields: fields.put(layout, definition_of(fields, version) + place, value)


def versym(name: str, value: int) -> Change:
    """Change the version index of a symbol."""
    return lambda fields: fields.put("H", fields.versym_at(name), value)


def drop(*tags: int) -> Change:
    """Make dynamic entries unknown."""

    def change(fields: Fields) -> None:
        for tag in tags:
            fields.drop(tag)

    return change


def setting(tag: int, value: int) -> Change:
    """Set the value of a dynamic entry."""
    return lambda fields: fields.set_value(tag, value)


def renaming(old: str, new: str) -> Change:
    """Overwrite a string."""
    return lambda fields: fields.rename(old, new)


def of_main(version: str, name: str) -> dict[str, Change]:
    """Changes of a file that needs a symbol's version."""
    return {
        "none": lambda fields: None,
        "hash": on_need(version, 0, "I", 12345),
        "hash_zero": on_need(version, 0, "I", 0),
        "weak": on_need(version, 4, "H", 2),
        "flags": on_need(version, 4, "H", 0xFFFD),
        "index_high": on_need(version, 6, "H", 40),
        "index_one": on_need(version, 6, "H", 1),
        "index_zero": on_need(version, 6, "H", 0),
        "index_hidden": lambda fields: fields.put(
            "H", need_of(fields, version).at + 6, fields.get("H", need_of(fields, version).at + 6)[0] | 0x8000
        ),
        "record_version_2": on_need(version, 0, "H", 2, parent=True),
        "record_version_0": on_need(version, 0, "H", 0, parent=True),
        "count_0": on_need(version, 2, "H", 0, parent=True),
        "count_9": on_need(version, 2, "H", 9, parent=True),
        "next_0": on_need(version, 12, "I", 0, parent=True),
        "aux_next_0": on_need(version, 12, "I", 0),
        "number_0": setting(VERNEEDNUM, 0),
        "number_1": setting(VERNEEDNUM, 1),
        "number_9": setting(VERNEEDNUM, 9),
        "no_number": drop(VERNEEDNUM),
        "no_verneed": drop(VERNEED),
        "no_verneed_number": drop(VERNEED, VERNEEDNUM),
        "no_versym": drop(VERSYM),
        "no_versions": drop(VERNEED, VERNEEDNUM, VERSYM),
        "versym_0": versym(name, 0),
        "versym_1": versym(name, 1),
        "versym_hidden_1": versym(name, 0x8001),
        "versym_9": versym(name, 9),
        "versym_300": versym(name, 300),
        "versym_7fff": versym(name, 0x7FFF),
        "versym_hidden": lambda fields: fields.put(
            "H", fields.versym_at(name), fields.get("H", fields.versym_at(name))[0] | 0x8000
        ),
        "other_file": lambda fields: fields.put("I", need_of(fields, version).parent + 4, fields.text_at(name)),
    }


def _renamed_with_hash(fields: Fields) -> None:
    on_definition("V1", 8, "I", 0x5A1)(fields)  # the hash of W1
    fields.rename("V1", "W1")


OF_LIBRARY: dict[str, Change] = {
    "hash": on_definition("V1", 8, "I", 12345),
    "record_version_2": on_definition("V1", 0, "H", 2),
    "record_version_0": on_definition("V1", 0, "H", 0),
    "base_record_version_2": lambda fields: fields.put("H", fields.offset(fields.value(VERDEF)), 2),
    "flag_base": on_definition("V1", 2, "H", 1),
    "flag_weak": on_definition("V1", 2, "H", 2),
    "index_9": on_definition("V1", 4, "H", 9),
    "index_3": on_definition("V1", 4, "H", 3),
    "index_1": on_definition("V1", 4, "H", 1),
    "count_0": on_definition("V1", 6, "H", 0),
    "next_0": on_definition("V1", 16, "I", 0),
    "number_0": setting(VERDEFNUM, 0),
    "number_1": setting(VERDEFNUM, 1),
    "number_9": setting(VERDEFNUM, 9),
    "no_number": drop(VERDEFNUM),
    "no_verdef": drop(VERDEF),
    "no_verdef_number": drop(VERDEF, VERDEFNUM),
    "no_versym": drop(VERSYM),
    "no_versions": drop(VERDEF, VERDEFNUM, VERSYM),
    "versym_0": versym("foo", 0),
    "versym_1": versym("foo", 1),
    "versym_hidden_1": versym("foo", 0x8001),
    "versym_hidden_2": versym("foo", 0x8002),
    "versym_3": versym("foo", 3),
    "versym_9": versym("foo", 9),
    "versym_hidden_9": versym("foo", 0x8009),
    "renamed": renaming("V1", "W1"),
    "renamed_with_hash": _renamed_with_hash,
}


def records(shop: Workshop) -> None:
    """Changed records, of the main file and of its library."""
    for linker, is_library in product(("bfd", "gold", "lld", "mold"), BOTH):
        for version, name, which in (("V1", "foo", "own"), ("GLIBC_2.2.5", "write", "libc")):
            for what, change in of_main(version, name).items():
                if which == "libc" and (linker != "bfd" or is_library):
                    continue
                folder = shop.case("version-need", f"{which}-{linker}-{what}-{is_library:d}", is_library)
                library = shop.library(folder / "lib/libown.so", OWN, versions=V1_V2)
                shop.main(folder, USE, ["-rpath=$ORIGIN/lib", library], is_library, linker)
                shop.patched(folder / "main", change)
        for what, change in OF_LIBRARY.items():
            folder = shop.case("version-definition", f"{linker}-{what}-{is_library:d}", is_library)
            library = shop.library(folder / "lib/libown.so", OWN, versions=V1_V2, linker=linker)
            shop.main(folder, USE, ["-rpath=$ORIGIN/lib", library], is_library)
            shop.patched(library, change)


def unversioned(shop: Workshop) -> None:
    """References without a version to libraries with some, and the reverse."""
    scripts = {
        "none": "", "V1": "V1 { foo; bar; baz; };", "V1_V2": V1_V2, "V2_V1": "V2 { foo; }; V1 { bar; baz; } V2;",
        "V3": "V0 { nothing; }; V3 { foo; bar; baz; } V0;", "late": "A { }; B { } A; C { foo; bar; baz; } B;",
    }  # fmt: skip
    for (linked, one), (loaded, other), is_library in product(scripts.items(), scripts.items(), BOTH):
        folder = shop.case("version-changed", f"{linked}-{loaded}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", OWN, versions=one)
        shop.main(folder, USE, ["-rpath=$ORIGIN/lib", library], is_library)
        shop.library(folder / "lib/libown.so", OWN, versions=other)
    compat = '__asm__(".symver old_foo, foo@V1\\n");\nint old_foo(void) { return 1; }\nint bar(void) { return 2; }\n'
    default = (
        '__asm__(".symver old_foo, foo@V1\\n .symver new_foo, foo@@V2\\n");\n'
        + compat.partition("\n")[2]
        + "int new_foo(void) { return 3; }\n"
    )
    hidden_two = (
        '__asm__(".symver old_foo, foo@V1\\n .symver new_foo, foo@V2\\n");\n'
        + compat.partition("\n")[2]
        + "int new_foo(void) { return 3; }\n"
    )
    for (what, source), with_versions, is_library in product(
        (("compat", compat), ("default", default), ("hidden_two", hidden_two)),
        ("", "V1 { foo; bar; };", "V1 { bar; }; V2 { foo; } V1;"),
        BOTH,
    ):
        folder = shop.case(
            "version-compat", f"{what}-{bool(with_versions):d}{len(with_versions)}-{is_library:d}", is_library
        )
        library = shop.library(folder / "lib/libown.so", OWN, versions=with_versions)
        shop.main(folder, USE, ["-rpath=$ORIGIN/lib", library], is_library)
        shop.library(folder / "lib/libown.so", source, versions="V1 { }; V2 { } V1;")


MOVED = (
    ("pthread_create", "GLIBC_2.2.5", "libpthread.so.0"), ("sem_wait", "GLIBC_2.2.5", "libpthread.so.0"),
    ("pthread_mutex_lock", "GLIBC_2.2.5", "libpthread.so.0"), ("dlopen", "GLIBC_2.2.5", "libdl.so.2"),
    ("timer_create", "GLIBC_2.3.3", "librt.so.1"), ("shm_open", "GLIBC_2.2.5", "librt.so.1"),
    ("openpty", "GLIBC_2.2.5", "libutil.so.1"), ("clock_gettime", "GLIBC_2.2.5", "librt.so.1"),
    ("pthread_key_create", "GLIBC_2.2.5", "libpthread.so.0"), ("aio_read", "GLIBC_2.2.5", "librt.so.1"),
)  # fmt: skip
ORDERS = (
    ("libc.so.6",), ("@", "libc.so.6"), ("libc.so.6", "@"), ("librt.so.1", "libc.so.6"), ("@",),
    ("libm.so.6", "libc.so.6", "@"), ("libm.so.6", "@", "libc.so.6"),
)  # fmt: skip


def orders(shop: Workshop) -> None:
    """Symbols that moved between glibc's libraries, and orders of DT_NEEDED."""
    for (name, version, home), named, order, is_library, weak in product(MOVED, ("home", "libc"), ORDERS, BOTH, BOTH):
        if weak and (named == "libc") == (order[0] == "@"):
            continue
        library = home if named == "home" else "libc.so.6"
        label = "+".join(entry.split(".")[0].replace("@", "own") for entry in order)
        folder = shop.case("library-order", f"{name}-{named}-{label}-{weak:d}-{is_library:d}", is_library)
        stub = shop.parts / named / name / library
        extra = "long write(void) { return 0; } void _exit(void) {}\n" if library == "libc.so.6" else ""
        exported = "write; _exit; " if extra and version == "GLIBC_2.2.5" else ""
        if not stub.exists():
            shop.library(
                stub, f"int {name}(void) {{ return 0; }}\n" + extra, versions=f"{version} {{ {name}; {exported}}};"
            )
        attribute = " __attribute__((weak))" if weak else ""
        use = f"extern int {name}(){attribute}; int program(void) {{ if (never) ((int (*)()){name})(); return 0; }}\n"
        wanted = [home if entry == "@" else entry for entry in order]
        options: list[str | Path] = ["--no-as-needed", "--unresolved-symbols=ignore-all"]
        options += [
            stub,
            *(f"/lib/x86_64-linux-gnu/{entry}" for entry in wanted if entry != library or entry == "libc.so.6"),
        ]
        shop.main(folder, use, options, is_library)
        shop.patched(folder / "main", _reorder(wanted))


def _reorder(wanted: list[str]) -> Change:
    """Order the DT_NEEDED entries as in ``wanted``; others become unknown entries."""

    def change(fields: Fields) -> None:
        entries = [(at, fields.text(value), value) for at, tag, value in fields.entries() if tag == NEEDED]
        values = {name: value for _at, name, value in entries}
        chosen = [values[name] for name in wanted if name in values]
        for (at, _name, _value), value in zip(entries, [*chosen, *[-1] * len(entries)], strict=False):
            if value < 0:
                fields.put("Q", at, 0x6FFFF123)
            else:
                fields.put("Q", at + 8, value)

    return change


def through_tools(shop: Workshop) -> None:
    """Libraries removed, replaced and added by patchelf, and versions cleared."""
    commands = {
        "remove_own": ("--remove-needed", "libown.so"),
        "remove_libc": ("--remove-needed", "libc.so.6"),
        "replace_own": ("--replace-needed", "libown.so", "libother.so"),
        "replace_by_path": ("--replace-needed", "libown.so", "lib/libown.so"),
        "replace_by_origin": ("--replace-needed", "libown.so", "$ORIGIN/lib/libown.so"),
        "replace_libc": ("--replace-needed", "libc.so.6", "libm.so.6"),
        "add_libm": ("--add-needed", "libm.so.6"),
        "add_other": ("--add-needed", "libother.so"),
        "add_none": ("--add-needed", "libnone.so"),
        "clear_foo": ("--clear-symbol-version", "foo"),
        "clear_write": ("--clear-symbol-version", "write"),
        "remove_rpath": ("--remove-rpath",),
        "long_rpath": ("--set-rpath", "$ORIGIN/" + "x" * 3000 + ":$ORIGIN/lib"),
        "shrink": ("--shrink-rpath",),
        "force_rpath": ("--force-rpath", "--set-rpath", "$ORIGIN/lib"),
        "page_size": ("--page-size", "65536", "--set-rpath", "$ORIGIN/lib:" + "y" * 900),
        "no_default": ("--no-default-lib",),
    }
    for (what, command), is_library, versions, linker in product(commands.items(), BOTH, ("", V1_V2), ("bfd", "lld")):
        folder = shop.case("patchelf", f"{what}-{linker}-{bool(versions):d}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", OWN, versions=versions)
        shop.library(folder / "lib/libother.so", OWN, versions=versions)
        shop.main(folder, USE, ["-rpath=$ORIGIN/lib", library], is_library, linker)
        try:
            run("patchelf", *command, folder / "main")
        except CannotMakeError:
            shop.drop_case()


DRAWS = (records, unversioned, orders, through_tools)
