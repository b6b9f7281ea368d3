"""The quick part of the suite, `pytest --quick`: tables, readers, reports, policies and the command line.

It needs the machine's compilers of C and C++ and nothing else that `tools/set_up.py test` installs or fetches: no old
glibc, no second compiler, linker or architecture. One wheel comes from pip's registry, once.
"""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent

FILES = (
    "cargo/test_words.py",
    "compat/test_table.py",
    "docs/test_reference.py",
    "harvest/test_harvest.py",
    "maps/test_abi_lists.py",
    "maps/test_platforms.py",
    "maps/test_table.py",
    "test_cli.py",
    "test_files.py",
    "test_fresh_roots.py",
    "test_platforms_command.py",
    "test_set_up.py",
    "test_structure.py",
    "test_surroundings.py",
    "verify/test_api.py",
    "verify/test_bad_input.py",
    "verify/test_failing_libraries.py",
    "verify/test_formats.py",
    "verify/test_policy.py",
    "verify/test_findings.py",
    "verify/test_pool.py",
    "verify/test_notes.py",
    "verify/test_reader.py",
    "verify/test_report.py",
    "verify/test_tables.py",
    "verify/test_zip.py",
)
"""The quick files, from `tests/`."""

NOT_QUICK = {
    "test_a_fifo_and_a_pipe_of_the_shell_are_written_into[gen ld]": "makes a kit",
    "test_a_kit_is_made_where_a_link_leads": "makes a kit",
    "test_a_link_is_followed_and_stays[cargo-config]": "makes a kit",
    "test_a_link_is_followed_and_stays[gen ld]": "makes a kit",
    "test_a_real_library_is_read_with_its_marks_and_aliases": "reads the real glibc 2.17",
    "test_a_row_has_the_newest_nodes_of_the_real_libraries": "reads four real runtimes",
    "test_dlopen_refuses_an_executable_stack_from_241_on": "opens libraries on three real runtimes",
    "test_doctor_tries_every_path_with_a_real_link": "links with every compiler and linker",
    "test_html_follows_the_preferred_colour_scheme": "starts a browser",
    "test_html_is_not_an_empty_page": "starts a browser",
    "test_html_shows_the_whole_report_in_a_browser": "starts a browser",
    "test_much_static_tls_is_a_note": "opens libraries on a real runtime",
    "test_nothing_is_said_or_done_where_all_is_there": "needs all that the demo needs",
    "test_policies_agree_with_auditwheel_on_real_wheels": "downloads four wheels",
    "test_sarif_conforms_to_the_official_schema": "downloads the schema by cargo",
    "test_sid_moves_but_loses_no_node": "reads a real runtime",
    "test_the_reader_equals_pyelftools": "reads hundreds of files twice",
    "test_what_another_program_wrote": "needs cmake",
}
"""Tests of those files that are not quick, by function or with parameters -> why."""

_is_quick = False
"""Whether the running test belongs to the quick part."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--quick", action="store_true", help="run the quick part of the suite (tests/quick.py)")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a table that names a file which is not there."""
    gone = [name for name in FILES if not (TESTS / name).is_file()]
    if gone:
        raise pytest.UsageError(f"tests/quick.py names files that are not there: {', '.join(gone)}")


def is_quick(item: pytest.Item) -> bool:
    """Whether a test belongs to the quick part."""
    if not item.path.is_relative_to(TESTS) or item.path.relative_to(TESTS).as_posix() not in FILES:
        return False
    return not {item.name, item.name.partition("[")[0]} & NOT_QUICK.keys()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note of which part the test is."""
    global _is_quick
    _is_quick = is_quick(item)


def refuse_in_quick(thing: str) -> None:
    """Fail a test of the quick part that asks for what that part must do without, in every run of the suite."""
    if _is_quick:
        pytest.fail(f"a quick test asks for {thing}: see tests/quick.py", pytrace=False)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the files that are not quick before they are imported."""
    if not config.getoption("--quick") or not collection_path.is_relative_to(TESTS):
        return None
    name = str(collection_path.relative_to(TESTS))
    return None if name == "." or any(each == name or each.startswith(f"{name}/") for each in FILES) else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that are not quick."""
    if config.getoption("--quick"):
        left_out = [item for item in items if not is_quick(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
