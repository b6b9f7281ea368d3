"""The kit wins over the host's glibc however the line names it, and over nothing else."""

from pathlib import Path

import pytest

from conftest import succeeded
from pinning import CCS, LINKERS, Pinned, Word, check_fits, dynamic_of, run

SAYS = "37 1\n"
EVERY_LINK = pytest.mark.parametrize("linker", LINKERS)


def host_file(name: str, cc: str = "gcc") -> str:
    """The path by which a compiler knows a library; gcc's goes through its own folder and `..`."""
    return succeeded(run([cc, f"-print-file-name={name}"])).strip()


HOST = Path(host_file("libc.so.6")).resolve().parent
"""Where this machine keeps glibc."""

LINES: dict[str, tuple[Word, ...]] = {
    "plain": ("-lm",),
    "host folder first": (f"-L{HOST}", "-lm"),
    "host folder as its own word": ("-L", HOST, "-lm"),
    "host folder before the library, for the linker": (f"-Wl,-L{HOST}", "-lm"),
    "host folder through links and dots": (f"-L{HOST}/../{HOST.name}/.", "-lm"),
    "host folder below the sysroot": (f"-L={HOST}", "-lm"),
    "host folder for the compiler": (f"-B{HOST}", "-lm"),
    "the root as sysroot": ("--sysroot=/", "-lm"),
    "file name": (f"-L{HOST}", "-l:libm.so.6"),
    "script by path": (f"{HOST}/libm.so",),
    "library by path": (f"{HOST}/libm.so.6",),
    "library by the compiler's path": (host_file("libm.so"), host_file("libc.so.6")),
    "all libraries by path": tuple(f"{HOST}/{name}" for name in (
        "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libc.so.6", "libc.so")),
    "loader by path": (f"{HOST}/libm.so.6", "/lib64/ld-linux-x86-64.so.2"),
    "old names": ("-lpthread", "-ldl", "-lrt", "-lutil", "-lm", "-lc"),
    "doubled": ("-lm", "-lc", "-lm", "-lc"),
}  # fmt: skip


@EVERY_LINK
@pytest.mark.parametrize("words", LINES.values(), ids=LINES)
def test_a_line_that_names_the_hosts_glibc_gives_a_pinned_program(
    pinned: Pinned, linker: str, words: tuple[Word, ...]
) -> None:
    assert pinned.runs(pinned.link("plain.c", *words, linker=linker)) == SAYS


@pytest.mark.parametrize("cc", CCS)
@pytest.mark.parametrize("flag", [f"-L{HOST}", f"-B{HOST}"])
def test_a_host_folder_in_front_of_the_line_gives_a_pinned_program(pinned: Pinned, cc: str, flag: str) -> None:
    words: list[Word] = [flag, "-O1", pinned.source("plain.c"), "-lm", "-o", "program"]
    assert succeeded(pinned.driver(words, cc)) == ""
    check_fits(pinned.folder / "program")
    assert pinned.runs(pinned.folder / "program") == SAYS


@pytest.mark.parametrize("cc", CCS)
def test_library_path_in_the_environment_does_not_win(pinned: Pinned, cc: str) -> None:
    program = pinned.link("plain.c", "-lm", cc=cc, env={"LIBRARY_PATH": str(HOST)})
    assert pinned.runs(program) == SAYS


@pytest.mark.parametrize("cc", CCS)
def test_a_relative_path_of_a_host_library_gives_a_pinned_program(pinned: Pinned, cc: str) -> None:
    output = pinned.folder / "program"
    words: list[Word] = [pinned.source("plain.c"), "./libm.so.6", "-o", output]
    succeeded(run([pinned.kits(cc) / "bin" / "cc", *words], cwd=HOST))
    check_fits(output)
    assert pinned.runs(output) == SAYS


@pytest.mark.parametrize("cc", CCS)
@pytest.mark.parametrize(
    "text",
    [
        f'-O1 "{HOST}/libm.so"\t-lpthread\n{HOST}/libc.so.6   -ldl',
        f"{HOST}/libm.so.6 {HOST}/libm.so\n",
        f"-L{HOST}\n-lm\n",
        f"'{HOST}/libm.so'",
    ],
    ids=["several on a line", "a name within another", "host folder", "quoted"],
)
def test_a_response_file_that_names_the_hosts_glibc_gives_a_pinned_program(
    pinned: Pinned, cc: str, text: str, tmp_path: Path
) -> None:
    response = pinned.write("with blank.rsp", text)
    temporary = tmp_path / "tmp with blank"
    temporary.mkdir()
    program = pinned.link("plain.c", f"@{response}", cc=cc, env={"TMPDIR": str(temporary)})
    assert pinned.runs(program) == SAYS
    assert response.read_text() == text
    assert list(temporary.iterdir()) == []


def test_a_response_file_may_hold_the_whole_line(pinned: Pinned) -> None:
    pinned.write("all.rsp", f"-O1 {pinned.source('plain.c')} {HOST}/libm.so -o program")
    succeeded(pinned.driver(["@all.rsp"]))
    check_fits(pinned.folder / "program")
    assert pinned.runs(pinned.folder / "program") == SAYS


def test_a_path_that_ends_like_a_host_librarys_is_left_alone_in_a_response_file(pinned: Pinned) -> None:
    own = pinned.folder / "sysroot" / HOST.relative_to("/")
    own.mkdir(parents=True)
    pinned.write("own.c", "int of_the_user(void) { return 7; }")
    words: list[Word] = ["-shared", "-fPIC", "own.c", "-Wl,-soname,libown.so", "-o", own / "libm.so"]
    succeeded(pinned.driver(words))
    pinned.write("main.c", "int of_the_user(void); int main(void) { return of_the_user() != 7; }")
    pinned.write("all.rsp", f"{own}/libm.so {HOST}/libm.so")
    program = pinned.link(pinned.folder / "main.c", "@all.rsp")
    assert "libown.so" in dynamic_of(program).needed


@EVERY_LINK
@pytest.mark.parametrize("how", ["by path", "by relative path", "by name"])
@pytest.mark.parametrize("kind", ["so", "a"])
def test_a_library_of_the_users_own_with_a_name_of_glibcs_is_not_replaced(
    pinned: Pinned, linker: str, how: str, kind: str
) -> None:
    folder = pinned.folder / "own"
    folder.mkdir()
    pinned.write("own.c", "int of_the_user(void) { return 42; }")
    if kind == "so":
        words: list[Word] = ["-shared", "-fPIC", "own.c", "-Wl,-soname,libown.so", "-o", folder / "libutil.so"]
        succeeded(pinned.driver(words))
    else:
        succeeded(pinned.driver(["-c", "own.c", "-o", "own.o"]))
        succeeded(run(["ar", "rcs", folder / "libutil.a", pinned.folder / "own.o"]))
    main = pinned.write("main.c", "int of_the_user(void); int main(void) { return of_the_user() - 42; }")
    named: dict[str, list[Word]] = {
        "by path": [folder / f"libutil.{kind}"],
        "by relative path": [f"own/libutil.{kind}"],
        "by name": ["-Lown", "-lutil"],
    }
    program = pinned.link(main, *named[how], linker=linker)
    assert ("libown.so" in dynamic_of(program).needed) == (kind == "so")
    if kind == "a":
        assert pinned.runs(program) == ""


def test_the_output_may_be_named_like_a_host_library(pinned: Pinned) -> None:
    source = pinned.write("own.c", "int of_the_user(void) { return 42; }")
    kit = pinned.kits("gcc")
    before = (kit / "lib" / "libutil.so.1").read_bytes()
    done = pinned.driver(["-shared", "-fPIC", source, "-###", "-o", HOST / "libutil.so.1"])
    assert f"{kit}/lib/libutil.so.1" not in done.stderr
    assert str(HOST / "libutil.so.1") in done.stderr
    assert (kit / "lib" / "libutil.so.1").read_bytes() == before


@EVERY_LINK
def test_a_host_library_with_newer_needs_can_be_linked(pinned: Pinned, linker: str) -> None:
    source = pinned.write("z.c", "const char *zlibVersion(void); int main(void) { return zlibVersion()[0] != '1'; }")
    zlib = host_file("libz.so.1")
    program = pinned.link(source, f"-L{HOST}", zlib, linker=linker)
    assert "libz.so.1" in dynamic_of(program).needed
    assert pinned.run_here(program) == ""
