"""The reader in C says what the one in Python says, or nothing: over real files, generated ones and broken ones.

It is also built with the sanitisers for memory and undefined behaviour, and fed with broken files.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import REPO, succeeded
from symver_pin.elf.arch import ARCHES, find_arch
from symver_pin.elf.compiled import NATIVE
from symver_pin.elf.constants import DT_VERDEF
from symver_pin.elf.dynamic import Dynamic, import_node
from symver_pin.elf.exports import answers, is_plain
from symver_pin.elf.facts import Definition, Facts, Need, inside_of, outside_of, read_facts
from symver_pin.elf.image import Image
from symver_pin.elf.length import gnu_hash
from symver_pin.elf.lookup import HashTable, has_hash_table
from symver_pin.elf.source import Content
from symver_pin.elf.stub import StubSymbol, build_stub
from symver_pin.elf.wants import NamesInPython
from symver_pin.errors import ElfError

from .fuzz import REAL
from .mutate import mutated
from .test_reader import real_files

if TYPE_CHECKING:
    from symver_pin.elf.wants import Wants

SOURCES = REPO / "src/symver_pin/elf/native"
BROKEN = 3000


def in_python(dynamic: Dynamic) -> Facts:
    """The same facts. Raises ElfError when the file is broken."""
    definitions = dynamic.definitions if DT_VERDEF in dynamic.tags else None
    facts = Facts(outside_of(dynamic), inside_of(dynamic), definitions)
    facts.inside.wants.left({}, NamesInPython())
    facts.inside.wants.idle()
    return facts


def compare(name: str, data: bytes) -> tuple[bool, bool]:
    """Whether the facts and the hash table of a file are read in C; what is read must be what Python reads."""
    assert NATIVE is not None, "install the project again with a C compiler at hand: pip install --editable '.[test]'"
    facts, exports = read_facts(Content(name, data)), NATIVE.exports(data)
    if facts is not None:
        dynamic = Dynamic(Image(data, name))
        definitions = dynamic.definitions if DT_VERDEF in dynamic.tags else None
        expected = Facts(outside_of(dynamic), inside_of(dynamic), definitions)
        assert facts.outside == expected.outside and facts.definitions == expected.definitions, name
        assert facts.inside._replace(wants=expected.inside.wants) == expected.inside, name
        assert [type(need) for need in facts.outside.needs] == [type(need) for need in expected.outside.needs]
        _same_wants(facts.inside.wants, expected.inside.wants, dynamic, name)
    if exports is not None:
        dynamic = Dynamic(Image(data, name))
        names = [b"", b"no_such_name", *_names(dynamic)]
        if not has_hash_table(dynamic):  # of a static program whose only symbol is the null symbol
            assert dynamic.symbol_count <= 1, name
            assert not any(exports.find(names).values()), name
            return facts is not None, True
        found = HashTable(dynamic).find([(each, gnu_hash(each)) for each in names])
        assert exports.find(names) == found, name
        assert exports.plain(names) == {each for each, indexes in found.items() if is_plain(indexes)}, name
        try:
            defined = dynamic.definitions_by_index
        except ElfError:
            defined = {}
        nodes = {index: None if node.base else node.version for index, node in defined.items()}
        for version in ("V1", *list(dict.fromkeys(node for node in nodes.values() if node))[:3]):
            good = {each for each, indexes in found.items() if any(answers(nodes, index, version) for index in indexes)}
            assert exports.lacks(names, nodes, version) == [each for each in names if each not in good], name
    return facts is not None, exports is not None


def _same_wants(found: Wants, expected: Wants, dynamic: Dynamic, name: str) -> None:
    assert NATIVE is not None
    rows = expected.rows(None)
    assert found.rows(None) == rows, name
    node_of = import_node(dynamic.needs, dynamic.definitions)
    assert [node_of(index) for _name, index, *_ in rows] == [each[1:3] for each in dynamic.imports], name
    indexes = sorted({index for _name, index, *_ in rows})
    for some in (set(), set(indexes[::2]), frozenset(indexes)):
        assert found.rows(some) == expected.rows(some), name
    idle = found.idle()
    assert idle is None or idle == expected.idle(), name
    # Every third name is settled by a node of the file's own, or by that of another.
    nodes: dict[int, object] = {index: f"node {index}" for index in indexes[1:]}
    settled: dict[bytes, object] = {
        each.encode("utf-8", "surrogateescape"): nodes.get(index if number % 2 else 2, "another")
        for number, (each, index, *_) in enumerate(rows)
        if number % 3 == 0
    }
    in_c, in_python = NATIVE.Names(), NamesInPython()
    for names in (in_c, in_python):
        names.settle(settled)
        names.settle(dict.fromkeys([*settled, b"another"], "told later"))
    assert found.left(nodes, in_c) == expected.left(nodes, in_python) == expected.left(nodes, in_c), name
    every = [*settled, b"another", b"no_such_name"]
    assert [in_c.node(each) for each in every] == [in_python.node(each) for each in every], name
    assert in_c.share(every) == every == in_python.share(every)


def _names(dynamic: Dynamic) -> list[bytes]:
    """All names of a file that is sound, also where a look-up does not care for the broken ones.

    Symbol 0 is the null symbol; a static program may have no other, and then no table of names is read.
    """
    try:
        return dynamic.names(range(1, dynamic.symbol_count))
    except ElfError:
        return []


def test_real_files() -> None:
    files = real_files()
    read = [(read_facts(str(path)), *compare(str(path), path.read_bytes())) for path in files]
    for path, (by_path, *_) in zip(files, read, strict=True):
        by_bytes = read_facts(Content(str(path), path.read_bytes()))
        assert (by_path is None) == (by_bytes is None)
        if by_path is not None and by_bytes is not None:
            assert by_path.outside == by_bytes.outside and by_path.definitions == by_bytes.definitions
            assert by_path.inside.wants.rows(None) == by_bytes.inside.wants.rows(None)
    own = [path for path, (_, facts, _) in zip(files, read, strict=True) if not facts]
    assert len(own) < len(files) / 50, f"sound files that are left to Python: {own[:5]}"
    assert sum(exports for *_, exports in read) > len(files) / 3


@pytest.mark.parametrize("arch", ARCHES)
def test_written_libraries(arch: str) -> None:
    chance = random.Random(arch)
    for count in (1, 2, 7, 60):
        symbols = [
            StubSymbol(
                f"name{number}",
                chance.choice(("", "V1", "V2")),
                chance.random() < 0.8,
                kind,
                8 if kind != "F" else 0,
                "",
            )
            for number in range(count)
            for kind in (chance.choice("FDT"),)
        ]
        data = build_stub(find_arch(arch), "libown.so", ["V1", "V2"], symbols)
        sound = find_arch(arch).bits == 64 and find_arch(arch).byte_order == "<"
        assert compare("libown.so", data)[0] == sound


def test_broken_files_are_left_to_python() -> None:
    corpus = [Path(name).read_bytes() for name in REAL if Path(name).exists()]
    assert len(corpus) >= 5
    left = broken = 0
    for seed in range(BROKEN):
        data = mutated(corpus[seed % len(corpus)], seed)
        facts, _ = compare(f"seed {seed}", data)
        left += not facts
        try:
            in_python(Dynamic(Image(data, "")))
        except ElfError:
            broken += 1
    assert left >= broken > BROKEN / 20


@pytest.mark.parametrize("source", ["/nonexistent", "/", "/dev/null", "", "a\0b", "/proc/self/mem"])
def test_what_is_no_file_is_left_to_python(source: str) -> None:
    assert read_facts(source) is None
    assert NATIVE is not None and NATIVE.exports(source) is None


def test_wrong_arguments_are_refused() -> None:
    assert NATIVE is not None
    facts: Any = NATIVE.facts("/bin/true", Need, Definition)
    wants: Any = facts[1][1]
    function: Any
    for function, arguments in (
        (NATIVE.facts, (b"", int, tuple)),
        (NATIVE.facts, (7, tuple, tuple)),
        (NATIVE.exports, (None,)),
        (NATIVE.Names().settle, ([],)),
        (NATIVE.Names().settle, ({"puts": 1},)),
        (NATIVE.Names().node, ("puts",)),
        (NATIVE.Names().share, ([b"puts", "puts"],)),
        (NATIVE.Names().share, (7,)),
        (wants.left, ([], NATIVE.Names())),
        (wants.left, ({}, {})),
        (wants.left, ({"1": None}, NATIVE.Names())),
        (wants.rows, ([1],)),
        (type(wants), ()),
    ):
        with pytest.raises(TypeError):
            function(*arguments)
    exports: Any = NATIVE.exports("/lib/x86_64-linux-gnu/libc.so.6")
    assert exports is not None and exports.find([b"puts"]).keys() == {b"puts"}
    with pytest.raises(TypeError):
        exports.find(["puts"])
    with pytest.raises(TypeError):
        exports.find(7)
    with pytest.raises(TypeError):
        exports.plain([None])
    with pytest.raises(TypeError):
        exports.lacks([None], {}, "V1")


def test_verdicts_are_the_same_without_it(tmp_path: Path) -> None:
    names = [*map(str, real_files()), *(name for name in REAL if Path(name).exists())]
    for seed, name in enumerate(names[-4:] * 40):
        (tmp_path / f"broken{seed}").write_bytes(mutated(Path(name).read_bytes(), seed))
    said = []
    for value in ("0", ""):
        for release in ("2.17", "2.36"):
            command = [sys.executable, "-m", "symver_pin", "verify", "--glibc", release, "--format", "json"]
            environment = {**os.environ, "SYMVER_PIN_NATIVE": value}
            done = subprocess.run([*command, *names, str(tmp_path)], env=environment, capture_output=True, text=True)
            assert done.returncode == 2, done.stderr[-1000:]
            said.append(done.stdout)
    assert said[:2] == said[2:]
    ask = "from symver_pin.elf.compiled import NATIVE; print(NATIVE)"
    environment = {**os.environ, "SYMVER_PIN_NATIVE": "0"}
    left_out = subprocess.run([sys.executable, "-c", ask], env=environment, capture_output=True, text=True)
    assert succeeded(left_out) == "None\n"


def test_nothing_leaks() -> None:
    """Memory does not grow over many rounds of sound and broken files."""
    assert NATIVE is not None
    data = Path("/bin/true").read_bytes()
    files = [data, *(mutated(data, seed) for seed in range(60))]

    def memory_after(rounds: int) -> int:
        assert NATIVE is not None
        for _ in range(rounds):
            for file in files:
                facts = NATIVE.facts(file, Need, Definition)
                exports = NATIVE.exports(file)
                names = NATIVE.Names()
                names.settle({b"puts": ["a node"]})
                if facts is not None:
                    wants = facts[1][1]
                    wants.left({2: ["another"]}, names), wants.rows(None), wants.rows({2}), wants.idle()
                if exports is not None:
                    exports.find([b"puts", b"stdout"])
                    exports.plain([b"puts", b"stdout"])
                    exports.lacks([b"puts", b"stdout"], {2: "GLIBC_2.2.5"}, "GLIBC_2.2.5")
            NATIVE.exports("/bin/true")
        return int(Path("/proc/self/statm").read_text().split()[1])

    before = memory_after(20)
    assert memory_after(400) - before < 100, "pages of memory in 400 rounds"


#: Feeds the sanitised module with broken files; what it says is of no interest here.
_FEED = """
import sys
sys.path[:0] = [{tests!r}]
import _native
from pathlib import Path
from typing import TYPE_CHECKING, Any
from symver_pin.elf.facts import Definition, Need
from verify.fuzz import REAL
from verify.mutate import mutated
assert _native.__file__.startswith({folder!r}), _native.__file__
names = _native.Names()
names.settle(dict.fromkeys([b"name%d" % number for number in range(5000)], 1))
for name in REAL:
    if Path(name).exists():
        data = Path(name).read_bytes()
        assert _native.facts(name, Need, Definition) is not None
        for seed in range({rounds}):
            broken = mutated(data, seed)
            facts = _native.facts(broken, Need, Definition)
            if facts is not None:
                wants = facts[1][1]
                wants.left({{2: 1}}, names), wants.rows(None), wants.rows({{2, 3}}), wants.idle()
            exports = _native.exports(broken)
            if exports is not None:
                exports.find([b"puts", b"environ", b"", b"x" * 300])
                exports.plain([b"puts", b"environ", b"", b"x" * 300])
                exports.lacks([b"puts", b"environ", b"", b"x" * 300], {{2: "GLIBC_2.2.5", 3: None}}, "GLIBC_2.2.5")
print("done")
"""


def test_no_memory_error(tmp_path: Path) -> None:
    module = tmp_path / "_native.so"
    compiler = ["gcc", "-std=c11", "-D_GNU_SOURCE", "-g", "-O1", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror"]
    compiler += ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-I", sysconfig.get_paths()["include"]]
    command = [*compiler, "-o", str(module), *map(str, sorted(SOURCES.glob("*.c")))]
    succeeded(subprocess.run(command, capture_output=True, text=True))
    runtime = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip()
    feed = _FEED.format(tests=str(REPO / "tests"), folder=str(tmp_path), rounds=400)
    environment = {
        **os.environ,
        "LD_PRELOAD": runtime,
        "PYTHONMALLOC": "malloc",
        "PYTHONPATH": str(tmp_path),
        "ASAN_OPTIONS": "detect_leaks=0",
    }
    done = subprocess.run([sys.executable, "-c", feed], env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0 and done.stdout == "done\n", done.stderr[-3000:]
