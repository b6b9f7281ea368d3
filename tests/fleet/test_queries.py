"""docs/fleet.md: each query gives what the rows say, and its columns are those of the schema. Reports say the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conftest import REPO
from symver_pin.cli import main
from symver_pin.errors import UsageError
from symver_pin.fleet import page, text
from symver_pin.fleet.dataset import Dataset
from symver_pin.fleet.difference import compare
from symver_pin.fleet.remote import project_of
from symver_pin.fleet.schema import TABLES
from symver_pin.fleet.summary import Summary, summarize
from symver_pin.fleet.survey import Cluster, survey
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import parse_release

from .rows import Row, read

PAGE = (REPO / "docs/fleet.md").read_text()
QUERIES = dict(re.findall(r"^\*\*([^*\n]+\?)\*\*\n\n```sql\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL))


class Data:
    """The rows of a dataset."""

    def __init__(self, folder: Path) -> None:
        self.packages, self.files = read(folder, "packages"), read(folder, "files")
        self.requirements, self.findings = read(folder, "requirements"), read(folder, "findings")
        self.judged: dict[str, list[Row]] = defaultdict(list)
        for row in self.files:
            if row["verdict"] == "judged":
                self.judged[row["package"]].append(row)

    def loading(self, release: str) -> set[str]:
        return {name for name, rows in self.judged.items() if all(release in row["loads_on"] for row in rows)}

    def lowest(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in self.files:
            name = project_of(row["package"])
            found[name] = max(found.get(name, 0), row["lowest_glibc_number"] or 0)
        return found


def rhel7(data: Data, _old: Data) -> list[Any]:
    return sorted((name,) for name, rows in data.judged.items() if all("rhel7" in row["runs_on"] for row in rows))


def releases(data: Data, _old: Data) -> list[Any]:
    known = {release for row in data.files for release in row["loads_on"]}
    found = [(release, len(data.loading(release))) for release in known]
    return sorted((each for each in found if each[1]), key=lambda each: (each[1], each[0]))


def symbols(data: Data, _old: Data) -> list[Any]:
    users = defaultdict(set)
    for row in data.requirements:
        if (row["since_number"] or 0) > 2017 and not row["weak"]:
            users[row["symbol"] or row["version"], row["version"]].add(row["package"])
    rows = [(*key, len(names)) for key, names in users.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))[:50]


def function(data: Data, _old: Data) -> list[Any]:
    return sorted({(row["package"], row["member"]) for row in data.requirements if row["symbol"] == "memcpy"})


def libraries(data: Data, _old: Data) -> list[Any]:
    users = defaultdict(set)
    for row in data.findings:
        if row["kind"] == "provided-by-system":
            users[row["library"]].add(row["package"])
    return sorted(((name, len(found)) for name, found in users.items()), key=lambda row: (-row[1], row[0]))


def promises(data: Data, _old: Data) -> list[Any]:
    found: dict[str, int] = {}
    for row in data.files:
        if re.search("manylinux(2014|_2_17)_", row["package"]) and row["lowest_glibc_number"]:
            found[row["package"]] = max(found.get(row["package"], 0), row["lowest_glibc_number"])
    return sorted((name, number) for name, number in found.items() if number > 2017)


def shared(data: Data, _old: Data) -> list[Any]:
    users = defaultdict(set)
    for row in data.files:
        if row["sha256"]:
            users[row["sha256"]].add(row["package"])
    return sorted((digest, len(names)) for digest, names in users.items() if len(names) > 1)


def errors(data: Data, _old: Data) -> list[Any]:
    rows = [(row["package"], row["error"]) for row in data.packages if row["status"] == "error"]
    files = [(f"{row['package']}!/{row['member']}", row["error"]) for row in data.files if row["verdict"] == "error"]
    return sorted([*rows, *files])


def kinds(data: Data, _old: Data) -> list[Any]:
    found = {(row["kind"], row["package"]) for row in data.findings if row["target"] == "2.17" and row["fails"]}
    return sorted(Counter(kind for kind, _ in found).items(), key=lambda row: (-row[1], row[0]))


def worse(data: Data, old: Data) -> list[Any]:
    before, now = old.lowest(), data.lowest()
    return sorted((name, before[name], now[name]) for name in before.keys() & now.keys() if now[name] > before[name])


ANSWERS: tuple[Callable[[Data, Data], list[Any]], ...] = (
    rhel7, releases, symbols, function, libraries, promises, shared, errors, kinds, worse,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(packages: list[Path], scheduler: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two datasets: `answers`, and `last-week`, in which `tool` is an older file."""
    folder = tmp_path_factory.mktemp("queries")
    mirror = folder / "mirror"
    mirror.mkdir()
    (markupsafe,) = [path for path in packages if path.name.startswith("markupsafe")]
    with zipfile.ZipFile(markupsafe) as wheel:
        (mirror / "tool_1.0.so").write_bytes(wheel.read(next(name for name in wheel.namelist() if ".so" in name)))
    with zipfile.ZipFile(mirror / "liar-1.0-py3-none-manylinux_2_17_x86_64.whl", "w") as wheel:
        wheel.write("/bin/ls", "liar/ls")
    (mirror / "broken_1.0.deb").write_bytes(
        b"!<arch>\ndebian-binary   0           0     0     100644  4         `\n2.0\n"
    )
    maps, cluster = default_maps(), Cluster(scheduler)
    old = [path for path in packages if "bzip2" not in path.name]
    survey([str(path) for path in [*old, *mirror.iterdir()]], folder / "last-week", ["2.17"], maps, cluster)
    (mirror / "tool_1.0.so").unlink()
    (mirror / "tool_1.1").symlink_to("/bin/ls")
    (mirror / "again_2").symlink_to("/bin/ls")
    new = [path for path in packages if "jq" not in path.name]
    survey([str(path) for path in [*new, *mirror.iterdir()]], folder / "answers", ["2.17"], maps, cluster, batch=10)
    return folder


@pytest.fixture(scope="module")
def summary(folder: Path) -> Summary:
    maps = default_maps()
    return summarize(Dataset(folder / "answers"), [maps.target("2.17"), maps.target("rhel8")], maps)


@pytest.mark.parametrize(("question", "answer"), list(zip(QUERIES, ANSWERS, strict=True)))
def test_a_query_of_the_page_gives_what_the_rows_say(
    question: str, answer: Callable[[Data, Data], list[Any]], folder: Path
) -> None:
    connection = duckdb.connect()
    views = PAGE.partition("CREATE VIEW")
    for line in (views[1] + views[2]).partition("```")[0].splitlines():
        connection.sql(line.replace("'answers/", f"'{folder}/answers/").replace("'last-week/", f"'{folder}/last-week/"))
    assert len(QUERIES[question].splitlines()) == 1
    rows = connection.sql(QUERIES[question]).fetchall()
    if answer is shared:
        rows = [(digest, count) for digest, _member, count in rows]
    assert rows and rows == answer(Data(folder / "answers"), Data(folder / "last-week"))


def test_the_page_lists_the_columns_of_the_schema() -> None:
    for name, schema in TABLES.items():
        (row,) = re.findall(rf"^\| {name} \| (.*) \|$", PAGE, re.MULTILINE)
        assert row == ", ".join(f"`{column}`" for column in schema.names)


def test_a_summary_counts_what_the_rows_say(summary: Summary, folder: Path) -> None:
    data = Data(folder / "answers")
    assert (summary.packages, summary.files) == (len(data.packages), len(data.files))
    assert summary.judged == len(data.judged)
    assert {str(release): count for release, count in summary.releases} == {
        release: len(data.loading(release)) for release, _ in releases(data, data)
    }
    rhel = {platform.id: count for platform, count in summary.platforms}["rhel7"]
    assert rhel == len(rhel7(data, data))
    for target, release in zip(summary.targets, ("2.17", "2.28"), strict=True):
        assert target.wins.all == len(data.judged) - len(data.loading(release))
        assert sum(target.wins[:3]) > 0
    assert {row.symbol for row in summary.targets[0].symbols} == {
        row[0] for row in symbols(data, data) if row[2] and any(_uses(data, row[0], name) for name in _failing(data))
    }
    assert dict(summary.targets[0].kinds) == dict(kinds(data, data))
    assert {row.remedy for row in summary.targets[0].symbols} >= {"older version", "compat object"}
    assert summary.error_count == len(errors(data, data)) == len(summary.errors)


def _failing(data: Data) -> set[str]:
    return data.judged.keys() - data.loading("2.17")


def _uses(data: Data, symbol: str, package: str) -> bool:
    return any((row["symbol"] or row["version"]) == symbol and row["package"] == package for row in data.requirements)


def test_a_remedy_is_what_repair_decides(folder: Path) -> None:
    from symver_pin.fleet.remedies import Remedies

    maps = default_maps()
    remedies = Remedies(maps.target("2.17"), maps)
    assert remedies.of("x86_64", "pthread_create", "GLIBC_2.34", "libc.so.6") == "older version"
    assert remedies.of("x86_64", "stat", "GLIBC_2.33", "libc.so.6") == "compat object"
    assert remedies.of("x86_64", None, "GLIBC_ABI_DT_RELR", "libc.so.6") == "older version"
    assert remedies.of("loongarch64", "stat", "GLIBC_2.36", "libc.so.6") == "none"
    assert folder


def test_the_text_has_shares_symbols_and_remedies(summary: Summary) -> None:
    said = text.render(summary)
    assert re.search(r"^2\.43 +\d+ +\d+\.\d %$", said, re.MULTILINE)
    assert re.search(r"^RHEL 7 +\d+ +\d+\.\d %$", said, re.MULTILINE)
    assert re.search(r"^__libc_start_main +GLIBC_2\.34 +2\.34 +\d+ +\d+ +compat object$", said, re.MULTILINE)
    assert "could not be judged" in said and "broken_1.0.deb" in said


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.all: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all[tag] += 1
        assert not {name for name, _ in attrs} & {"src", "href", "onload", "onclick"}
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_has_plots_and_nothing_from_elsewhere(summary: Summary, folder: Path) -> None:
    difference = compare(Dataset(folder / "last-week"), Dataset(folder / "answers"), project_of)
    html = page.render(summary, difference)
    tags = _Tags()
    tags.feed(html)
    assert not tags.open and not tags.all["script"] and not tags.all["img"]
    assert tags.all["svg"] > 10
    assert tags.all["rect"] >= 2 * (len(summary.releases) + len(summary.targets[0].symbols))
    assert summary.targets[0].symbols[0].symbol in html and "On fewer releases" in html


def test_a_difference_names_projects(folder: Path) -> None:
    difference = compare(Dataset(folder / "last-week"), Dataset(folder / "answers"), project_of)
    assert set(difference.added) == {"again", "bzip2"}
    assert set(difference.gone) == {"jq", "libjq1"}
    (change,) = difference.worse
    assert change.project == "tool"
    assert change.before is not None and change.before < parse_release("2.17")
    assert change.after is not None and change.after >= parse_release("2.34")  # by a plain build on this machine
    assert not difference.better and difference.same > 20
    said = text.render_difference(difference)
    assert "2 projects added, 2 gone, 1 on fewer releases" in said and "Added: again, bzip2" in said


def test_the_commands_survey_and_report(scheduler: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def call(*words: str) -> tuple[int, str, str]:
        capfd.readouterr()
        status = main(["survey", *words])
        return status, *capfd.readouterr()

    data = str(tmp_path / "data")
    status, out, err = call("--glibc", "2.17,rhel8", "/bin/ls", "/bin/true", "--scheduler", scheduler, "-o", data)
    assert (status, out) == (0, "2 judged, 0 could not be judged, 0 as before\n"), err
    assert err.startswith("dask dashboard: http://")
    status, out, err = call("report", data)
    assert status == 0 and "On 2.17, 2 packages would not load" in out and "On rhel8, 2 packages would not load" in out
    assert "On 2.43, 0 packages would not load" in call("report", data, "--glibc", "2.43")[1]
    assert call("report", data, "--html", str(tmp_path / "page.html"))[0] == 0
    assert (tmp_path / "page.html").read_text().startswith("<!DOCTYPE html>")
    assert "0 projects added, 0 gone" in call("report", "--diff", data, data)[1]
    for words, reason in (
        (["/bin/true"], "-o DATASET is missing"),
        (["-o", data], "the following arguments are required: SOURCE"),
        (["/bin/true", "-o", "/bin/.."], "name another folder"),
        (["/bin/true", "-o", data, "--html", "x"], "--html and --diff are of the report"),
        (["report"], "report needs one DATASET"),
        (["/bin/true", "-o", data, "--glibc", "2.17,nonesuch"], "unknown glibc release or platform 'nonesuch'"),
        (["/bin/true", "--scheduler", "tcp://127.0.0.1:9", "-o", str(tmp_path / "x")], "no dask scheduler answers"),
    ):
        status, out, err = call(*words)
        assert (status, out) == (2, "") and err.startswith("symver-pin: error: ") and reason in err


def test_a_folder_that_is_no_dataset_of_this_schema_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no dataset"):
        Dataset(tmp_path)
    (tmp_path / "survey.json").write_text(json.dumps({"schema": 99}))
    with pytest.raises(UsageError, match="schema 99; this symver-pin reads schema 1"):
        Dataset(tmp_path)


def test_without_the_extra_one_line_says_what_to_install() -> None:
    code = "import sys; sys.modules['dask'] = sys.modules['pyarrow'] = None; from symver_pin.cli import main; main()"
    code = code.replace("main()", "sys.exit(main(['survey', '/bin/ls', '-o', 'x']))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    says = "survey needs the Python packages dask, pyarrow, which are not installed: pip install dask pyarrow"
    assert (done.returncode, done.stderr) == (2, f"symver-pin: error: {says}\n")
