"""Several processes: the results are those of one, in order; a process that dies costs nothing but time."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from symver_pin.elf.constants import DT_SYMTAB
from symver_pin.glibc.maps import default_maps
from symver_pin.loader.verdict import FileVerdict
from symver_pin.verifier import verify
from symver_pin.verifier.pool import Pool
from symver_pin.verifier.run import open_session, verify_each

from .programs import compile_library, compile_program
from .test_hostile import set_tag

NUMBERS = range(100)
SQUARES = [number * number for number in NUMBERS]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A library, many programs that load it, some truncated files, one whose symbol table is broken."""
    folder = tmp_path_factory.mktemp("files")
    library = compile_library(folder, "libown.so", "int foo(void) { return 1; }\n", "V1 { foo; };")
    program = compile_program(folder, "app", "int foo(void); int program(void) { return foo(); }\n", [str(library)])
    found = [library]
    for number in range(60):
        found.append(folder / f"app{number}")
        found[-1].write_bytes(program.read_bytes()[: None if number % 3 else number * 100])
    found.append(folder / "broken")
    found[-1].write_bytes(set_tag(program.read_bytes(), DT_SYMTAB, 2**32))
    return found


@pytest.fixture
def no_process_left() -> Iterator[None]:
    """Other tests of this process may have children that live on, such as a dask cluster."""
    before = psutil.Process().children()
    yield
    assert [child for child in psutil.Process().children() if child not in before] == []


@pytest.mark.usefixtures("no_process_left")
@pytest.mark.parametrize("large", [(), (3, 99, 0)], ids=["all_small", "three_large"])
@pytest.mark.parametrize("jobs", [1, 2, 3, 64])
def test_results_are_in_the_order_of_the_items(jobs: int, large: tuple[int, ...]) -> None:
    done: list[int] = []
    assert list(Pool(lambda number: [number * number], NUMBERS, jobs).run(large, done.append)) == SQUARES
    assert sorted(done) == list(NUMBERS)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("count", [0, 1])
def test_no_process_is_started_for_less_than_two_items(count: int, jobs: int) -> None:
    assert list(Pool(lambda _item: [os.getpid()], range(count), jobs).run()) == [os.getpid()] * count


@pytest.mark.usefixtures("no_process_left")
def test_many_results_of_one_item_come_through_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    counts = [3, 5000, 0, 1001, 1000]
    found = Pool(range, counts, 2).run()
    assert next(found) == 0
    assert [0, *found] == [number for count in counts for number in range(count)]
    assert list(tmp_path.iterdir()) == []


def test_work_is_done_in_other_processes() -> None:
    assert os.getpid() not in list(Pool(lambda _item: [os.getpid()], NUMBERS, 2).run())


@pytest.mark.usefixtures("no_process_left")
@pytest.mark.parametrize("jobs", [2, 3])
@pytest.mark.parametrize("fatal", [0, 50, 99])
def test_the_work_of_a_process_that_dies_is_done_in_this_one(fatal: int, jobs: int) -> None:
    parent, done = os.getpid(), Counter[int]()

    def square(number: int) -> list[int]:
        if number == fatal and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return [number * number]

    assert list(Pool(square, NUMBERS, jobs).run(done=lambda position: done.update([position]))) == SQUARES
    assert done == Counter(NUMBERS)


@pytest.mark.usefixtures("no_process_left")
@pytest.mark.parametrize("jobs", [1, 3])
def test_an_exception_of_the_work_is_raised_here(jobs: int, capfd: pytest.CaptureFixture[str]) -> None:
    parent = os.getpid()
    with pytest.raises(ZeroDivisionError):
        list(Pool(lambda number: [1 // (number - 3)], NUMBERS, jobs).run())
    assert os.getpid() == parent
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("no_process_left")
def test_an_interrupted_run_leaves_no_process(capfd: pytest.CaptureFixture[str]) -> None:
    def interrupt(_position: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(Pool(lambda number: [number * number], NUMBERS, 2).run(done=interrupt))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("jobs", [0, 2, 3, 200])
def test_the_report_does_not_depend_on_the_number_of_processes(jobs: int, files: list[Path]) -> None:
    assert verify(files, "2.19", jobs=jobs) == verify(files, "2.19", jobs=1)


def test_a_killed_process_costs_no_verdict(files: list[Path]) -> None:
    parent = os.getpid()

    def view(verdict: FileVerdict) -> FileVerdict:
        if verdict.path.endswith(("app7", "app40")) and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return verdict

    maps = default_maps()
    found = verify_each(files, open_session(maps.target("2.19"), maps), view, jobs=2)
    assert tuple(found) == verify(files, "2.19").files


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_is_reported_for_each_file(jobs: int, files: list[Path]) -> None:
    calls: list[tuple[int, int, str]] = []
    verify(files, "2.19", progress=lambda *call: calls.append(call), jobs=jobs)
    assert [done for done, _, _ in calls] == list(range(len(files)))
    assert {total for _, total, _ in calls} == {len(files)}
    assert sorted(path for _, _, path in calls) == sorted(map(str, files))
    if jobs == 1:
        assert [path for _, _, path in calls] == list(map(str, files))


def test_progress_is_reported_for_each_folder_that_is_walked(files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    program = tmp_path / "inner" / "libown.so"
    program.write_bytes(files[0].read_bytes())
    calls: list[tuple[int, int, str]] = []
    verify([tmp_path], "2.19", progress=lambda *call: calls.append(call))
    assert calls == [(0, 0, str(tmp_path)), (0, 0, str(program.parent)), (0, 1, str(program))]
