"""A kit is there whole or not at all, whatever happens to the process that makes it."""

import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from pinning import COMMAND, IMPORTABLE, check_fits, run, symver_pin_command
from symver_pin.kit.build import _move_into_place
from symver_pin.kit.model import Stamp, read_stamp, write_stamp

KIT = ("kit", "--glibc", "2.17", "--cc", "gcc")
KILLS, KILLS_OF_ALL = 5, 15


def environment(cache: Path) -> dict[str, str]:
    return {**os.environ, **IMPORTABLE, "SYMVER_PIN_CACHE": str(cache)}


def start(cache: Path) -> "subprocess.Popen[str]":
    """The command under way, in a session of its own."""
    return subprocess.Popen(
        [*COMMAND, *KIT],
        env=environment(cache),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def make_in(cache: Path) -> Path:
    """The kit that the command makes or finds in a cache."""
    return Path(succeeded(symver_pin_command(*KIT, env={"SYMVER_PIN_CACHE": str(cache)})).strip())


def files_of(kit: Path) -> dict[str, bytes]:
    """Every file of a kit by its path in it."""
    return {str(path.relative_to(kit)): path.read_bytes() for path in sorted(kit.rglob("*")) if path.is_file()}


def stamp(key: str) -> Stamp:
    """The stamp of a kit without files, whose headers are this file."""
    status = Path(__file__).stat()
    features = (__file__, status.st_size, status.st_mtime_ns)
    return Stamp(key, "2.17", "4.8", "x86_64", "/usr/bin/cc", "bfd", {}, "2.36", "2.43", features, {}, {})


def stamped(folder: Path, key: str) -> Path:
    """A folder that passes for a kit."""
    folder.mkdir()
    write_stamp(folder, stamp(key))
    return folder


def move_in(job: tuple[Path, int]) -> None:
    """Move a kit of this process's own into the place that all want."""
    folder, number = job
    work = stamped(folder / f".work-{number}", "the new one")
    _move_into_place(work, folder / "kit", "the new one")
    shutil.rmtree(work, ignore_errors=True)


def whole_kits(cache: Path) -> list[Path]:
    """What stands under a kit's name; what a killed process left has a name of another kind."""
    folder = cache / "kits"
    return [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []


def test_a_kill_at_any_moment_leaves_no_half_kit(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    reference = make_in(tmp_path / "reference")
    begun = time.monotonic()
    make_in(tmp_path / "timing")
    usual = time.monotonic() - begun
    moments = random.Random(217)
    for number in range(KILLS_OF_ALL if pytestconfig.getoption("--every-combination") else KILLS):
        cache = tmp_path / f"cache-{number % 3}"  # some start where an earlier one was killed
        process = start(cache)
        try:
            # the moment of the kill is what varies here: nothing is waited for
            process.communicate(timeout=moments.uniform(0.01, usual))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        for kit in whole_kits(cache):
            assert files_of(kit) == files_of(reference)
    for number in range(3):
        assert files_of(make_in(tmp_path / f"cache-{number}")) == files_of(reference)


def test_a_kit_is_written_nowhere_but_beside_its_place_and_moved_there_last(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    cache = tmp_path / "cache"
    calls = "trace=rename,renameat,renameat2,mkdir,symlink,openat,unlinkat"
    traced = run([need_tool("strace"), "-f", "-e", calls, "-o", trace, *COMMAND, *KIT], environment(cache))
    kit = succeeded(traced).strip()
    lines = [line for line in trace.read_text().splitlines() if kit in line and "ENOENT" not in line]
    assert "rename" in lines[0], lines[0]
    written = [line for line in trace.read_text().splitlines() if "O_CREAT" in line and str(tmp_path) in line]
    assert all(f"{cache}/kits/." in line for line in written)


def test_what_killed_processes_left_is_removed_when_it_is_old_and_does_not_disturb(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    process = start(cache)
    while not list(cache.glob("kits/.*/lib/*/libc.so.6")) and process.poll() is None:
        pass
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    (left,) = cache.glob("kits/.*")
    fresh = cache / "kits" / f"{left.name}-fresh"
    fresh.mkdir()
    os.utime(left, (0, 0))
    kit = make_in(cache)
    assert not left.exists()
    assert fresh.exists(), "it may belong to a process that is at work"
    assert whole_kits(cache) == [kit]


@pytest.mark.parametrize("how_many", [2, 5])
def test_processes_at_once_make_one_good_kit(tmp_path: Path, how_many: int) -> None:
    cache = tmp_path / "cache"
    processes = [start(cache) for _ in range(how_many)]
    said = [process.communicate(timeout=600) for process in processes]
    assert [process.returncode for process in processes] == [0] * how_many, said
    assert {err for _, err in said} == {""}
    (path,) = {out.strip() for out, _ in said}
    assert whole_kits(cache) == [Path(path)]
    assert list((cache / "kits").iterdir()) == [Path(path)]
    source = tmp_path / "main.c"
    headers = "#include <pthread.h>\n#include <signal.h>\n"
    source.write_text(f"{headers}int main(void) {{ return pthread_kill(pthread_self(), 0); }}\n")
    succeeded(run([f"{path}/bin/cc", source, "-o", tmp_path / "main"]))
    check_fits(tmp_path / "main")


@pytest.mark.parametrize("before", [None, "2.28"])
def test_processes_at_once_that_replace_a_named_kit_leave_one_good_kit(tmp_path: Path, before: str | None) -> None:
    kit = tmp_path / "kit"
    if before is not None:
        succeeded(symver_pin_command("kit", "--glibc", before, "--cc", "gcc", "-o", kit))
    words = [*COMMAND, *KIT, "-o", str(kit)]
    processes = [
        subprocess.Popen(words, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [process.communicate(timeout=600) for process in processes]
    assert said == [(f"{kit}\n", "")] * 4
    assert json.loads((kit / "kit.json").read_text())["glibc"] == "2.17"
    assert list(tmp_path.iterdir()) == [kit]


def test_kits_that_are_moved_in_at_the_same_instant_give_way_to_each_other(tmp_path: Path) -> None:
    place = tmp_path / "kit"
    with multiprocessing.get_context("fork").Pool(4) as pool:
        for _ in range(100):
            shutil.rmtree(place, ignore_errors=True)
            stamped(place, "an older one")
            assert pool.map(move_in, [(tmp_path, number) for number in range(4)], chunksize=1) == [None] * 4
            assert read_stamp(place) == stamp("the new one")


def test_a_folder_that_appears_in_the_place_of_a_kit_is_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("symver_pin.kit.build._ATTEMPTS", 3)
    place = tmp_path / "kit"
    (place / "of the user").mkdir(parents=True)
    with pytest.raises(OSError, match="not empty"):
        _move_into_place(stamped(tmp_path / "work", "new"), place, "new")
    assert (place / "of the user").exists()


def test_a_second_call_finds_the_first_ones_kit(tmp_path: Path) -> None:
    first = make_in(tmp_path)
    before = {path: path.lstat().st_mtime_ns for path in [first, *first.rglob("*")]}
    assert make_in(tmp_path) == first
    assert {path: path.lstat().st_mtime_ns for path in [first, *first.rglob("*")]} == before


def test_each_target_and_compiler_has_a_kit_of_its_own(tmp_path: Path) -> None:
    cache = {"SYMVER_PIN_CACHE": str(tmp_path)}
    words = [("2.17", "gcc"), ("2.19", "gcc"), ("2.17", "clang")]
    kits = {succeeded(symver_pin_command("kit", "--glibc", glibc, "--cc", cc, env=cache)) for glibc, cc in words}
    assert len(kits) == 3
