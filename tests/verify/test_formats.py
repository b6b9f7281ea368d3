"""Every format of one report is complete and conforms to its standard: schemas, a browser, a terminal."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from c_flags import LENIENT_C
from clients import run_client
from conftest import need_tool, succeeded
from pinning import COMMAND, IMPORTABLE, symver_pin_command
from served import PACKAGES, served
from symver_pin.report import terminal
from symver_pin.report.formats import FORMATS, render
from symver_pin.report.formats.json import schema_text
from symver_pin.verifier import Report, verify
from symver_pin.verifier.run import Progress

from . import packages
from .browser import DARK, LIGHT, dom_of, screenshot
from .programs import compile_program

HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'
#: The crate that contains the schema of OASIS.
SARIF_CRATE = "serde-sarif"
SARIF_CRATE_VERSION = "0.8.0"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program of today, one with a hostile name, a static one, a wheel, a static archive and a text file."""
    folder = tmp_path_factory.mktemp("formats")
    compile_program(folder, "modern", HELLO, own_start=False)
    (folder / "a <b> & 'c',d:e%\x1b[31m\n.so").write_bytes((folder / "modern").read_bytes())
    compile_program(folder, "static", HELLO, ["-static"], own_start=False)
    shutil.copy(packages.wheel("pyzmq==26.2.0"), folder)
    (folder / "x.c").write_text("extern int arc4random(); int x(void) { return arc4random(); }\n")
    subprocess.run(["gcc", *LENIENT_C, "-c", "x.c"], cwd=folder, check=True)
    subprocess.run(["ar", "rc", "libx.a", "x.o"], cwd=folder, check=True)
    (folder / "text").write_text("hello\n")
    return folder


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    return verify([folder, folder / "text"], "debian8", policy="manylinux_2_17")


@pytest.fixture(scope="module")
def sarif_schema(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The official schema of SARIF 2.1.0, out of a package of cargo's registry."""
    project = tmp_path_factory.mktemp("schema")
    (project / "src").mkdir()
    (project / "src" / "lib.rs").touch()
    (project / "Cargo.toml").write_text(
        '[package]\nname = "schema"\nversion = "0.0.0"\nedition = "2021"\n'
        f'[dependencies]\n{SARIF_CRATE} = "={SARIF_CRATE_VERSION}"\n[workspace]\n'
    )
    name = f"crate {SARIF_CRATE} {SARIF_CRATE_VERSION}"
    command = [need_tool("cargo"), "metadata", "--format-version", "1"]
    crates = json.loads(served(PACKAGES, name, lambda: run_client(command, "cargo", project)))["packages"]
    crate = next(crate for crate in crates if crate["name"] == SARIF_CRATE)
    return json.loads(Path(crate["manifest_path"]).with_name("src").joinpath("schema.json").read_text())


def test_the_report_has_every_verdict_and_several_kinds(report: Report) -> None:
    assert {file.verdict for file in report.files} == {"ok", "fails", "error"}
    kinds = {finding.kind for file in report.files for finding in file.findings}
    assert {"missing-version", "above-maximum", "missing-at-link", "unjudged-symbols"} <= kinds


@pytest.mark.parametrize("name", FORMATS)
def test_the_command_prints_every_format_or_writes_it(name: str, folder: Path, tmp_path: Path) -> None:
    words = ("verify", "--glibc", "2.17", folder / "modern", "--format", name)
    fixed = {"SOURCE_DATE_EPOCH": "1396569600"}
    printed = symver_pin_command(*words, env=fixed)
    written = symver_pin_command(*words, "-o", tmp_path / "out", env=fixed)
    assert (printed.returncode, printed.stderr) == (1, "")
    assert (written.returncode, written.stdout) == (1, "")
    lines = (tmp_path / "out").read_text().splitlines()
    with_origin = [line for line in lines if "2014-04-04T00:00:00Z" in line]
    assert bool(with_origin) == (name in ("text", "json", "html")), name
    assert set(printed.stdout.splitlines()) - set(lines) <= {
        line for line in printed.stdout.splitlines() if "2014" in line
    }
    failed = symver_pin_command(*words, "-o", tmp_path / "nowhere" / "out")
    assert failed.returncode == 2 and "cannot write" in failed.stderr


# json


def test_json_conforms_to_the_published_schema(report: Report) -> None:
    schema = json.loads(succeeded(symver_pin_command("verify", "--json-schema")))
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(render(report, "json"))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document["policy"] == "manylinux_2_17"
    assert [file["path"] for file in document["files"]] == [file.path for file in report.files]
    document["files"][0]["verdict"] = "maybe"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(document)


def test_json_has_a_line_for_each_file(report: Report) -> None:
    assert len(render(report, "json").splitlines()) == len(report.files) + 2
    assert json.loads(render(report._replace(files=()), "json"))["files"] == []


# sarif


def test_sarif_conforms_to_the_official_schema(report: Report, sarif_schema: Any) -> None:
    document = json.loads(render(report, "sarif"))
    jsonschema.Draft7Validator(sarif_schema).validate(document)
    jsonschema.Draft7Validator(sarif_schema).validate(json.loads(render(report._replace(files=()), "sarif")))


def test_sarif_has_what_code_scanning_requires(report: Report, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (scan,) = json.loads(render(report, "sarif"))["runs"]
    rules = [rule["id"] for rule in scan["tool"]["driver"]["rules"]]
    count = sum(len(file.reported_here) + bool(file.failing_libraries) for file in report.files)
    assert len(scan["results"]) == count < sum(len(file.findings) for file in report.files)
    for result in scan["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        (location,) = result["locations"]
        artifact = location["physicalLocation"]["artifactLocation"]
        assert artifact["uriBaseId"] == "%SRCROOT%" and not artifact["uri"].startswith("/")
        assert location["physicalLocation"]["region"] == {"startLine": 1}
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", artifact["uri"])
    marks = [result["partialFingerprints"]["symverPin/v1"] for result in scan["results"]]
    assert len(set(marks)) == len(marks)
    members = [result["locations"][0] for result in scan["results"] if "logicalLocations" in result["locations"][0]]
    assert members and all(place["physicalLocation"]["artifactLocation"]["uri"].endswith(".whl") for place in members)
    (invocation,) = scan["invocations"]
    assert not invocation["executionSuccessful"] and invocation["exitCode"] == 2
    assert "not an ELF file" in invocation["toolExecutionNotifications"][0]["message"]["text"]


# github

COMMAND_LINE = re.compile(r"::(error|notice) (?:file=([^,:]*),)?title=([^,:]*)::(.*)")


def test_github_annotations_are_one_escaped_line_each(report: Report) -> None:
    lines = render(report, "github").splitlines()
    matches = [COMMAND_LINE.fullmatch(line) for line in lines]
    assert all(matches)
    failing = sum(finding.fails for file in report.files for finding in file.reported_here)
    by_libraries = sum(bool(file.failing_libraries) for file in report.files)
    assert len(lines) == failing + by_libraries + len(report.errors) + 1
    assert any("a <b> & 'c'%2Cd%3Ae%25?[31m%0A.so" in line for line in lines)
    assert any("file=" in line and ".whl,title=Version above the maximum::pyzmq.libs/" in line for line in lines)
    assert lines[-1].startswith("::notice title=symver-pin::")


# junit


def test_junit_has_correct_counts(report: Report) -> None:
    root = ElementTree.fromstring(render(report, "junit"))
    (suite,) = root
    cases = suite.findall("testcase")
    assert len(cases) == len(report.files) == int(suite.attrib["tests"])
    assert len(suite.findall("testcase/failure")) == int(suite.attrib["failures"]) > 0
    assert len(suite.findall("testcase/error")) == int(suite.attrib["errors"]) == 1
    failure = next(case for case in cases if case.attrib["name"].endswith("/modern")).find("failure")
    assert failure is not None and failure.text is not None
    assert failure.attrib["type"].startswith("missing-version") and "__libc_start_main" in failure.text


def test_callers_are_in_every_format_that_lists_symbols(tmp_path: Path) -> None:
    source = "extern int getrandom(); int caller(void) { return getrandom(0, 0, 0); }\n"
    program = compile_program(
        tmp_path, "program", f"{source}int program(void) {{ return never && caller(); }}", ["-O0"]
    )
    found = verify([program], "2.17", callers=True)
    document = json.loads(render(found, "json"))
    jsonschema.Draft202012Validator(json.loads(schema_text())).validate(document)
    assert document["files"][0]["findings"][0]["symbols"][0]["used_by"] == [
        {"function": "caller", "source": None, "line": None, "object": None}
    ]
    for name in ("text", "junit", "html"):
        assert "used by caller" in render(found, name), name


# text


def written_to(leader: int) -> str:
    """All that was written to a terminal whose other end is closed."""
    written = b""
    try:
        while piece := os.read(leader, 65536):
            written += piece
    except OSError:  # how Linux reports the end of a terminal
        pass
    os.close(leader)
    return written.decode()


def through_a_terminal(words: list[str], env: dict[str, str]) -> str:
    """The output of a command to a terminal, of both of its streams."""
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *words],
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=follower,
        env={**os.environ, **IMPORTABLE, "TERM": "xterm", **env},
    ):
        os.close(follower)
        return written_to(leader)


@pytest.mark.parametrize(
    ("env", "colored"), [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)]
)
def test_colour_is_for_terminals_unless_the_user_declines_it(env: dict[str, str], colored: bool, folder: Path) -> None:
    env = {"NO_COLOR": "", **env}
    assert ("\x1b[31m" in through_a_terminal(["verify", str(folder / "modern")], env)) == colored
    assert "\x1b[" not in symver_pin_command("verify", folder / "modern", env=env).stdout


@pytest.fixture
def bar(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Progress], object]], str]:
    """`bar(work)`: the output of a progress bar on a terminal, drawn from the start of the work."""
    monkeypatch.setattr(terminal, "_INTERVAL", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "400")

    def draw(work: Callable[[Progress], object]) -> str:
        leader, follower = pty.openpty()
        with os.fdopen(follower, "w") as stream:
            monkeypatch.setattr(sys, "stderr", stream)
            with terminal.progress_bar("verifying", patience=0) as progress:
                assert progress is not None
                work(progress)
        return written_to(leader)

    return draw


def test_the_bar_shows_files_and_folders_and_is_erased(
    folder: Path, bar: Callable[[Callable[[Progress], object]], str]
) -> None:
    shown = bar(lambda progress: verify([folder / "modern", folder / "static"], "2.17", progress=progress))
    assert "verifying" in shown and "0/2" in shown and "1/2" in shown and str(folder / "static") in shown
    assert "\x1b[2K" in shown.rpartition("verifying")[2]  # its line is erased at the end
    assert str(folder) in bar(lambda progress: verify([folder], "2.17", progress=progress))


def test_the_bar_shows_names_as_they_are(bar: Callable[[Callable[[Progress], object]], str]) -> None:
    names = ["a[red]b.so", "c[/d].so", "e\x1b[35mf\n.so"]

    def work(progress: Progress) -> None:
        for number, name in enumerate(names):
            progress(number, len(names), name)

    shown = bar(work)
    assert all(name in shown for name in ("a[red]b.so", "c[/d].so", "e?[35mf?.so"))


def test_there_is_no_bar_without_a_terminal_or_on_short_runs(folder: Path) -> None:
    assert "verifying" not in through_a_terminal(["verify", str(folder / "modern")], {})
    assert symver_pin_command("verify", folder / "modern").stderr == ""


# html


class Links(HTMLParser):
    """Collects the tags of a page, and everything that it could load or link to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.targets += [value or "" for name, value in attrs if name in ("src", "href", "action", "data", "srcset")]


@pytest.fixture(scope="module")
def page(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render(report, "html"))
    return path


def test_html_needs_nothing_from_elsewhere(page: Path) -> None:
    text, links = page.read_text(), Links()
    links.feed(text)
    assert not links.tags & {"link", "img", "iframe", "object", "embed", "base"}
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text and "<script" in text and text.count("<script") == 1
    assert all(target.startswith("#file-") for target in links.targets)
    assert "url(" not in text and "@import" not in text


def test_html_shows_the_whole_report_in_a_browser(page: Path, report: Report) -> None:
    dom = dom_of(page)
    assert "Does it run on debian8?" in dom
    verified = [file for file in report.files if file.verdict != "error"]
    heat_map = dom.partition('class="map"')[2].partition("</table>")[0]
    releases = sorted({release for file in verified for release in file.releases})
    assert len(re.findall(r'<td class="(?:loads|some|runtime|fails|unknown)', heat_map)) == len(verified) * len(
        releases
    )
    loading = len(re.findall(r'<td class="(?:loads|some|runtime)', heat_map))
    assert loading == sum(len(file.loads_on) for file in verified)
    assert len(re.findall(r"<td class=\"\w+ target", heat_map)) == len(verified)
    symbols = dom.partition('id="symbols"')[2].partition("</table>")[0]
    assert all(name in symbols for name in ("__libc_start_main", "getrandom", "arc4random"))
    assert symbols.count(">__libc_start_main<") == 1
    platforms = re.findall(r"<tr><td>([^<]*)</td>\s*<td><span class=\"word (ok|fails)\"", dom)
    assert ("Debian 12", "ok") not in platforms[:1] and ("Debian 8", "fails") in platforms
    assert [word for _, word in platforms] == sorted((word for _, word in platforms), key=["fails", "ok"].index)
    assert html.escape("a <b> & 'c',d:e%?[31m?.so", quote=False) in dom


def test_html_follows_the_preferred_colour_scheme(page: Path, tmp_path: Path) -> None:
    # A copy with the computed colours in its title: the report forbids scripts other than its own.
    script = "<script>document.title = getComputedStyle(document.body).backgroundColor</script></body>"
    probe = tmp_path / "probe.html"
    probe.write_text(
        re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text()).replace("</body>", script)
    )
    titles = [dom_of(probe, scheme).partition("<title>")[2].partition("</title>")[0] for scheme in (LIGHT, DARK)]
    assert titles == ["rgb(251, 251, 250)", "rgb(21, 24, 26)"]


def test_html_is_not_an_empty_page(page: Path, tmp_path: Path) -> None:
    light = screenshot(page, tmp_path / "light.png", LIGHT)
    dark = screenshot(page, tmp_path / "dark.png", DARK)
    assert light.startswith(b"\x89PNG") and dark.startswith(b"\x89PNG") and light != dark
    assert len(light) > 20_000  # an empty page of that size has 5 KB
