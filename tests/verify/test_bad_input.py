"""Bad and hostile files: one clear line for each, the other files are verified, no traceback, no long wait."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from conftest import holds_without_privileges
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import Image, load_image
from symver_pin.errors import ElfError, UsageError
from symver_pin.glibc.platforms import Target
from symver_pin.glibc.release import Release
from symver_pin.verifier import Content, verify

from .programs import compile_library, compile_program, verdict_on

SOURCE = """
extern char **environ; extern int getrandom(), puts(const char *);
int program(void) { puts(environ[0]); return never && getrandom(0, 0, 0); }
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small real program."""
    return compile_program(tmp_path_factory.mktemp("program"), "program", SOURCE)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small real library with versions of its own."""
    source = "extern int puts(const char *); int foo(void) { return puts(0); }\nint bar(void) { return 2; }\n"
    folder = tmp_path_factory.mktemp("library")
    return compile_library(folder, "libown.so", source, "V1 { global: foo; local: *; }; V2 { global: bar; } V1;")


def reason(path: Path) -> str:
    """The one line of error about a file that cannot be verified."""
    verdict = verdict_on(path, "2.19")
    assert verdict.verdict == "error"
    assert verdict.error is not None
    assert verdict.error.startswith(f"{path}: ")
    assert "\n" not in verdict.error
    return verdict.error.removeprefix(f"{path}: ")


def test_files_of_other_kinds_are_refused_with_a_reason(tmp_path: Path, program: Path) -> None:
    text, empty = tmp_path / "text", tmp_path / "empty"
    text.write_text("hello\n")
    empty.touch()
    subprocess.run(["objcopy", "--only-keep-debug", program, tmp_path / "x.debug"], check=True)
    assert "not an ELF file" in reason(text)
    assert "empty" in reason(empty)
    assert "holds debug information only" in reason(tmp_path / "x.debug")
    assert "No such file" in reason(tmp_path / "nowhere")


def test_debug_information_in_a_folder_is_passed_over(tmp_path: Path, program: Path) -> None:
    # The empty PT_DYNAMIC of such a file may lie beyond its end.
    subprocess.run(["objcopy", "--only-keep-debug", program, tmp_path / "x.debug"], check=True)
    assert verify([tmp_path], "2.19").files == ()


def test_special_files_are_not_opened(tmp_path: Path) -> None:
    fifo, loop, device = tmp_path / "fifo", tmp_path / "loop", Path("/dev/null")
    os.mkfifo(fifo)
    loop.symlink_to(loop)
    assert "not a regular file" in reason(fifo)
    assert "not a regular file" in reason(device)
    assert "symbolic links" in reason(loop)


def test_a_file_without_permission_is_an_error(tmp_path: Path, program: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(program.read_bytes())
    secret.chmod(0)
    assert holds_without_privileges(lambda: "Permission denied" in _error(secret))


def _error(path: Path) -> str:
    try:
        load_image(path)
    except ElfError as error:
        return str(error)
    return ""


def test_the_other_files_are_verified(tmp_path: Path, program: Path) -> None:
    text = tmp_path / "text"
    text.write_text("hello\n")
    found = verify([text, program], "2.36")
    assert [file.verdict for file in found.files] == ["error", "ok"]
    assert found.exit_status == 2
    assert len(found.errors) == 1


def test_an_error_names_the_other_architecture(tmp_path: Path, program: Path) -> None:
    data = bytearray(program.read_bytes())
    data[18:20] = (258).to_bytes(2, "little")  # EM_LOONGARCH
    foreign = tmp_path / "foreign"
    foreign.write_bytes(data)
    found = verify([foreign, program], "2.36", arch="x86_64")
    assert [file.verdict for file in found.files] == ["error", "ok"]
    message = "is for loongarch64; only files for x86_64 are verified here"
    assert found.errors == (f"{foreign}: {message}",)
    data[18:20] = (0x1234).to_bytes(2, "little")
    foreign.write_bytes(data)
    assert "unknown architecture" in reason(foreign)


def test_a_release_outside_of_the_tables_is_refused(program: Path) -> None:
    with pytest.raises(UsageError, match=r"2\.99.*cover"):
        verify([program], Target("2.99", Release(2, 99), Release(14, 0)))


@pytest.mark.parametrize("which", ["program", "library"])
def test_truncation_at_any_place_is_an_error_or_a_verdict(
    which: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    data = request.getfixturevalue(which).read_bytes()
    cut = tmp_path / "cut"
    for size in [*range(0, 1200, 7), *range(1200, len(data), 211)]:
        cut.write_bytes(data[:size])
        verdict = verdict_on(cut, "2.19")
        if size < 0x1000:  # Headers, symbols and versions lie in the first page; code and data do not matter.
            assert verdict.verdict == "error", size


def test_an_unterminated_string_table_costs_no_memory(program: Path, tmp_path: Path) -> None:
    data = bytearray(program.read_bytes())
    dynamic = Dynamic(Image(bytes(data), "x"))
    start = dynamic.value(5)  # DT_STRTAB
    assert start is not None
    offset = dynamic.image.offset_of(start, "DT_STRTAB")
    end = dynamic.image.mapped_after(start)  # the loader takes no notice of DT_STRSZ, so the rest of the segment counts
    data[offset : offset + end] = b"A" * end
    endless = tmp_path / "endless"
    endless.write_bytes(data)
    assert "no end" in reason(endless)


def test_files_in_memory_are_verified_as_a_set(program: Path, tmp_path: Path) -> None:
    library = compile_library(tmp_path / "lib", "libown.so", "int foo(void) { return 1; }\n", "V1 { foo; };")
    user = compile_program(
        tmp_path,
        "user",
        "int foo(void);\nint program(void) { return foo(); }\n",
        [str(library), "-Wl,-rpath,$ORIGIN/../libs"],
    )
    beside = [Content("x.whl/libs/libown.so", library.read_bytes()), Content("x.whl/bin/user", user.read_bytes())]
    found = verify(beside, "2.41")
    assert [file.path for file in found.files] == [member.name for member in beside]
    assert [file.findings for file in found.files] == [(), ()]
    alone = verify([Content("user", memoryview(user.read_bytes())), Content("text", b"hello\n")], "2.41")
    assert [finding.kind for finding in alone.files[0].findings] == ["provided-by-system"]
    assert alone.errors == ("text: not an ELF file; name a program or a shared library",)
