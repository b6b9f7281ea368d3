"""Files whose segments lie as other linkers and options put them."""

from __future__ import annotations

import pytest

from conftest import need_tool, succeeded
from pinning import run

from .conftest import Plain
from .test_rewrite import HEADERS

LAYOUTS = {
    "large pages": ("-Wl,-z,max-page-size=0x200000",),
    "pages of 64 kB": ("-Wl,-z,max-page-size=0x10000",),
    "one read-only segment": ("-Wl,-z,noseparate-code",),
    "no relro": ("-Wl,-z,norelro",),
    "full relro": ("-Wl,-z,relro,-z,now",),
    "lazy": ("-Wl,-z,lazy",),
    "only a GNU hash table": ("-Wl,--hash-style=gnu",),
    "only a System V hash table": ("-Wl,--hash-style=sysv",),
    "no build-id": ("-Wl,--build-id=none",),
    "a large .bss": ("-DLARGE",),
    "debug information": ("-g3",),
    "stripped": ("-s",),
    "unoptimised": ("-Wl,-O0", "-O0"),
}


CALLER = '#include <stdio.h>\nint plugged(void);\nint main(void) { printf("%d", plugged()); }\n'


@pytest.mark.parametrize("mode", ["pie", "exec"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_repaired(plain: Plain, layout: str, mode: str) -> None:
    text = HEADERS.replace("large[300000]", "large[50000000]") if layout == "a large .bss" else HEADERS
    plain.repair(plain.build(plain.write("headers.c", text), *LAYOUTS[layout], mode=mode))
    assert plain.runs("program") == "1 1\n"


@pytest.mark.parametrize("linker", ["bfd", "lld"])
def test_a_library_of_a_layout_is_loaded(plain: Plain, linker: str) -> None:
    text = "#include <sys/random.h>\nint plugged(void) { char byte; return (int)getrandom(&byte, 1, 0) + 41; }\n"
    for number, flags in enumerate(LAYOUTS.values()):
        library = plain.build(
            plain.write("plug.c", text), "-Wl,-soname,libplug.so", *flags, mode="shared", output="libplug.so",
            linker=linker,
        )  # fmt: skip
        source = plain.write(
            "main.c", '#include <stdio.h>\nint plugged(void);\nint main(void) { printf("%d", plugged()); }\n'
        )
        program = plain.build(source, "-L.", "-lplug", "-Wl,-rpath,$ORIGIN")
        plain.out = plain.folder / f"out{number}"
        plain.repair(program, library)
        assert plain.runs("program") == "42"


@pytest.mark.parametrize("words", [("--set-rpath", "/opt/lib"), ("--add-needed", "libm.so.6")])
def test_what_patchelf_has_changed_is_repaired(plain: Plain, words: tuple[str, ...]) -> None:
    program = plain.build(plain.write("headers.c", HEADERS))
    succeeded(run([need_tool("patchelf"), *words, program]))
    plain.repair(program)
    assert plain.runs("program") == "1 1\n"


def test_what_is_repaired_can_be_changed_by_patchelf(plain: Plain) -> None:
    plain.repair(plain.build(plain.write("headers.c", HEADERS)))
    succeeded(run([need_tool("patchelf"), "--set-rpath", "$ORIGIN:/opt/lib", plain.out / "program"]))
    assert succeeded(plain.run_old("program")) == "1 1\n"
