"""The semantics table: complete, exact where real libraries can tell, and its differences seen in running programs."""

from __future__ import annotations

from itertools import groupby, pairwise
from pathlib import Path

import pytest

import rootrun
import semantics_lists
from conftest import RunOn217, need_root, need_tool, succeeded
from exports import read_addresses
from pinning import Kits, Pinned, run
from symver_pin.compat import table as compat_table
from symver_pin.errors import MapsError
from symver_pin.glibc.maps import Maps, default_maps
from symver_pin.glibc.release import FOREVER, OLDEST_TARGET, Release, node_release, node_sort_key
from symver_pin.glibc.semantics import (
    ADAPTED,
    DIFFERENT,
    SAME,
    UNKNOWN,
    Meaning,
    Row,
    Semantics,
    parse_semantics,
)
from symver_pin.glibc.table import SymbolTable
from symver_pin.machine.architectures import ARCHES
from symver_pin.paths import shipped_maps

PROGRAMS = Path(__file__).with_name("programs")
HEAD = "# symver-pin semantics 1\n"

#: How the use that meets a difference is said.
PREPOSITIONS = {"", "after", "between", "for", "if", "in", "of", "on", "outside", "while", "with", "without"}

#: What each program says when bound to the newest node here, and when pinned for an older target: here, and on 2.17.
#: None where the place has no such function, no /bin/sh to show the difference with, or, for glob here, no old
#: implementation: since 2.27 both nodes share the new search.
SAID: dict[str, tuple[str, str, str | None, str | None]] = {
    "glob.c": ("2.17", "pattern found, name found", None, "pattern missed, name missed"),
    "fmemopen.c": (
        "2.17",
        "binary:NUL end-1:9 append:abcX opened:kept size0:opened",
        "binary:whole end-1:7 append:Xbc opened:emptied size0:refused",
        "binary:whole end-1:7 append:Xbc opened:emptied size0:refused",
    ),
    "lgamma.c": ("2.17", "untouched", "overwritten", "overwritten"),
    "pthread_kill.c": ("2.17", "0", "ESRCH", "ESRCH"),
    "quick_exit.cc": ("2.17", "", "destroyed", ""),
    "posix_spawn.c": ("2.14", "refused", "run", None),
}
FLAGS = ("-O1", "-fno-builtin", "-lm", "-pthread")


def steps_of(table: SymbolTable) -> dict[tuple[str, str], str]:
    """(symbol, newer node) -> the node before it, of every symbol with several nodes of one family."""
    nodes: dict[str, set[str]] = {}
    for row in table.rows:
        nodes.setdefault(row.symbol, set()).add(row.version)
    nodes.pop("-", None)
    steps: dict[tuple[str, str], str] = {}
    for symbol, found in nodes.items():
        for _, family in groupby(sorted(found, key=node_sort_key), key=lambda node: node_sort_key(node)[0]):
            steps |= {(symbol, newer): older for older, newer in pairwise(family)}
    return steps


@pytest.mark.parametrize("arch", default_maps().architectures)
@pytest.mark.parametrize("suffix", ["", "-gcc"])
def test_every_step_to_a_newer_node_has_a_verdict(arch: str, suffix: str) -> None:
    semantics = default_maps().semantics
    steps = steps_of(default_maps().table(arch + suffix))
    assert [step for step in steps if semantics.verdict_of(*step, arch) is None] == []


def test_every_row_without_a_node_is_about_a_function_that_some_target_has_without_the_change() -> None:
    """Or about one of the kit: res_hnok is a function of libresolv under another name until 2.33."""
    tables = {arch: default_maps().table(arch) for arch in default_maps().architectures}
    first: dict[tuple[str, str], Release] = {}
    for arch, table in tables.items():
        for row in table.rows:
            key = arch, row.symbol
            first[key] = min(row.span.first, first.get(key, row.span.first))
    members = {(arch, row.symbol) for arch in tables for row in compat_table.load() if row.exists_on(ARCHES[arch])}
    idle = []
    for archs, meaning in default_maps().semantics.rows:
        if meaning.release is None:
            continue
        assert OLDEST_TARGET < meaning.release <= Release(2, 43), meaning
        has = {
            arch: first.get((arch, meaning.symbol), FOREVER) < meaning.release or (arch, meaning.symbol) in members
            for arch in tables
        }
        if archs == ("*",):
            idle += [] if any(has.values()) else [meaning]
        else:
            idle += [meaning for arch in archs if not has[arch]]
    assert idle == []


def test_every_row_judges_a_step_that_some_architecture_has() -> None:
    steps = {
        arch: steps_of(default_maps().table(arch)).keys() | steps_of(default_maps().table(f"{arch}-gcc"))
        for arch in default_maps().architectures
    }
    idle = []
    for archs, meaning in default_maps().semantics.rows:
        if meaning.release is not None:
            continue
        for arch in steps if archs == ("*",) else archs:
            if any(symbol == meaning.symbol and meaning.node in (node, "*") for symbol, node in steps[arch]):
                break
            if archs != ("*",):
                idle.append((arch, meaning))
        else:
            idle.append(("*", meaning))
    assert idle == []


def test_no_target_binds_to_a_node_behind_a_step_that_is_called_unreachable() -> None:
    """What 2.12 exports as default is the newest node named after 2.12 or an older release.

    Where libc and libm export the same function under different nodes, either will do.
    """
    semantics = default_maps().semantics
    for arch in default_maps().architectures:
        table = default_maps().table(arch)
        default = table.view(max(OLDEST_TARGET, table.covered.first)).default_version
        for symbol, node in steps_of(table):
            release = node_release(node)
            assert release is not None
            meaning = semantics.verdict_of(symbol, node, arch)
            if release <= OLDEST_TARGET and symbol in default and meaning and meaning.verdict != SAME:
                assert node_sort_key(default[symbol]) >= node_sort_key(node), (arch, symbol, node)


def test_the_file_is_sorted_and_each_row_has_a_reason_and_a_public_source() -> None:
    lines = [line for line in (shipped_maps() / "semantics.tsv").read_text().splitlines() if not line.startswith("#")]
    keys = [(node_sort_key(line.split("\t")[1]), *line.split("\t")[0:3:2]) for line in lines]
    assert keys == sorted(keys)
    assert {meaning.only.split(" ")[0] for _, meaning in default_maps().semantics.rows} == PREPOSITIONS
    places = ("NEWS 2.", "commit ", "commits ", "glibc source: ", "GCC source: ")
    for _, meaning in default_maps().semantics.rows:
        assert 10 < len(meaning.reason) < 160, meaning
        assert meaning.source.startswith(places), meaning


def test_adapted_are_exactly_those_that_a_compat_object_stands_in_front_of() -> None:
    # An alias is the older function under its own name: nothing is adapted there.
    replacing = [s for s in compat_table.load() if s.needs_old_version or s.kind == "real"]
    in_front = {(s.symbol, f"GLIBC_{s.release}") for s in replacing}
    steps = {step for arch in default_maps().architectures for step in steps_of(default_maps().table(arch))}
    adapted = [row.meaning for row in default_maps().semantics.rows if row.meaning.verdict == ADAPTED]
    assert {(m.symbol, m.node) for m in adapted if m.release is None} == in_front & steps

    # Without a new node the object may be used for longer than the change makes necessary, never for less.
    releases = {s.symbol: s.release for s in replacing}
    without_node = {m.symbol for m in adapted if m.release is not None}
    for meaning in adapted:
        if meaning.release is not None:
            assert (releases[meaning.symbol] or FOREVER) >= meaning.release, meaning
    wrappers = {s.symbol for s in replacing if s.kind == "wrapper"}
    assert wrappers <= without_node | {m.symbol for m in adapted}


# What real libraries tell: two nodes at one address are one function.

#: `same` although the code is another: libm's functions that lost their wrapper, and memcpy, whose old node does more.
REWRITTEN = {
    "GLIBC_2.14": {"memcpy": ""},
    "GLIBC_2.27": {"exp2f": "f1", "expf": "f1", "log2f": "f1", "logf": "f1", "powf": "f2"},
    "GLIBC_2.29": {"exp": "d1", "exp2": "d1", "log": "d1", "log2": "d1", "pow": "d2"},
    "GLIBC_2.32": {"exp10f": "f1"},
    "GLIBC_2.35": {"hypot": "d2", "hypotf": "f2"},
    "GLIBC_2.38": {"fmod": "d2", "fmodf": "f2"},
    "GLIBC_2.39": {"exp10": "d1"},
    "GLIBC_2.43": {
        **dict.fromkeys(("acosf", "acoshf", "asinf", "atanhf", "coshf", "j0f", "j1f", "lgammaf", "log10f"), "f1"),
        **dict.fromkeys(("sinhf", "sqrtf", "tgammaf", "y0f", "y1f"), "f1"),
        **{"atan2f": "f2", "remainderf": "f2", "remainder": "d2", "jnf": "fi", "ynf": "fi", "lgammaf_r": "fp"},
    },
}


def test_same_is_one_function_under_both_nodes_in_the_newest_real_library() -> None:
    root, semantics = need_root("2.43"), default_maps().semantics
    rewritten: dict[str, set[str]] = {}
    compared = 0
    for soname in ("libc.so.6", "libm.so.6"):
        seen = read_addresses(next(path for path in sorted(root.glob(f"**/{soname}")) if path.is_file()))
        for (symbol, newer), older in steps_of(default_maps().table("x86_64")).items():
            if (symbol, older) not in seen or (symbol, newer) not in seen:
                continue
            compared += 1
            meaning = semantics.verdict_of(symbol, newer, "x86_64")
            assert meaning is not None
            if seen[symbol, older] == seen[symbol, newer]:
                # One start-up function serves both, but an old release's own one does not; errlists differ in size.
                assert meaning.verdict == SAME or symbol == "__libc_start_main", meaning
            elif meaning.verdict == SAME:
                rewritten.setdefault(newer, set()).add(symbol)
    assert compared > 300
    assert rewritten == {node: set(symbols) for node, symbols in REWRITTEN.items()}


def run_both_nodes(pinned: Pinned, words: list[str]) -> dict[tuple[str, str], int]:
    """(symbol, newer node) -> at how many arguments old and new differ on a real 2.43."""
    program = pinned.link(PROGRAMS / "both_nodes.c", "-lm", "-ldl")
    said = succeeded(rootrun.run_in_root(need_root("2.43"), program, words))
    return {(symbol, node): int(count) for symbol, node, count in map(str.split, said.splitlines())}


def test_libm_functions_without_their_wrapper_give_the_same_values_errno_and_exceptions(pinned: Pinned) -> None:
    older = steps_of(default_maps().table("x86_64"))
    cases = [(symbol, kind, node) for node, group in REWRITTEN.items() for symbol, kind in group.items() if kind]
    words = [word for symbol, kind, node in cases for word in (symbol, kind, older[symbol, node], node)]
    found = run_both_nodes(pinned, words)
    assert found == {(symbol, node): 0 for symbol, _, node in cases}


def test_the_old_fromfp_gives_another_type(pinned: Pinned) -> None:
    found = run_both_nodes(pinned, ["fromfpf", "i", "GLIBC_2.25", "GLIBC_2.43"])
    assert found["fromfpf", "GLIBC_2.43"] > 0


# Differences, seen.


def build_pinned(program: str, target: str, kits: Kits, folder: Path) -> Path:
    """The program linked with a kit for the target."""
    driver = "c++" if program.endswith(".cc") else "cc"
    output = folder / "pinned"
    succeeded(run([kits("gcc", target) / "bin" / driver, "-o", output, PROGRAMS / program, *FLAGS]))
    return output


def build_plain(program: str, folder: Path) -> Path:
    """The program linked as this machine does."""
    output = folder / "plain"
    compiler = need_tool("g++" if program.endswith(".cc") else "gcc")
    succeeded(run([compiler, "-o", output, PROGRAMS / program, *FLAGS]))
    return output


@pytest.mark.parametrize("program", SAID)
def test_a_difference_is_as_recorded(program: str, kits: Kits, run_on_217: RunOn217, tmp_path: Path) -> None:
    target, new, old_here, old_on_217 = SAID[program]
    assert succeeded(run([build_plain(program, tmp_path)])).strip() == new
    pinned = build_pinned(program, target, kits, tmp_path)
    if old_here is not None:
        assert succeeded(run([pinned])).strip() == old_here
    if old_on_217 is not None:
        assert succeeded(run_on_217(pinned)).strip() == old_on_217


def test_what_a_compat_object_adapts_is_right(kits: Kits, tmp_path: Path) -> None:
    # 2.28 has a totalorder, which takes the numbers themselves
    assert succeeded(run([build_pinned("totalorder.c", "2.28", kits, tmp_path)])).strip() == "right"


#: What one program says for each changed function without a new node: on the newest libc, and on a real 2.17.
WITHOUT_NODE = {
    "printf-b": ("101|7", "%b|5"),
    "printf-w": ("5|7", "%w32d|5"),
    "printf-m": ("ENOENT", "No such file or directory"),
    "sscanf-b": ("5", "-1"),
    "sscanf-w": ("101", "-1"),
    "faccessat": ("0", "EINVAL"),
    "fchmodat": ("0", "ENOTSUP"),
    "lchmod": ("0", "ENOSYS"),
    "strftime": ("name", "no name"),
    "nl_langinfo": ("<January>", "<>"),
    "fread": ("end", "more"),
    "dlinfo": ("1", "0"),
    "localtime": ("0", "1"),
    "abort": ("lost", "flushed"),
    "aligned_alloc": ("EINVAL", "memory"),
    "getauxval": ("ENOENT", "0"),
    "popen": ("0", "1"),
    "nextafter": ("ERANGE", "0"),
    "scalbn": ("ERANGE", "0"),
    "sched_setaffinity": ("0", "EINVAL"),
    "getaddrinfo": ("refused", "address"),
    "execlp": ("ENOENT", "found"),
    "statvfs": ("type", "0"),
    "open_wmemstream": ("kept", "damaged"),
    "crypt": ("hashed", "refused"),
}


@pytest.fixture(scope="module")
def without_node(kits: Kits, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of WITHOUT_NODE, linked for 2.17."""
    output = tmp_path_factory.mktemp("without-node") / "program"
    flags = ("-O1", "-fno-builtin", "-w", "-lm", "-lcrypt", "-pthread")
    succeeded(run([kits("gcc", "2.17") / "bin" / "cc", "-o", output, PROGRAMS / "without_node.c", *flags]))
    return output


@pytest.mark.parametrize("case", WITHOUT_NODE)
def test_a_function_without_a_new_node_does_what_the_table_says(
    case: str, without_node: Path, run_on_217: RunOn217
) -> None:
    new, old = WITHOUT_NODE[case]
    assert succeeded(rootrun.run_in_root(need_root("2.43"), without_node, [case])).strip() == new
    assert succeeded(run_on_217(without_node, case)).strip() == old
    meanings = default_maps().semantics.without_node(case.partition("-")[0], "x86_64", Release(2, 17))
    assert DIFFERENT in [meaning.verdict for meaning in meanings]


@pytest.mark.parametrize("program", SAID)
def test_the_shown_difference_has_the_verdict_different(program: str) -> None:
    symbol = program.partition(".")[0]
    steps = [node for name, node in steps_of(default_maps().table("x86_64")) if name == symbol]
    meanings = [default_maps().semantics.verdict_of(symbol, node, "x86_64") for node in steps]
    assert DIFFERENT in [meaning.verdict for meaning in meanings if meaning is not None]


# Asking.


def test_the_worst_step_that_a_pin_crosses_counts() -> None:
    semantics = default_maps().semantics
    nodes = ("GLIBC_2.43", "GLIBC_2.2.5", "GLIBC_2.23")

    def verdict(pinned_node: str) -> str | None:
        meaning = semantics.for_pin("lgammaf", pinned_node, nodes, "x86_64")
        return meaning and f"{meaning.node} {meaning.verdict}"

    assert verdict("GLIBC_2.2.5") == "GLIBC_2.23 different"
    assert verdict("GLIBC_2.23") == "GLIBC_2.43 same"
    assert verdict("GLIBC_2.43") is None


def test_a_step_without_a_row_is_unknown_and_worse_than_adapted() -> None:
    semantics = Semantics((Row(("*",), Meaning("f", "GLIBC_2.30", ADAPTED, "r", "s")),))
    meaning = semantics.for_pin("f", "GLIBC_2.2.5", ["GLIBC_2.30", "GLIBC_2.99", "GCC_3.0"], "arm")
    assert meaning is not None
    assert (meaning.node, meaning.verdict) == ("GLIBC_2.99", UNKNOWN)


def test_a_row_of_one_architecture_wins_over_the_row_for_all() -> None:
    text = HEAD + "f\tGLIBC_2.30\t*\tsame\tr\ts\nf\tGLIBC_2.30\tarm,i386\tdifferent\tr\ts\n"
    semantics = parse_semantics(text, "here")
    verdicts = [semantics.verdict_of("f", "GLIBC_2.30", arch) for arch in ("i386", "x86_64")]
    assert [meaning and meaning.verdict for meaning in verdicts] == [DIFFERENT, SAME]


def test_posix_fadvise64_differs_only_where_a_length_had_32_bits() -> None:
    semantics = default_maps().semantics
    verdicts = [semantics.verdict_of("posix_fadvise64", "GLIBC_2.3.3", arch) for arch in ("i386", "mips64")]
    assert [meaning and meaning.verdict for meaning in verdicts] == [DIFFERENT, SAME]


def test_only_steps_after_the_oldest_target_are_reachable() -> None:
    reachable = {
        node
        for node in ("GLIBC_2.3.4", "GLIBC_2.12", "GLIBC_2.14", "GLIBC_2.43", "*", "GCC_4.3.0", "2.12", "2.13")
        if Meaning("f", node, SAME, "", "").reachable
    }
    assert reachable == {"GLIBC_2.14", "GLIBC_2.43", "2.13"}


def test_a_release_in_the_place_of_the_node_is_a_change_without_one() -> None:
    text = HEAD + "f\t2.30\t*\tdifferent\tr\ts\tunless asked\nf\t2.9\tarm\tsame\tr\ts\nf\t2.40\t*\tsame\tr\ts\n"
    semantics = parse_semantics(text, "here")
    assert [m.node for m in semantics.without_node("f", "arm")] == ["2.9", "2.30", "2.40"]
    assert [m.text for m in semantics.without_node("f", "i386", Release(2, 29))] == ["unless asked: r", "r"]
    assert [m.node for m in semantics.changed_without_node("arm", Release(2, 12))] == ["2.30"]
    assert semantics.for_pin("f", "GLIBC_2.2.5", ["GLIBC_2.2.5"], "arm") is None
    assert semantics.differing("arm") == frozenset()  # not every use of f meets it


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1: not a symver-pin semantics file"),
        (HEAD + "f\tGLIBC_2.30\t*\tsame\treason\n", ":2: broken row"),
        (HEAD + "f\tGLIBC_2.30\t*\tharmless\treason\tsource\n", ":2: broken row"),
        (HEAD + "f\tGLIBC_2.30\t*\tsame\t\tsource\n", ":2: broken row"),
        (HEAD + "f\t2.30\t*\tsame\tr\ts\t\n", ":2: broken row"),
        (HEAD + "f\t2.30\t*\tsame\tr\ts\to\tmore\n", ":2: broken row"),
        (HEAD + "f\tGLIBC_2.30\t*\tsame\tr\ts\nf\tGLIBC_2.30\t*\tsame\tr\ts\n", "f GLIBC_2.30 * stands twice"),
    ],
)
def test_a_broken_file_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(MapsError, match=r"reinstall|broken row|twice") as caught:
        parse_semantics(text, "semantics.tsv")
    assert str(caught.value).startswith("semantics.tsv") and said in str(caught.value)


def test_a_folder_without_the_file_is_served_by_the_shipped_one(tmp_path: Path) -> None:
    assert Maps(tmp_path).semantics.rows == default_maps().semantics.rows
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "semantics.tsv").write_text(HEAD + "f\tGLIBC_2.30\t*\tsame\treason\tsource\n")
    assert [row.meaning.symbol for row in Maps(tmp_path / "own").semantics.rows] == ["f"]


# The page.


def test_the_page_lists_what_the_table_says() -> None:
    text = semantics_lists.PAGE.read_text()
    assert semantics_lists.with_lists(text) == text, "run `make docs`"


def test_a_page_without_a_section_is_named() -> None:
    with pytest.raises(semantics_lists.PageError, match="has no section 'Adapted'"):
        semantics_lists.with_lists("# Page\n")
