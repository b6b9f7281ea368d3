"""Cases about where a loader looks for libraries: search paths, folders of processors, names, filters."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from .fields import AUXILIARY, FILTER, SONAME, Change
from .workshop import BOTH, LIBC, Workshop, each

USE = "int foo(void); int program(void) { return foo(); }\n"
FOO = "int foo(void) { return 1; }\n"
TAGS = {"rpath": "--disable-new-dtags", "runpath": "--enable-new-dtags"}

PATHS = (
    "$ORIGIN/lib", "${ORIGIN}/lib", "$ORIGIN/lib/", "$ORIGIN//lib", "$ORIGIN/./lib", "$ORIGIN/none/../lib",
    "$ORIGIN/lib/../lib", "$ORIGIN/none:$ORIGIN/lib", "$ORIGIN/lib:$ORIGIN/none", ":$ORIGIN/lib", "$ORIGIN/lib:",
    "$ORIGIN", "lib", "./lib", "", ":", "$ORIGINlib", "${ORIGIN/lib", "$ORIGIN}/lib", "/$ORIGIN/lib", "/nowhere",
    "$ORIGIN/lib;$ORIGIN/none", "$ORIGIN/lib $ORIGIN/none", "$$ORIGIN/lib", "$NOTHING/lib", "$ORIGIN/LIB",
    "$ORIGIN/$NOTHING/lib", "\\$ORIGIN/lib", "ORIGIN/lib", "/nowhere:$ORIGIN/lib", "$ORIGIN/up/../../%/lib",
)  # fmt: skip
PLACES = (
    "lib", "lib/tls", "lib/x86_64", "lib/tls/x86_64", "lib/haswell", "lib/haswell/x86_64", "lib/tls/haswell",
    "lib/tls/haswell/x86_64", "lib/avx512_1", "lib/haswell/avx512_1", "lib/tls/haswell/avx512_1/x86_64", "lib/sse2",
    "lib/glibc-hwcaps/x86-64-v1", "lib/glibc-hwcaps/x86-64-v2", "lib/glibc-hwcaps/x86-64-v3", "lib/xeon_phi",
    "lib/glibc-hwcaps/x86-64-v4", "lib/glibc-hwcaps", "lib/i686", "lib/x86_64-linux-gnu", "lib/avx512_1/x86_64",
)  # fmt: skip
TOKENS = (
    ("$ORIGIN/$LIB", "lib64"), ("$ORIGIN/$LIB", "lib/x86_64-linux-gnu"), ("$ORIGIN/$LIB", "lib"),
    ("$ORIGIN/${LIB}", "lib64"), ("$ORIGIN/${LIB}", "lib/x86_64-linux-gnu"), ("$ORIGIN/$PLATFORM", "x86_64"),
    ("$ORIGIN/${PLATFORM}", "haswell"), ("$ORIGIN/$PLATFORM", "xeon_phi"), ("$ORIGIN/$LIB", "lib64/x86_64"),
    ("$ORIGIN/x/$PLATFORM/y", "x/x86_64/y"), ("$ORIGIN/x/$PLATFORM/y", "x/haswell/y"), ("$LIB", "lib64"),
    ("$ORIGIN/$LIBx", "lib64x"), ("$ORIGIN/${LIB}x", "lib64x"),
)  # fmt: skip


def search_paths(shop: Workshop) -> None:
    """One library, one search path."""
    for (tag, option), is_library in product(TAGS.items(), BOTH):
        for number, path in each(PATHS):
            folder = shop.case("search-path", f"{tag}-{number}-{is_library:d}", is_library)
            library = shop.library(folder / "lib/libown.so", FOO)
            path = path.replace("%", folder.name)
            shop.main(folder, USE, [option, f"-rpath={path}", library], is_library)
        for number, place in each(PLACES):
            folder = shop.case("search-subfolder", f"{tag}-{number}-{is_library:d}", is_library)
            library = shop.library(folder / place / "libown.so", FOO)
            shop.main(folder, USE, [option, "-rpath=$ORIGIN/lib", library], is_library)
        for place_in_list, (path, place) in enumerate(TOKENS):
            folder = shop.case("search-token", f"{tag}-{place_in_list:02}-{is_library:d}", is_library)
            library = shop.library(folder / place / "libown.so", FOO)
            shop.main(folder, USE, [option, f"-rpath={path}", library], is_library)


def subfolder_order(shop: Workshop) -> None:
    """A library without the symbol in one folder, with it in another: which one is loaded."""
    for (position, place), is_library, tag in product(each(PLACES[1:]), BOTH, TAGS):
        folder = shop.case("search-order", f"{tag}-{position}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", FOO)
        shop.main(folder, USE, [TAGS[tag], "-rpath=$ORIGIN/lib", library], is_library)
        shop.library(folder / place / "libown.so", "int bar(void) { return 1; }\n")


def transitive(shop: Workshop) -> None:
    """A library of a library: whose search path counts."""
    uses = "int bar(void); int foo(void) { return bar(); }\n"
    choices = ("none", "rpath", "runpath")
    for mains, theirs, place, is_library in product(choices, choices, ("lib", "lib/sub", "."), BOTH):
        folder = shop.case(
            "search-transitive", f"{mains}-{theirs}-{place.replace('/', '_')}-{is_library:d}", is_library
        )
        second = shop.library(folder / place / "libsecond.so", "int bar(void) { return 1; }\n")
        own = ["-rpath=$ORIGIN/sub:$ORIGIN", TAGS[theirs]] if theirs in TAGS else []
        first = shop.library(folder / "lib/libfirst.so", uses, [*own, second])
        path = ["-rpath=$ORIGIN/lib:$ORIGIN/lib/sub:$ORIGIN", TAGS[mains]] if mains in TAGS else []
        if mains == "none":  # the main file names a path with a slash, so that the first library is found
            shop.library(folder / "lib/libfirst.so", uses, [*own, second], soname="lib/libfirst.so")
        shop.main(
            folder,
            USE,
            [*path, "--allow-shlib-undefined", "--unresolved-symbols=ignore-in-shared-libs", first],
            is_library,
        )


def wrong_files(shop: Workshop) -> None:
    """Something else of the library's name is first on the search path."""

    def elsewhere(at: int, *values: int) -> Change:
        return lambda fields: fields.put(f"{len(values)}B", at, *values)

    patches = {
        "class": elsewhere(4, 1), "machine": elsewhere(18, 3, 0), "machine_arm": elsewhere(18, 183, 0),
        "order": elsewhere(5, 2), "magic": elsewhere(0, 0), "osabi": elsewhere(7, 9), "abiversion": elsewhere(8, 9),
        "type_rel": elsewhere(16, 1, 0), "type_exec": elsewhere(16, 2, 0), "version": elsewhere(20, 2),
        "phentsize": elsewhere(54, 32), "class_machine": elsewhere(4, 1), "ident_version": elsewhere(6, 0),
    }  # fmt: skip
    others = (
        "folder",
        "loop",
        "dangling",
        "empty",
        "text",
        "truncated",
        "header_only",
        "linked",
        "linked_folder",
        "script",
    )
    for what, is_library, tag in product([*patches, *others], BOTH, TAGS):
        folder = shop.case("search-wrong-file", f"{what}-{tag}-{is_library:d}", is_library)
        library = shop.library(folder / "good/libown.so", FOO)
        shop.main(folder, USE, [TAGS[tag], "-rpath=$ORIGIN/bad:$ORIGIN/good", library], is_library)
        bad = folder / "bad/libown.so"
        bad.parent.mkdir()
        if what in patches:
            shop.library(bad, FOO)
            shop.patched(bad, patches[what])
        else:
            _odd_file(what, bad, library)


def _odd_file(what: str, bad: Path, library: Path) -> None:
    data = library.read_bytes()
    contents = {
        "empty": b"", "text": b"not a library\n" * 20, "truncated": data[:1000], "header_only": data[:64],
        "script": b"/* GNU ld script */\nGROUP ( libown.so.1 )\n" + b" " * 100,
    }  # fmt: skip
    if what in contents:
        bad.write_bytes(contents[what])
    elif what == "folder":
        bad.mkdir()
    elif what == "loop":
        bad.symlink_to(bad.name)
    elif what == "dangling":
        bad.symlink_to("nothing")
    elif what == "linked":
        bad.symlink_to("../good/libown.so")
    else:
        bad.symlink_to("../good")


def needed_paths(shop: Workshop) -> None:
    """DT_NEEDED with a slash or a token."""
    names = (
        ("$ORIGIN/lib/libown.so", "lib"), ("${ORIGIN}/lib/libown.so", "lib"), ("lib/libown.so", "lib"),
        ("./lib/libown.so", "lib"), ("$ORIGIN/$LIB/libown.so", "lib64"), ("$ORIGIN/$PLATFORM/libown.so", "haswell"),
        ("$ORIGIN/$PLATFORM/libown.so", "x86_64"), ("$ORIGIN/../%/lib/libown.so", "lib"), ("./libown.so", "lib"),
        ("$ORIGIN/none/libown.so", "lib"), ("/nowhere/libown.so", "lib"), ("$ORIGIN/lib/../lib/libown.so", "lib"),
        ("$ORIGIN//lib/libown.so", "lib"), ("$ORIGIN/lib/libown.so", "lib/x86_64"), ("${LIB}/libown.so", "lib64"),
        ("$NOTHING/libown.so", "lib"), ("$ORIGINlib/libown.so", "lib"), ("/libown.so", "lib"),
        ("$ORIGIN/$LIB/libown.so", "lib/x86_64-linux-gnu"), ("/lib64/libm.so.6", "lib"), ("/lib64/libc.so.6", "lib"),
    )  # fmt: skip
    for (number, (name, place)), is_library, path in product(enumerate(names), BOTH, ("", "$ORIGIN/lib")):
        folder = shop.case("needed-path", f"{number:02}-{bool(path):d}-{is_library:d}", is_library)
        library = shop.library(folder / place / "libown.so", FOO, soname=name.replace("%", folder.name))
        shop.main(folder, USE, [*([f"-rpath={path}"] if path else []), library], is_library)
        if number < 19:
            shop.library(folder / place / "libown.so", FOO, soname="libown.so")


def sonames(shop: Workshop) -> None:
    """File names and sonames that differ, and one library by two names."""
    uses = "int foo(void); int bar(void) { return foo(); }\n"
    both = "int foo(void), bar(void); int program(void) { return foo() + bar(); }\n"
    for soname, wanted, with_path, is_library in product(
        ("libown.so", "libother.so", ""), ("libown.so", "libother.so"), BOTH, BOTH
    ):
        folder = shop.case("soname", f"{soname or 'none'}-{wanted}-{with_path:d}-{is_library:d}", is_library)
        shop.library(folder / "lib/libown.so", FOO)
        stub = shop.library(folder / "stub/any.so", FOO, soname=wanted)
        own = ["-rpath=$ORIGIN"] if with_path else []
        user = shop.library(folder / "lib/libuser.so", uses, [*own, stub])
        shop.main(folder, both, ["-rpath=$ORIGIN/lib", folder / "lib/libown.so", user], is_library)
        shop.library(folder / "lib/libown.so", FOO, soname=soname)
        (folder / "stub/any.so").unlink()


def default_folders(shop: Workshop) -> None:
    """DF_1_NODEFLIB: the loader's own folders are not looked into."""
    for nodeflib, libm, path, is_library in product(
        BOTH, BOTH, ("", "/lib64", "/lib/x86_64-linux-gnu", "$ORIGIN"), BOTH
    ):
        folder = shop.case(
            "no-default-folders", f"{nodeflib:d}{libm:d}-{path.replace('/', '_').strip('$')}-{is_library:d}", is_library
        )
        options: list[str | Path] = ["-z", "nodefaultlib"] if nodeflib else []
        options += [f"-rpath={path}"] if path else []
        options += ["--no-as-needed", "/lib/x86_64-linux-gnu/libm.so.6"] if libm else []
        shop.main(folder, "int program(void) { return 0; }\n", options, is_library)
    for is_library, theirs in product(BOTH, BOTH):
        folder = shop.case("no-default-folders", f"library-{theirs:d}-{is_library:d}", is_library)
        options = ["-z", "nodefaultlib"] if theirs else []
        library = shop.library(folder / "lib/libown.so", FOO, [*options, "--no-as-needed", LIBC])
        shop.main(folder, USE, ["-rpath=$ORIGIN/lib", library], is_library)


def filters(shop: Workshop) -> None:
    """DT_FILTER and DT_AUXILIARY."""
    foo_elsewhere = {
        "both": (FOO, FOO),
        "filter": (FOO, "int bar(void) { return 1; }\n"),
        "filtee": ("int bar(void) { return 1; }\n", FOO),
    }
    for (where, (mine, theirs)), kind, present, path, is_library in product(
        foo_elsewhere.items(), ("--filter", "--auxiliary"), BOTH, ("filter", "main", "none"), BOTH
    ):
        folder = shop.case("filter", f"{where}{kind}-{present:d}-{path}-{is_library:d}", is_library)
        if present:
            shop.library(folder / "lib/libreal.so", theirs)
        whole = shop.library(folder / "stub/libown.so", FOO)
        own = ["-rpath=$ORIGIN"] if path == "filter" else []
        shop.library(folder / "lib/libown.so", mine, [f"{kind}=libreal.so", *own])
        tag = ["--disable-new-dtags"] if path == "main" else []
        shop.main(folder, USE, [*tag, "-rpath=$ORIGIN/lib", whole], is_library)
        whole.unlink()
    for number, is_library, place in product((FILTER, AUXILIARY), BOTH, ("lib", "none")):
        folder = shop.case("filter", f"main-{number:x}-{place}-{is_library:d}", is_library)
        library = shop.library(folder / "lib/libown.so", FOO)
        shop.library(folder / place / "libreal.so", "int bar(void) { return 1; }\n")
        options: list[str | Path] = ["-rpath=$ORIGIN/lib", "-soname=libreal.so", library, LIBC]
        if is_library:
            shop.library(folder / "main", USE, options, soname="")
        else:
            shop.program(folder / "main", USE, options)
        shop.patched(folder / "main", _soname_as(number))


def _soname_as(tag: int) -> Change:
    """Turn DT_SONAME into another entry that names a string."""
    return lambda fields: fields.put("Q", fields.entry(SONAME), tag)


DRAWS = (
    search_paths, subfolder_order, transitive, wrong_files, needed_paths, sonames, default_folders, filters,
)  # fmt: skip
