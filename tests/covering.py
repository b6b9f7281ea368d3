"""The everyday part of the large matrices: each value of each parameter, but not each combination of them.

A matrix (programs x compilers x kinds of link) is slow, and nearly all that its cells can find, a few of them find. So
`make test` runs a subset of each matrix of `MATRICES` in which every value of every parameter occurs. The subset is the
same in every run. `make test-all` runs every cell (`pytest --every-combination`).
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

import pytest

MATRICES = frozenset(
    {
        "arches/test_arches.py::test_a_program_runs_on_the_oldest_and_the_newest_glibc",
        "cargo/test_kept.py::test_a_linker_among_flags_for_rustc",
        "cargo/test_kept.py::test_flags_for_rustc",
        "cargo/test_kept.py::test_rustc_chooses_the_same_ld_as_without_the_kit",
        "compat/test_behaviour.py::test_members_do_the_same_on_the_host_and_on_217",
        "compat/test_circumstances.py::test_a_program_meets_its_expectations",
        "compat/test_sanitised.py::test_no_sanitiser_complains",
        "compat/test_time64.py::test_members_do_the_same_on_a_new_libc_and_on_231",
        "gen/test_header.py::test_header_and_script_make_a_threaded_program_that_runs_on_2_17",
        "kit/test_exceptions.py::test_typed_exceptions_cross_a_library",
        "kit/test_link_line.py::test_a_library_of_the_users_own_with_a_name_of_glibcs_is_not_replaced",
        "kit/test_link_line.py::test_a_line_that_names_the_hosts_glibc_gives_a_pinned_program",
        "kit/test_linker_options.py::test_a_program_links_and_runs_with",
        "kit/test_linker_options.py::test_functions_of_the_users_own_win_over_compat_objects",
        "kit/test_loader_options.py::test_the_target_understands_the_result",
        "kit/test_matrix.py::test_a_c_library_works_linked_and_opened",
        "kit/test_matrix.py::test_a_cpp_program_does_all_it_does_on_the_build_machine",
        "kit/test_matrix.py::test_link_time_optimised_programs_run",
        "kit/test_moved.py::test_a_kit_links_at_another_place",
        "kit/test_new_headers.py::test_packed_relocations_are_not_made_even_when_asked_for",
        "kit/test_new_headers.py::test_the_signal_stack_size_that_sysconf_tells_is_usable",
        "kit/test_objects.py::test_a_program_and_libc_share_each_object_under_all_its_names",
        "kit/test_objects.py::test_a_weak_reference_to_a_younger_function_asks_for_no_version",
        "kit/test_objects.py::test_weak_thread_functions_are_there_with_pthread",
        "kit/test_runtimes.py::test_a_plug_in_uses_its_own_libstdcxx_beside_an_older_one",
        "kit/test_start_and_exit.py::test_a_program_starts_and_ends_once",
        "kit/test_start_and_exit.py::test_thread_local_objects_of_a_library_end_with_their_thread",
        "repair/test_embed.py::test_a_library_is_found_by_its_hash_tables_as_before",
        "repair/test_embed.py::test_programs_of_every_linker_run_with_their_members",
        "repair/test_layouts.py::test_a_layout_is_repaired",
        "repair/test_programs.py::test_a_c_library_works_linked_and_opened",
        "repair/test_programs.py::test_a_cpp_program_does_all_it_does_on_this_machine",
        "repair/test_rewrite.py::test_nothing_but_the_named_tables_changes",
        "toolchain/test_bad_input.py::test_a_wrong_option_is_one_line",
        "toolchain/test_drop_in.py::test_a_call_that_does_not_link_is_the_compilers_own",
        "toolchain/test_drop_in.py::test_questions_get_the_compilers_own_answer",
        "toolchain/test_targets.py::test_programs_fit_every_target",
        "verify/test_callers.py::test_callers_are_named",
        "verify/test_callers.py::test_callers_are_named_on_other_architectures",
        "verify/test_startup.py::test_constructors_that_do_not_run_are_found_on_other_architectures",
        "verify/test_startup.py::test_the_start_of_older_releases_is_sound",
        "verify/test_startup.py::test_the_start_of_older_releases_is_sound_on_other_architectures",
    }
)
"""Test functions with several parameters, `FILE::FUNCTION` from `tests/`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption(
        "--every-combination", action="store_true", help="run every cell of the matrices of tests/covering.py"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the cells that the subset does not need. A cell that is named on the command line is run.

    Raises pytest.UsageError for a name of the table that no test has any more.
    """
    if config.getoption("--every-combination") or any("::" in word for word in config.args):
        return
    collected = {function_of(item) for item in items}
    files = {name.partition("::")[0] for name in collected}
    gone = [name for name in MATRICES if name.partition("::")[0] in files and name not in collected]
    if gone and not config.getoption("keyword") and not config.getoption("markexpr"):
        raise pytest.UsageError(f"tests/covering.py names tests that are not there: {', '.join(sorted(gone))}")
    kept = set(_kept(items))
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]


def _kept(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    for name, cells in groupby(items, function_of):
        found = list(cells)
        yield from covering(found) if name in MATRICES else found


def function_of(item: pytest.Item) -> str:
    """`FILE::FUNCTION` of a test, without its parameters."""
    return item.nodeid.removeprefix("tests/").partition("[")[0]


def covering(cells: list[pytest.Item]) -> list[pytest.Item]:
    """A subset of the cells of one function in which each value of each parameter occurs."""
    values = {cell: frozenset(_values(cell)) for cell in cells}
    rare = Counter(value for found in values.values() for value in found)
    missing, chosen = set(rare), []
    # cells with rare values first, then in an order that mixes the values of the other parameters
    for cell in sorted(cells, key=lambda cell: (min(rare[value] for value in values[cell]), _mixed(cell))):
        if values[cell] & missing:
            missing -= values[cell]
            chosen.append(cell)
    return chosen


def _values(cell: pytest.Item) -> Iterator[tuple[str, str]]:
    callspec = getattr(cell, "callspec", None)
    if callspec is None:
        yield "", ""
        return
    for name, value in callspec.params.items():
        yield name, repr(value)


def _mixed(cell: pytest.Item) -> int:
    return zlib.crc32(cell.nodeid.encode())
