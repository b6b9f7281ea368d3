"""The wrappers stand in for the compiler: what does not link passes as it is, and every word arrives unchanged."""

import shutil
from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from pinning import CCS, Kits, Pinned, Word, run, wrapper_of

EVERY_CC = pytest.mark.parametrize("cc", CCS)

SOURCE = '#include <stdio.h>\nint main(int argc, char **argv) { return printf("%s\\n", argv[argc - 1]) < 0; }\n'

ODD_WORDS = ["-DA=a b", "-DB='one'", '-DC="two"', "-DD=*", "-DE=$HOME `id`", "-DF=\\\\", "-DG=line\nline", "-DH=;|&<>"]

NO_LINK = {
    "compile": ("-c",),
    "preprocess": ("-E",),
    "assembly": ("-S",),
    "dependencies": ("-M",),
    "user dependencies": ("-MM",),
    "syntax": ("-fsyntax-only",),
    "compile with dependencies": ("-c", "-MMD", "-MF", "deps.d", "-MT", "-c"),
    "optimised, with debugging": ("-c", "-O2", "-g"),
    "lto": ("-c", "-flto"),
}

QUESTIONS = (
    "--version", "-dumpmachine", "-dumpversion", "-print-file-name=libm.so", "-print-libgcc-file-name",
    "-print-search-dirs", "--help", "-v",
)  # fmt: skip


def without_identity(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("symver-pin version "))


def answers(pinned: Pinned, cc: str, words: list[str], driver: str = "cc") -> None:
    """The wrapper says what the compiler says to these words, but for the line by which the kit identifies itself."""
    plain = {"gcc": {"cc": "gcc", "c++": "g++"}, "clang": {"cc": "clang", "c++": "clang++"}}[cc][driver]
    ours = pinned.driver(words, cc, driver)
    theirs = run([need_tool(plain), *words], cwd=pinned.folder)
    said = (ours.returncode, without_identity(ours.stdout), without_identity(ours.stderr))
    assert said == (theirs.returncode, theirs.stdout, theirs.stderr)


@EVERY_CC
@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("driver", ["cc", "c++"])
def test_questions_get_the_compilers_own_answer(pinned: Pinned, cc: str, question: str, driver: str) -> None:
    answers(pinned, cc, [question], driver)


@EVERY_CC
@pytest.mark.parametrize("flags", NO_LINK.values(), ids=NO_LINK)
def test_a_call_that_does_not_link_is_the_compilers_own(pinned: Pinned, cc: str, flags: tuple[str, ...]) -> None:
    pinned.write("main.c", SOURCE)
    words = [*flags, "-Wall", "-Wextra", "-Werror", "main.c", *(["-o", "out"] if "-fsyntax-only" not in flags else [])]
    answers(pinned, cc, words)
    produced = {}
    for compiler in (pinned.kits(cc) / "bin" / "cc", Path(need_tool(cc))):
        (pinned.folder / "out").unlink(missing_ok=True)
        succeeded(run([compiler, *words], cwd=pinned.folder))
        produced[compiler] = (pinned.folder / "out").read_bytes() if (pinned.folder / "out").exists() else b""
    ours, theirs = produced.values()
    if "-flto" not in flags or cc == "clang":  # gcc gives the sections of bytecode random names
        assert ours == theirs


@EVERY_CC
def test_errors_and_exit_status_are_the_compilers_own(pinned: Pinned, cc: str) -> None:
    pinned.write("broken.c", "int main(void) { return ; oops }")
    answers(pinned, cc, ["-c", "broken.c"])
    answers(pinned, cc, ["-c", "no-such-file.c"])
    answers(pinned, cc, [])
    pinned.write("main.c", SOURCE)
    for option in ("-L", "-o", "-Xlinker"):
        answers(pinned, cc, ["main.c", option])
    assert pinned.driver(["-c", "broken.c"], cc).returncode == 1


def test_the_status_of_a_killed_compiler_is_passed_on(pinned: Pinned, tmp_path: Path, kits: Kits) -> None:
    dying = pinned.write("dying", "#!/bin/sh\nkill -KILL $$\n")
    dying.chmod(0o755)
    other = wrapper_of(kits("gcc"), dying, tmp_path)
    assert run([other, "main.c"]).returncode == -9
    # through a response file that has to be copied, the shell stays and tells 128 + 9
    libm = succeeded(run(["gcc", "-print-file-name=libm.so"])).strip()
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    words = pinned.write("words", libm)
    assert run([other, "main.c", f"@{words}"], {"TMPDIR": str(temporary)}).returncode == 128 + 9
    assert list(temporary.iterdir()) == []


@EVERY_CC
@pytest.mark.parametrize("how", ["line", "response file"])
def test_every_word_arrives_as_it_was_given(pinned: Pinned, cc: str, how: str) -> None:
    show = pinned.write("show", "#!/bin/sh\nfor word do printf '<%s>' \"$word\"; done\n")
    show.chmod(0o755)
    other = wrapper_of(pinned.kits(cc), show, pinned.folder)
    words = [*ODD_WORDS, "", "a file.c", "-o", "an output"]
    if how == "response file":
        libm = succeeded(run(["gcc", "-print-file-name=libm.so"])).strip()
        words.append(f"@{pinned.write('a response file', libm)}")
    said = succeeded(run([other, *words], cwd=pinned.folder))
    assert "".join(f"<{word}>" for word in words[:12]) in said
    words = ["-c", *ODD_WORDS, "", "x.c"]
    assert succeeded(run([other, *words])) == "".join(f"<{word}>" for word in words)


@EVERY_CC
def test_sources_come_from_standard_input(pinned: Pinned, cc: str) -> None:
    succeeded(pinned.driver(["-x", "c", "-", "-o", "program"], cc, input=SOURCE))
    assert pinned.runs(pinned.folder / "program", "said") == "said\n"


@EVERY_CC
@pytest.mark.parametrize("flags", [("-static",), ("-static-pie",)], ids=["static", "static-pie"])
def test_static_programs_are_as_without_the_kit(pinned: Pinned, cc: str, flags: tuple[str, ...]) -> None:
    pinned.write("main.c", SOURCE)
    done = pinned.driver([*flags, "-O1", "main.c", "-o", "program"], cc)
    assert "symver_pin" not in done.stderr
    plain = run([cc, *flags, "-O1", "main.c", "-o", "plain"], cwd=pinned.folder)
    assert done.returncode == plain.returncode, done.stderr
    if done.returncode == 0:
        assert (pinned.folder / "program").read_bytes() == (pinned.folder / "plain").read_bytes()
        assert pinned.runs(pinned.folder / "program", "said") == "said\n"


@EVERY_CC
def test_relocatable_links_are_as_without_the_kit(pinned: Pinned, cc: str) -> None:
    pinned.write("main.c", SOURCE)
    succeeded(pinned.driver(["-c", "-fPIE", "main.c", "-o", "main.o"], cc))
    words = ["-r", "-nostdlib", "main.o", "-o"]
    succeeded(pinned.driver([*words, "ours.o"], cc))
    succeeded(run([cc, *words, "theirs.o"], cwd=pinned.folder))
    assert (pinned.folder / "ours.o").read_bytes() == (pinned.folder / "theirs.o").read_bytes()
    succeeded(pinned.driver(["ours.o", "-o", "program"], cc))
    assert pinned.runs(pinned.folder / "program", "said") == "said\n"


@EVERY_CC
@pytest.mark.parametrize("flag", ["-nostdlib", "-nodefaultlibs -pthread"])
def test_a_program_without_standard_libraries_gets_none(pinned: Pinned, cc: str, flag: str) -> None:
    start = "_start" if "stdlib" in flag else "main"
    pinned.write("bare.c", f"int {start}(void) {{ for (;;) ; }}")
    words = [*flag.split(), "-Wl,--allow-multiple-definition", "-ffreestanding", "bare.c", "-o", "program"]
    if start == "main":
        words += ["-nostartfiles", "-Wl,-e,main"]
    succeeded(pinned.driver(words, cc))
    assert "NEEDED" not in succeeded(run(["readelf", "-d", pinned.folder / "program"]))


@EVERY_CC
@pytest.mark.parametrize("words", [
    ("head.h",), ("head.hpp",), ("-x", "c-header", "head.h"), ("-xc++-header", "head.h"),
])  # fmt: skip
def test_headers_are_precompiled_as_without_the_kit(pinned: Pinned, cc: str, words: tuple[str, ...]) -> None:
    pinned.write("head.h", "int declared(void);\n")
    pinned.write("head.hpp", "int declared(int);\n")
    answers(pinned, cc, ["-Werror", *words, "-o", "head.precompiled"])
    assert (pinned.folder / "head.precompiled").exists()


def test_clang_finds_no_unused_argument_in_a_link_or_analysis(pinned: Pinned) -> None:
    pinned.write("main.c", SOURCE)
    for words in (
        ["-Werror", "main.c", "-o", "program"],
        ["-Werror", "-pthread", "main.c", "-o", "program"],
        ["-Werror", "--analyze", "main.c"],
    ):
        done = pinned.driver(words, "clang")
        assert succeeded(done) == ""
        assert done.stderr == ""


@EVERY_CC
def test_another_abi_is_refused_with_one_line(pinned: Pinned, cc: str) -> None:
    pinned.write("main.c", SOURCE)
    done = pinned.driver(["-m32", "main.c"], cc)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "symver-pin: error: -m32: this kit is for x86_64; make one with: symver-pin kit --arch ...\n"
    )


@EVERY_CC
@pytest.mark.parametrize("driver", ["cc", "c++"])
def test_the_wrappers_start_no_python(pinned: Pinned, cc: str, driver: str) -> None:
    need_tool("strace")
    pinned.write("main.c", SOURCE)
    wrapper = pinned.kits(cc) / "bin" / driver
    words: list[Word] = [wrapper, "-x", "c" if driver == "cc" else "c++", "main.c", "-o", "program"]
    traced = run(["strace", "-f", "-e", "trace=execve", "-o", pinned.folder / "trace", *words], cwd=pinned.folder)
    succeeded(traced)
    trace = (pinned.folder / "trace").read_text()
    assert "collect2" in trace or "/ld" in trace
    assert "python" not in trace.replace(str(pinned.folder), "")


def test_the_wrappers_are_plain_posix_shell(pinned: Pinned) -> None:
    dash = shutil.which("dash")
    for driver in ("cc", "c++"):
        text = (pinned.kits("gcc") / "bin" / driver).read_text()
        assert text.startswith("#!/bin/sh\n")
        for shell in filter(None, (dash, need_tool("bash"))):
            succeeded(run([shell, "-n", pinned.kits("gcc") / "bin" / driver]))
