"""Options of `verify`: --quiet, --failures, --baseline, --color, --no-demangle; the origin of a report."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from conftest import succeeded
from pinning import symver_pin_command

from .programs import compile_program


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A program that is fine on 2.17, one that needs `getrandom` of 2.25, one in C++ that needs a newer libstdc++."""
    folder = tmp_path_factory.mktemp("options")
    plain = compile_program(folder, "plain", "int program(void) { return 0; }")
    source = "#include <sys/random.h>\nint program(void) { char byte; return getrandom(&byte, 1, 0) != 1; }"
    modern = compile_program(folder, "modern", source)
    (folder / "names.cc").write_text("#include <thread>\nint main() { std::thread([] {}).join(); }\n")
    command = ["g++", "-O0", "-o", folder / "names", folder / "names.cc", "-lpthread"]
    succeeded(subprocess.run(command, capture_output=True, text=True))  # type: ignore[arg-type]
    return [str(plain), str(modern), str(folder / "names")]


def verify(*words: str, status: int = 1) -> str:
    done = symver_pin_command("verify", "--glibc", "2.17", *words)
    assert (done.returncode, done.stderr) == (status, ""), done
    return done.stdout


def test_failing_files_are_printed_first(files: list[str]) -> None:
    heads = [line.partition(":")[0] for line in verify(*files).splitlines() if line.startswith("/")]
    assert heads == [files[1], files[2], files[0]]


def test_only_failures_are_printed_with_the_totals_of_all(files: list[str]) -> None:
    text = verify("--failures", *files)
    assert files[0] not in text and files[1] in text
    assert "3 files: 1 ok, 2 fail on glibc 2.17" in text.splitlines()[-1]
    assert "all 3 together run on: Debian 12+" in text.splitlines()[-2]


def test_quiet_answers_by_the_exit_status(files: list[str]) -> None:
    assert verify("--quiet", *files) == ""
    assert verify("--quiet", files[0], status=0) == ""
    done = symver_pin_command("verify", "--quiet", "-o", "report", files[0])
    assert done.returncode == 2 and "--quiet and -o" in done.stderr


def test_findings_of_the_baseline_pass_and_new_ones_do_not(files: list[str], tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    verify("--format", "json", "-o", str(baseline), files[1])
    text = verify("--baseline", str(baseline), files[1], status=0)
    assert f"{files[1]}: ok on glibc 2.17" in text and "note: 1 finding of the baseline left out" in text
    text = verify("--baseline", str(baseline), *files)
    assert "2 ok, 1 fails" in text and f"{files[2]}: FAILS" in text
    document = json.loads(baseline.read_text())
    document["files"][0]["findings"][0]["symbols"] = []
    baseline.write_text(json.dumps(document))
    verify("--baseline", str(baseline), files[1])  # the symbol is new


@pytest.mark.parametrize("content", [None, "no JSON", '{"files": 1}', "[]"])
def test_a_baseline_that_is_no_report_is_refused(content: str | None, files: list[str], tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    if content is not None:
        path.write_text(content)
    done = symver_pin_command("verify", "--baseline", path, files[0])
    assert done.returncode == 2 and f"--baseline {path}: " in done.stderr and done.stderr.count("\n") == 1


def test_names_of_cplusplus_are_demangled_unless_told_otherwise(files: list[str]) -> None:
    assert "std::thread::" in verify(files[2]) and "_ZNSt6thread" not in verify(files[2])
    assert "_ZNSt6thread" in verify("--no-demangle", files[2])
    assert "_ZNSt6thread" in verify("--format", "json", files[2])


def test_colours_are_for_terminals_unless_they_are_asked_for(files: list[str]) -> None:
    assert "\x1b[" not in verify(files[1]) and "\x1b[31m" in verify("--color", "always", files[1])


def test_a_kept_report_has_its_origin_and_the_digest_of_each_file(files: list[str], tmp_path: Path) -> None:
    fixed = {"SOURCE_DATE_EPOCH": "0"}
    words = ("verify", "--glibc", "2.17", files[0])
    digest = hashlib.sha256(Path(files[0]).read_bytes()).hexdigest()
    document = json.loads(succeeded(symver_pin_command(*words, "--format", "json", env=fixed)))
    assert document["time"] == "1970-01-01T00:00:00Z" and document["tool"]["name"] == "symver-pin"
    assert document["command"] == ["symver-pin", *words, "--format", "json"]
    assert document["files"][0]["sha256"] == digest
    out = tmp_path / "report.txt"
    succeeded(symver_pin_command(*words, "-o", out, env=fixed))
    assert "1970-01-01T00:00:00Z: symver-pin verify" in out.read_text() and f"sha256 {digest}" in out.read_text()
    assert "sha256" not in succeeded(symver_pin_command(*words))
    done = symver_pin_command(*words, "-o", out, env={"SOURCE_DATE_EPOCH": "soon"})
    assert done.returncode == 2 and "SOURCE_DATE_EPOCH=soon: not a number of seconds" in done.stderr
