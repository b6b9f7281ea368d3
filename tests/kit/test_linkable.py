"""A link finds the functions that the build host's headers declare, and nothing that a later glibc withdraws."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import RunOn217, need_tool, succeeded
from pinning import Kits, check_fits, dynamic_of, run, symver_pin_command
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import Release, Span
from symver_pin.kit.linkable import lost_exports
from symver_pin.machine.architectures import ARCHES

PROBE = "char {name}(void);\nint main(void) {{ return {name}(); }}\n"
"""What autoconf's AC_CHECK_FUNC and CMake's check_function_exists link."""


def is_found(compiler: Path | str, name: str, folder: Path, *flags: str) -> bool:
    source = folder / "probe.c"
    source.write_text(PROBE.format(name=name))
    return run([compiler, "-fno-builtin", source, *flags, "-o", folder / "probe"]).returncode == 0


def headers_of(release: str, folder: Path) -> str:
    """A compiler command whose <features.h> is that of a glibc release."""
    folder.mkdir(parents=True)
    minor = release.partition(".")[2]
    lines = ("#include_next <features.h>", "#undef __GLIBC_MINOR__", f"#define __GLIBC_MINOR__ {minor}", "")
    (folder / "features.h").write_text("\n".join(lines))
    return f"gcc -isystem {folder}"


@pytest.mark.parametrize(
    ("headers", "name", "expected"),
    [
        ("2.36", "strlcpy", False),  # 2.38, a compat object
        ("2.36", "memset_explicit", False),  # 2.43, a compat object
        ("2.38", "strlcpy", True),
        ("2.36", "arc4random", True),  # 2.36, a compat object
        ("2.35", "arc4random", False),
        ("2.36", "ustat", False),  # in the target; headers dropped it in 2.28
        ("2.36", "svc_register", False),  # in the target; headers dropped RPC in 2.26
        ("2.36", "__isoc23_strtol", True),  # 2.38, reserved: only objects compiled elsewhere refer to it
        ("2.36", "qsort", True),
    ],
)
def test_a_probe_finds_what_the_headers_declare(tmp_path: Path, headers: str, name: str, expected: bool) -> None:
    command = headers_of(headers, tmp_path / "include")
    words = ("kit", "--no-warn", "--glibc", "2.17", "--cc", command)
    kit = Path(succeeded(symver_pin_command(*words, env={"SYMVER_PIN_CACHE": str(tmp_path / "cache")})).strip())
    assert is_found(kit / "bin/cc", name, tmp_path) == expected
    everything = Path(
        succeeded(symver_pin_command(*words, "--undeclared", env={"SYMVER_PIN_CACHE": str(tmp_path / "cache")})).strip()
    )
    assert is_found(everything / "bin/cc", name, tmp_path)


@pytest.mark.parametrize("glibc", ["2.17", "2.19", "2.36"])
def test_probes_answer_as_with_the_plain_compiler_or_the_target_lacks_it(
    kits: Kits, tmp_path: Path, glibc: str
) -> None:
    """Names that configure scripts of real projects look for."""
    names = [
        "accept4", "arc4random_buf", "asprintf", "closefrom", "copy_file_range", "crypt_r", "dup3", "endpwent",
        "explicit_bzero", "fallocate", "getauxval", "getentropy", "getrandom", "gettid", "lchmod", "memfd_create",
        "mempcpy", "mkostemp", "openpty", "pidfd_open", "posix_close", "preadv2", "qsort_r", "reallocarray",
        "renameat2", "secure_getenv", "setproctitle", "sigabbrev_np", "statx", "stime", "strchrnul", "strlcat",
        "strlcpy", "strtonum", "sysctl", "timespec_getres", "ustat", "utimensat", "vfork", "xdr_int",
    ]  # fmt: skip
    table = default_maps().table("x86_64").view(Release(2, int(glibc.partition(".")[2])))
    kit = kits("gcc", glibc)
    for name in names:
        plain = is_found("gcc", name, tmp_path, "-lcrypt")
        found = is_found(kit / "bin/cc", name, tmp_path, "-lcrypt")
        assert found <= plain, f"{name}: only the kit has it"
        if name in table.default_version:
            assert found == plain, f"{name}: the target has it"


def test_configure_and_the_compiler_agree(kits: Kits, tmp_path: Path) -> None:
    (tmp_path / "configure.ac").write_text(
        "AC_INIT([probe],[1])\nAM_INIT_AUTOMAKE([foreign])\nAC_PROG_CC\nAC_CHECK_FUNCS([strlcpy memset_explicit])\n"
        "AC_CONFIG_HEADERS([config.h])\nAC_CONFIG_FILES([Makefile])\nAC_OUTPUT\n"
    )
    (tmp_path / "Makefile.am").write_text("bin_PROGRAMS = probe\nprobe_SOURCES = probe.c\n")
    (tmp_path / "probe.c").write_text(
        "#define _GNU_SOURCE\n#include <config.h>\n#include <stdio.h>\n#include <string.h>\n"
        'int main(void) { char to[8] = "";\n#if HAVE_STRLCPY\nstrlcpy(to, "text", sizeof to);\n#else\n'
        'strcpy(to, "text");\n#endif\nreturn puts(to) < 0; }\n'
    )
    succeeded(run([need_tool("autoreconf"), "-fi"], cwd=tmp_path))
    answers = {}
    for name, compiler in (("plain", "gcc"), ("kit", str(kits("gcc") / "bin/cc"))):
        folder = tmp_path / name
        folder.mkdir()
        succeeded(
            run(["../configure", f"CC={compiler}", "CFLAGS=-O2 -Werror=implicit-function-declaration"], cwd=folder)
        )
        succeeded(run(["make"], cwd=folder))
        assert succeeded(run([folder / "probe"])) == "text\n"
        answers[name] = [line for line in (folder / "config.h").read_text().splitlines() if "HAVE_" in line]
    assert answers["kit"] == answers["plain"]
    check_fits(tmp_path / "kit" / "probe")


@pytest.mark.parametrize("arch", ARCHES)
def test_what_a_stub_offers_stays_in_every_later_release(arch: str) -> None:
    table = default_maps().table(arch)
    homes: dict[tuple[str, str], list[tuple[str, Span]]] = {}
    libraries: dict[str, list[Span]] = {}
    for row in table.rows:
        homes.setdefault((row.symbol, row.version), []).append((row.soname, row.span))
        libraries.setdefault(row.soname, []).append(row.span)
    first, last = table.covered
    releases = [Release(2, minor) for minor in range(first.minor, last.minor + 1)]
    always = ("libc.so.6", ARCHES[arch].loader)
    for number, release in enumerate(releases):
        view = table.view(release)
        lost = lost_exports(view, table, ARCHES[arch])
        for row in view.rows:
            key = (row.soname, row.symbol, row.version)
            if not row.default or row.type == "N" or key in lost:
                continue
            spans = [span for soname, span in homes[row.symbol, row.version] if soname in (row.soname, *always)]
            for later in releases[number + 1 :]:
                exists = any(later in span for span in libraries[row.soname])
                assert not exists or any(later in span for span in spans), f"{key} of {release} on {later}"


def test_the_symbols_that_a_later_release_took_back_are_known() -> None:
    table = default_maps().table("x86_64")
    lost = {symbol for _, symbol, _ in lost_exports(table.view(Release(2, 12)), table, ARCHES["x86_64"])}
    assert lost == {"scalbln", "malloc_get_state", "malloc_set_state"}


def test_a_library_for_212_loads_on_every_later_release(tmp_path: Path, run_on_217: RunOn217) -> None:
    source = tmp_path / "lib.c"
    source.write_text("double scalbln(double, long);\ndouble use(double x) { return scalbln(x, 3); }\n")
    library = tmp_path / "libuse.so"
    words = ("cc", "--glibc", "2.12", "-fno-builtin", "-shared", "-fPIC", source, "-o", library)
    succeeded(symver_pin_command(*words))
    (symbol,) = [symbol for symbol in dynamic_of(library).symbols if symbol.name == "scalbln"]
    assert symbol.version is None
    main = tmp_path / "main.c"
    main.write_text("double use(double);\nint main(void) { return use(2) != 16; }\n")
    line = (main, f"-L{tmp_path}", "-luse", "-lm", "-o", tmp_path / "main")
    succeeded(symver_pin_command("cc", "--glibc", "2.12", "-Wl,--no-as-needed", *line))
    succeeded(run_on_217(tmp_path / "main", extra_files=[library]))
