"""Cases about symbols: thread-local ones, kinds and visibilities, protected ones, and those that nothing defines."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from .fields import PT_TLS, Change, Fields
from .kinds_tables import FOO, LINKERS, USE, USE_ALL
from .workshop import BOTH, CannotMakeError, Workshop, run

LOADER = "/lib64/ld-linux-x86-64.so.2"
RETURN_THING = "int program(void) { return never ? thing : 0; }\n"
ACCESS = {"gd": "global-dynamic", "ie": "initial-exec"}
VARIABLES = {
    "tls": "__thread int thing = 4;\n",
    "tls_zero": "__thread int thing;\n",
    "data": "int thing = 4;\n",
    "function": "int thing(void) { return 4; }\n",
    "absent": "int other;\n",
    "absolute": '__asm__(".globl thing\\n thing = 16");\n',
    "weak": "__attribute__((weak)) __thread int thing = 4;\n",
    "hidden": '__attribute__((visibility("hidden"))) __thread int thing = 4; int *use(void) { return &thing; }\n',
}


def thread_local(shop: Workshop) -> None:
    """References to thread-local variables, bound to what is none, and the reverse."""
    uses = {
        **{
            name: f'extern __attribute__((tls_model("{model}"))) __thread int thing;\n{RETURN_THING}'
            for name, model in ACCESS.items()
        },
        "weak": "extern __attribute__((weak)) __thread int thing; int program(void) { return never ? thing : 0; }\n",
        "data": "extern int thing; int program(void) { return never ? thing : 0; }\n",
        "call": "extern int thing(void); int program(void) { return never ? thing() : 0; }\n",
    }
    stubs = {"data": "int thing = 4;\n", "call": "int thing(void) { return 4; }\n"}
    for (use, source), (what, theirs), is_library, versions in product(
        uses.items(), VARIABLES.items(), BOTH, ("", "V1 { thing; other; };")
    ):
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
        "value_0": (8, "Q", 0),
        "size_0": (16, "Q", 0),
        "other_bits": (5, "B", 0x80),
        "name_0": (0, "I", 0),
        "name_far": (0, "I", 1 << 28),
    }
    for (what, (place, layout, value)), is_library, style, versions in product(
        fields_of.items(), BOTH, ("gnu", "sysv"), ("", "V1 { foo; data; };")
    ):
        folder = shop.case("symbol", f"{what}-{style}-{bool(versions):d}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", FOO, [f"--hash-style={style}"], versions=versions)
        shop.main(
            folder,
            "int foo(void); int program(void) { return never ? foo() : 0; }\n",
            ["-rpath=$ORIGIN/lib", library],
            is_library,
        )
        shop.patched(library, _symbol_field(place, layout, value))


def _symbol_field(place: int, layout: str, value: int) -> Change:
    return lambda fields: fields.put(layout, fields.symbol_at("foo") + place, value)


def indirect_access(shop: Workshop) -> None:
    """Copies and addresses of protected symbols, with and without the mark of indirect access."""
    uses = {
        "copy": "extern int data; int program(void) { return never ? data : 0; }\n",
        "address": "int foo(void); int (*volatile at)(void) = foo; int program(void) { return never ? at() : 0; }\n",
        "compare": "int foo(void); int program(void) { return (void *)foo == (void *)&never; }\n",
        "call": USE,
    }
    for (use, source), protected, marked, pie, versions in product(
        uses.items(), BOTH, BOTH, BOTH, ("", "V1 { foo; data; };")
    ):
        folder = shop.case("indirect-access", f"{use}-{protected:d}-{marked:d}-{pie:d}-{bool(versions):d}", False)
        visibility = '__attribute__((visibility("protected"))) ' if protected else ""
        library = folder / "lib/libown.so"
        plain = "int data = 4; int foo(void) { return data; }\n"
        stub = shop.library(library, plain, versions=versions)
        try:
            shop.program(
                folder / "main",
                source,
                ["-rpath=$ORIGIN/lib", stub],
                pie=pie,
                flags=("-mno-direct-extern-access",) if marked and pie else (),
            )
        except CannotMakeError:
            shop.drop_case()
            continue
        text = shop.compiled(
            f"{visibility}int data = 4; {visibility}int foo(void) {{ return data; }}\n",
            ("-fPIC", *(("-mno-direct-extern-access",) if marked else ())),
        )
        script: list[str | Path] = ["--version-script=indirect.ver"] if versions else []
        (shop.parts / "indirect.ver").write_text(versions)
        shop.link(library, [text], ["-shared", "-soname=libown.so", *script], "bfd")


def weak_references(shop: Workshop) -> None:
    """Strong and weak references that nothing defines."""
    for weak, how, is_library, linker in product(BOTH, ("call", "address", "data"), BOTH, LINKERS):
        folder = shop.case("undefined", f"{weak:d}-{how}-{linker}-{is_library:d}", is_library)
        attribute = "__attribute__((weak)) " if weak else ""
        rest = {
            "call": "int nowhere(void); int program(void) { return never ? nowhere() : 0; }\n",
            "address": "int nowhere(void); void *volatile at = nowhere; int program(void) { return 0; }\n",
            "data": "int nowhere; int *volatile at = &nowhere; int program(void) { return 0; }\n",
        }[how]
        try:
            shop.main(folder, f"extern {attribute}{rest}", ["--unresolved-symbols=ignore-all"], is_library, linker)
        except CannotMakeError:
            shop.drop_case()
    for is_library, strip in product(BOTH, BOTH):
        folder = shop.case("undefined", f"stripped-{strip:d}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", FOO)
        shop.main(folder, USE_ALL, ["-rpath=$ORIGIN/lib", library], is_library)
        shop.library(folder / "lib/libown.so", "int foo(void) { return 1; }\n")
        if strip:
            run("strip", folder / "main")


DRAWS = (thread_local, symbols, indirect_access, weak_references)
