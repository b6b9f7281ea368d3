"""A survey of real packages says what `verify` says of each, fetches little, and nothing a second time."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import stat
import tarfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from symver_pin.errors import UsageError
from symver_pin.fleet import isolated
from symver_pin.fleet.isolated import judge_package
from symver_pin.fleet.survey import Cluster, Counts, survey
from symver_pin.fleet.task import CrashError, Settings, Task
from symver_pin.glibc.maps import default_maps

from .rows import packages_of, read, surveyed, verified
from .serving import PackageServer, serving

TARGETS = ("2.17", "2.28")


def run(scheduler: str, dataset: Path, *sources: str, limits: Settings | None = None, batch: int = 12) -> Counts:
    return survey(sources, dataset, TARGETS, default_maps(), Cluster(scheduler), limits, batch=batch)


def state_of(dataset: Path) -> dict[str, tuple[int, int]]:
    """Each file of the partitions, by its path, inode and time of change."""
    files = sorted(dataset.glob("part-*/*"))
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


def test_a_survey_equals_verify_row_by_row_and_fetches_nothing_twice(
    server: PackageServer, scheduler: str, tmp_path: Path
) -> None:
    local = sorted(server.folder.iterdir())
    assert run(scheduler, tmp_path / "data", server.index) == Counts(len(local), 0, 0, ())
    found = surveyed(tmp_path / "data")
    assert sorted(found) == packages_of(tmp_path / "data") == sorted(server.url(path.name) for path in local)
    for path in local:
        assert found[server.url(path.name)] == verified(path, server.url(path.name), TARGETS), path.name
    assert sum(len(files) for files, _ in found.values()) > 40
    rows = read(tmp_path / "data", "packages")
    assert sum(row["fetched"] for row in rows) == sum(server.sent.values())
    assert {row["size"] for row in rows} == {path.stat().st_size for path in local}

    before = state_of(tmp_path / "data")
    server.forget()
    assert run(scheduler, tmp_path / "data", server.index) == Counts(0, 0, len(local), ())
    assert not server.sent and server.requests["HEAD"] >= len(local)
    assert state_of(tmp_path / "data") == before


def test_a_changed_package_takes_the_place_of_the_old_one(
    server: PackageServer, scheduler: str, tmp_path: Path
) -> None:
    run(scheduler, tmp_path / "data", server.index)
    names = packages_of(tmp_path / "data")
    first, second = sorted(server.folder.glob("*.deb"))[:2]
    shutil.copy(second, first)
    server.forget()
    assert run(scheduler, tmp_path / "data", server.index) == Counts(1, 0, len(names) - 1, ())
    assert set(server.sent) == {first.name}
    assert packages_of(tmp_path / "data") == names
    assert surveyed(tmp_path / "data")[server.url(first.name)] == verified(first, server.url(first.name), TARGETS)
    assert not [path for path in (tmp_path / "data").iterdir() if path.name.startswith((".new", ".old"))]


def test_another_target_or_other_tables_are_judged_again(packages: list[Path], scheduler: str, tmp_path: Path) -> None:
    source, data = str(packages[0]), tmp_path / "data"
    run(scheduler, data, source)
    assert survey([source], data, ["2.28"], default_maps(), Cluster(scheduler)) == Counts(0, 0, 1, ())
    assert survey([source], data, ["2.31"], default_maps(), Cluster(scheduler)) == Counts(1, 0, 0, ())
    assert {row["target"] for row in read(data, "findings")} <= {"2.31"}
    assert packages_of(data) == [source]


def test_of_a_large_wheel_the_members_are_read_that_may_be_programs(
    packages: list[Path], scheduler: str, tmp_path: Path
) -> None:
    (wheel,) = [path for path in packages if path.name.startswith("zstandard")]
    folder = tmp_path / "served"
    folder.mkdir()
    grown = folder / wheel.name
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(grown, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("data/first.bin", os.urandom(3 << 20))
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("data/last.json", os.urandom(1 << 20))
        new.writestr("data/a program without a suffix", old.read(next(n for n in old.namelist() if n.endswith(".so"))))
    with serving(folder) as server:
        run(scheduler, tmp_path / "data", server.url(grown.name))
        assert surveyed(tmp_path / "data") == {server.url(grown.name): verified(grown, server.url(grown.name), TARGETS)}
        (row,) = read(tmp_path / "data", "packages")
        assert row["fetched"] == server.sent[grown.name] < grown.stat().st_size - (7 << 19)
        assert row["unread"] > 0 and row["sha256"] is None

        server.forget()
        server.has_ranges = False
        run(scheduler, tmp_path / "without", server.url(grown.name))
        assert surveyed(tmp_path / "without") == surveyed(tmp_path / "data")
        assert server.sent[grown.name] >= grown.stat().st_size


@pytest.mark.parametrize("change", ["comment", "front", "zip64", "shared", "truncated"])
def test_an_unusual_zip_is_read_whole(
    change: str, packages: list[Path], scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (wheel,) = [path for path in packages if path.name.startswith("zstandard")]
    folder = tmp_path / "served"
    folder.mkdir()
    path = folder / wheel.name
    data = wheel.read_bytes()
    if change == "comment":
        shutil.copy(wheel, path)
        with zipfile.ZipFile(path, "a") as archive:
            archive.comment = b"PK\5\6" * 1000
    elif change == "zip64":
        monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
        with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist():
                with new.open(name, "w", force_zip64=True) as stream:
                    stream.write(old.read(name))
    elif change == "shared":
        with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist():
                new.writestr(name, old.read(name))
            new.filelist.append(new.filelist[-1])
    else:
        path.write_bytes({"front": bytes(100) + data, "truncated": data[: len(data) // 2]}[change])
    with serving(folder) as server:
        run(scheduler, tmp_path / "data", server.url(path.name))
        assert surveyed(tmp_path / "data") == {server.url(path.name): verified(path, server.url(path.name), TARGETS)}


def test_dropped_connections_cost_a_second_try_and_lose_nothing(
    server: PackageServer, scheduler: str, tmp_path: Path
) -> None:
    names = [path.name for path in sorted(server.folder.iterdir())]
    server.drops.update(dict.fromkeys(names[::2], 1))
    lost = names[1:6:2]
    server.drops.update(dict.fromkeys(lost, 1000))
    counts = run(scheduler, tmp_path / "data", server.index)
    assert counts.judged == len(names) - len(lost) and counts.failed == 0
    assert sorted(line.partition(": ")[0] for line in counts.unread) == sorted(map(server.url, lost))
    server.drops.clear()
    assert run(scheduler, tmp_path / "data", server.index) == Counts(len(lost), 0, counts.judged, ())
    assert packages_of(tmp_path / "data") == sorted(map(server.url, names))


def test_a_poisonous_package_is_a_row_and_costs_nothing_else(
    server: PackageServer, scheduler: str, tmp_path: Path
) -> None:
    good = len(list(server.folder.iterdir()))
    program = Path("/bin/true").read_bytes() + bytes(100 << 20)
    with tarfile.open(server.folder / "bomb-1.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("bin/true")
        entry.size = len(program)
        archive.addfile(entry, io.BytesIO(program))
    (server.folder / "endless-1.tar").write_bytes(bytes(10_240))
    server.hangs.add("endless-1.tar")
    limits = Settings((), None, "", seconds=15)
    counts = run(scheduler, tmp_path / "data", server.index, limits=limits)
    assert (counts.judged, counts.failed, counts.unread) == (good + 1, 1, ())
    errors = {row["project"]: row["error"] for row in read(tmp_path / "data", "packages") if row["status"] == "error"}
    assert errors["endless"] == f"{server.url('endless-1.tar')}: not judged within 15 s; see --time-limit"
    (bombed,) = [row for row in read(tmp_path / "data", "files") if row["package"] == server.url("bomb-1.tar.gz")]
    assert bombed["verdict"] == "error" and "decompression bomb" in bombed["error"]
    assert packages_of(tmp_path / "data") == sorted(server.url(path.name) for path in server.folder.iterdir())


def test_a_process_that_dies_while_it_judges_is_an_error_about_its_package(packages: list[Path]) -> None:
    settings = Settings(("2.17",), None, "tables")
    assert judge_package(Task(str(packages[0]), settings)).row is not None  # the helper of this thread has started
    (helper,) = children_of(os.getpid(), "symver_pin.fleet.isolated")
    with serving(packages[0].parent) as server, ThreadPoolExecutor(1) as pool:
        server.hangs.add(packages[0].name)

        def judge() -> None:
            isolated._mine.helper = helper_of_this_thread
            judge_package(Task(server.url(packages[0].name), settings))

        helper_of_this_thread = isolated._mine.helper
        judged = pool.submit(judge)
        while not server.requests["GET"]:
            time.sleep(0.01)
        (child,) = children_of(helper, "")
        os.kill(child, signal.SIGSEGV)
        with pytest.raises(CrashError, match=f"^{server.url(packages[0].name)}: the process .* died of signal 11$"):
            judged.result()
    with pytest.raises(CrashError, match="needs more than 1 MB of memory; see --memory-limit"):
        judge_package(Task(str(packages[0]), settings._replace(memory=1 << 20)))


def children_of(parent: int, words: str) -> list[int]:
    """The child processes whose command line has these words."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            is_child = f"\nPPid:\t{parent}\n" in status.read_text()
            if is_child and words.encode() in (status.parent / "cmdline").read_bytes():
                found.append(int(status.parent.name))
    return found


def test_sources_are_folders_globs_files_pages_and_lists(
    packages: list[Path], server: PackageServer, tmp_path: Path
) -> None:
    from symver_pin.fleet.sources import list_packages

    folder = tmp_path / "tree"
    (folder / "deep").mkdir(parents=True)
    shutil.copy(packages[0], folder / "deep" / "x.whl")
    shutil.copy("/bin/true", folder / "true")
    (folder / "notes.txt").write_text("no package\n")
    (folder / "script").write_text("#!/bin/sh\n")
    assert [each.package for each in list_packages(str(folder))] == [f"{folder}/true", f"{folder}/deep/x.whl"]
    assert [each.package for each in list_packages(f"{folder}/*")] == [f"{folder}/true"]
    assert [each.package for each in list_packages(f"{folder}/**/*.whl")] == [f"{folder}/deep/x.whl"]
    (server.folder / "readme.txt").write_text("no package\n")
    pages = [each.package for each in list_packages(server.index)]
    assert pages == sorted(server.url(path.name) for path in packages)
    assert [each.package for each in list_packages(pages[0])] == pages[:1]
    for wrong, reason in (
        (str(folder / "absent"), "no such file"),
        (f"{folder}/*.deb", "names no package"),
        (f"{server.address}/absent", "cannot be listed"),
        ("nonsense://x", "Protocol not known"),
    ):
        with pytest.raises(UsageError, match=reason):
            list(list_packages(wrong))


def test_a_file_is_judged_also_where_its_tables_do_not_reach_the_target(
    packages: list[Path], scheduler: str, tmp_path: Path
) -> None:
    (package,) = [path for path in packages if "linux-arm64" in path.name]
    counts = survey([str(package)], tmp_path / "data", ["2.12"], default_maps(), Cluster(scheduler))
    assert counts == Counts(1, 0, 0, ())
    files = read(tmp_path / "data", "files")
    assert {row["architecture"] for row in files} == {"aarch64"} and {row["verdict"] for row in files} == {"judged"}
    assert {row["lowest_glibc"] for row in files if ".glibc." in row["member"]} == {"2.17"}
    assert not read(tmp_path / "data", "findings")


def test_names_that_are_no_utf_8_are_kept_as_escapes(scheduler: str, tmp_path: Path) -> None:
    data = Path("/bin/true").read_bytes()
    with tarfile.open(tmp_path / "odd.tar", "w") as archive:
        entry = tarfile.TarInfo(os.fsdecode(b"bin/\xff\n"))
        entry.size, entry.mode = len(data), stat.S_IRWXU
        archive.addfile(entry, io.BytesIO(data))
    run(scheduler, tmp_path / "data", str(tmp_path / "odd.tar"))
    (row,) = read(tmp_path / "data", "files")
    assert row["member"] == "bin/\\udcff\n" and row["verdict"] == "judged"
