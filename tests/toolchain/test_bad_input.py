"""What is wrong with a request is said in one line, with what to do about it; nothing is written."""

import shlex
from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from pinning import COMMAND, IMPORTABLE, run, symver_pin_command

KIT_COMMANDS: list[tuple[str, ...]] = [
    ("kit",), ("flags", "cc"), ("rustflags",), ("cargo-config",), ("gen", "--format", "ld"),
    ("cc",), ("c++",), ("cargo",),
]  # fmt: skip
"""Commands that need a kit; their own options follow these words."""

EVERY_KIT_COMMAND = pytest.mark.parametrize("command", KIT_COMMANDS, ids=" ".join)

WRONG: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "release without a number": (("--glibc", "new"), ("'new'",)),
    "release of three numbers": (("--glibc", "2.17.1"), ("2.17.1",)),
    "empty release": (("--glibc", ""), ("release",)),
    "release newer than the tables": (("--glibc", "2.99"), ("2.99", "2.12", "2.43")),
    "release older than the tables": (("--glibc", "2.5"), ("2.5", "2.12", "2.43")),
    "huge release": (("--glibc", "2." + "9" * 30), ("2.12",)),
    "negative release": (("--glibc", "2.-17"), ("2.-17",)),
    "release in other digits": (("--glibc", "2.१७"), ("release",)),
    "platform near a known one": (("--glibc", "debain8"), ("debain8", "debian8")),
    "architecture without a compiler": (
        ("--arch", "loongarch64", "--glibc", "2.36"),
        ("loongarch64-linux-gnu-gcc", "--cc"),
    ),
    "unknown architecture": (("--arch", "pdp11"), ("pdp11", "x86_64")),
    "missing compiler": (("--cc", "nonesuch"), ("nonesuch", "--cc")),
    "missing compiler by path": (("--cc", "/nonesuch/cc"), ("/nonesuch/cc",)),
    "folder as compiler": (("--cc", "/tmp"), ("/tmp",)),
    "option without a value": (("--glibc",), ("--glibc",)),
}


def complaint(*words: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    """What a command says that must fail with one line and status 2."""
    done = symver_pin_command(*words, env=env, cwd=cwd)
    assert done.returncode == 2, f"{done.stdout}{done.stderr}"
    assert done.stdout == ""
    assert done.stderr.startswith("symver-pin: error: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.endswith("\n")
    return done.stderr


@pytest.fixture
def cache(tmp_path: Path) -> dict[str, str]:
    """The environment of an empty cache."""
    return {"SYMVER_PIN_CACHE": str(tmp_path / "cache")}


@EVERY_KIT_COMMAND
@pytest.mark.parametrize(("words", "parts"), WRONG.values(), ids=WRONG)
def test_a_wrong_option_is_one_line(
    command: tuple[str, ...], words: tuple[str, ...], parts: tuple[str, ...], cache: dict[str, str], tmp_path: Path
) -> None:
    said = complaint(*command, *words, env=cache, cwd=tmp_path)
    for part in parts:
        assert part in said
    assert not list(tmp_path.rglob("*.so*"))


@pytest.mark.parametrize("words", [
    ("--glibc", "new"), ("--glibc", "2.99"), ("--arch", "loongarch64"), ("--arch", "pdp11"), ("--format", "xml"),
    ("--exclude", "no_such_symbol_anywhere"), ("--surprise",), ("word",), ("-o", "/nonesuch/pin.h"), ("-o", "/"),
])  # fmt: skip
def test_a_wrong_request_for_a_header_is_one_line(words: tuple[str, ...], cache: dict[str, str]) -> None:
    assert words[-1].lstrip("-") in complaint("gen", *words, env=cache)


@pytest.mark.parametrize(
    "words",
    [
        ("flags",),
        ("flags", "pascal"),
        ("flags", "cc", "--linker", "turbo"),
        ("kit", "extra"),
        ("kit", "--surprise"),
        ("rustflags", "extra"),
        ("nonesuch",),
        ("--glibc", "2.17"),
    ],
    ids=" ".join,
)
def test_words_that_mean_nothing_are_one_line(words: tuple[str, ...], cache: dict[str, str]) -> None:
    complaint(*words, env=cache)


FAKES = {
    "fails": ("exit 1", ()),
    "fails and says why": ("echo 'cannot find my brain' >&2; echo more >&2; exit 3", ("cannot find my brain",)),
    "says nothing": ("exit 0", ()),
    "is for another machine": ('case $1 in -dumpmachine) echo arm-linux-gnueabihf ;; esac', ("arm-linux-gnueabihf",)),
    "is for another libc": ('case $1 in -dumpmachine) echo x86_64-linux-musl ;; esac', ("x86_64-linux-musl",)),
    "is for another system": ('case $1 in -dumpmachine) echo x86_64-w64-mingw32 ;; esac', ("mingw32",)),
    "has no runtime": ('case $1 in -dumpmachine) exec gcc "$@" ;; -print-file-name=*) echo "${1#*=}" ;; esac',
                       ("libgcc",)),
    "cannot compile": ('case $1 in -dump*|-print*|--version|-Wl*) exec gcc "$@" ;; esac; echo "no room" >&2; exit 1',
                       ("no room",)),
    "dies": ("kill -SEGV $$", ()),
}  # fmt: skip


@pytest.mark.parametrize(("script", "parts"), FAKES.values(), ids=FAKES)
def test_a_compiler_that_cannot_be_used_is_named_in_one_line(
    script: str, parts: tuple[str, ...], cache: dict[str, str], tmp_path: Path
) -> None:
    compiler = tmp_path / "odd-cc"
    compiler.write_text(f"#!/bin/sh\n{script}\n")
    compiler.chmod(0o755)
    said = complaint("kit", "--cc", str(compiler), env=cache)
    assert "odd-cc" in said
    for part in parts:
        assert part in said
    assert not list(Path(cache["SYMVER_PIN_CACHE"]).glob("kits/*"))


@pytest.mark.parametrize("content", ["", "not a program\n", "#!/nonesuch/shell\n"], ids=["empty", "text", "no shell"])
@pytest.mark.parametrize("mode", [0o755, 0o644])
def test_a_file_that_is_no_compiler_is_one_line(content: str, mode: int, cache: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "odd-cc"
    file.write_text(content)
    file.chmod(mode)
    assert "odd-cc" in complaint("kit", "--cc", str(file), env=cache)


def test_without_any_compiler_the_error_says_what_to_install(cache: dict[str, str], tmp_path: Path) -> None:
    said = complaint("kit", env={**cache, "PATH": str(tmp_path)})
    assert "install" in said


def test_a_c_compiler_without_its_cpp_companion_makes_a_kit_for_c(cache: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "lonely-gcc").symlink_to(need_tool("gcc"))
    words = ("--cc", str(tmp_path / "lonely-gcc"))
    kit = Path(succeeded(symver_pin_command("kit", *words, env=cache)).strip())
    assert not (kit / "bin" / "c++").exists()
    assert "C++" in complaint("c++", *words, "x.cc", env=cache).replace("c++", "C++")


def test_cargo_that_is_not_installed_is_named(cache: dict[str, str], tmp_path: Path) -> None:
    for tool in ("gcc", "as", "ld", "sh", "cc"):
        (tmp_path / tool).symlink_to(need_tool(tool))
    assert "cargo" in complaint("cargo", "--cc", "gcc", "build", env={**cache, "PATH": str(tmp_path)})


def test_an_unset_home_without_a_cache_is_no_traceback(tmp_path: Path) -> None:
    done = symver_pin_command("kit", env={"HOME": "", "XDG_CACHE_HOME": "", "SYMVER_PIN_CACHE": ""}, cwd=tmp_path)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 2)


def test_a_full_stdout_is_one_line(cache: dict[str, str]) -> None:
    done = run(["sh", "-c", f"{shlex.join(COMMAND)} gen --glibc 2.34 >/dev/full"], {**IMPORTABLE, **cache})
    assert done.returncode == 2
    assert done.stderr == "symver-pin: error: standard output: No space left on device\n"


def test_a_reader_that_has_gone_is_no_error(cache: dict[str, str]) -> None:
    done = run(["sh", "-c", f"{shlex.join(COMMAND)} gen --glibc 2.43 | head -n 1"], {**IMPORTABLE, **cache})
    assert done.stderr == ""
    assert done.stdout.startswith("/* Pin header")
