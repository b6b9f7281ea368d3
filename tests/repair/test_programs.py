"""Programs that the compilers and linkers of this machine build plainly run on the real 2.17 once they are repaired."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from compat.circumstances import programs_in
from compat.conftest import PROGRAMS as FAMILIES
from compat.conftest import link_program
from compat.test_behaviour import FILES, REAL
from conftest import RunOn217, need_tool, succeeded
from kit.test_matrix import CPP_SAYS, GREETER_SAYS
from pinning import CCS, LINKERS, run
from symver_pin import repair

from .conftest import NO_LIBRARY_PATH, Plain

EVERY_LINK = pytest.mark.parametrize("linker", LINKERS)
EVERY_CC = pytest.mark.parametrize("cc", CCS)
PROGRAM_MODES = pytest.mark.parametrize("mode", ["pie", "exec"])


@EVERY_CC
@EVERY_LINK
@PROGRAM_MODES
def test_a_cpp_program_does_all_it_does_on_this_machine(plain: Plain, cc: str, linker: str, mode: str) -> None:
    program = plain.build("matrix.cc", "-std=c++17", cc=cc, linker=linker, mode=mode)
    plain.repair(program)
    assert plain.runs("program", "one argument", env={"PINNED": "value of env"}) == CPP_SAYS


@EVERY_CC
@EVERY_LINK
@PROGRAM_MODES
def test_a_c_library_works_linked_and_opened(plain: Plain, cc: str, linker: str, mode: str) -> None:
    named = ("-Wl,-soname,libgreet.so", "-Wl,-rpath,$ORIGIN")
    library = plain.build("greet.c", *named, cc=cc, linker=linker, mode="shared", output="libgreet.so")
    program = plain.build("greeter.c", "-L.", "-lgreet", "-Wl,-rpath,$ORIGIN", cc=cc, linker=linker, mode=mode)
    plain.repair(library, program)
    assert plain.runs("program", "world") == GREETER_SAYS


RUST = r"""
use std::{collections::HashMap, fs, panic, thread};
struct Noisy(u8);
impl Drop for Noisy { fn drop(&mut self) { println!("drop {}", self.0); } }
thread_local! { static NOISY: Noisy = Noisy(3); }
fn main() {
    let threads: Vec<_> = (0..4).map(|i| thread::spawn(move || { NOISY.with(|noisy| noisy.0 as i32) * i })).collect();
    let sum: i32 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    let map = HashMap::from([(1, 2)]);
    println!("{sum} {map:?} {}", fs::metadata("/").unwrap().is_dir());
    println!("{}", panic::catch_unwind(|| panic!("as it should")).is_err());
}
"""


def test_a_rust_program_works(plain: Plain) -> None:
    source = plain.write("program.rs", RUST)
    succeeded(run([need_tool("rustc"), "-O", "--edition=2021", source, "-o", plain.folder / "program"]))
    plain.repair(plain.folder / "program")
    assert plain.runs("program") == "drop 3\n" * 4 + "18 {1: 2} true\ntrue\n"


OLDER_THAN_2_17 = {"alignment.c", "uchar.c"}
"""Families of functions that 2.17 has and that did less in it: a kit for 2.17 does not replace them either."""

FAMILY_PROGRAMS = sorted(
    name
    for name in programs_in("real")
    if name not in OLDER_THAN_2_17 and REAL.get(name, "2.43") == "2.43" and (FAMILIES / name).suffix == ".c"
)


NOT_EMBEDDED = {"search.c": "twalk_r", "calls.c": "twalk_r"}
"""Families with a member that cannot be embedded."""


@pytest.mark.parametrize("embed", [False, True] if os.environ.get("SYMVER_PIN_REPAIR") == "all" else [False])
@pytest.mark.parametrize("family", FAMILY_PROGRAMS)
def test_a_program_with_functions_of_2_43_meets_its_expectations_on_2_17(
    family: str, embed: bool, run_on_217: RunOn217, tmp_path: Path
) -> None:
    program = link_program(tmp_path / "program", "2.43", FAMILIES / family, None)
    outcome = repair([program], "2.17", tmp_path / "out", embed=embed)
    if embed and family in NOT_EMBEDDED:
        assert NOT_EMBEDDED[family] in outcome.files[0].reason
        return
    assert outcome.exit_status == 0, [(file.path, file.reason, file.decisions) for file in outcome.files]
    others = [path for path in (tmp_path / "out").iterdir() if path.name != "program"]
    arguments = ("fallbacks",) if family == "startup.c" else ()
    done = run_on_217(
        tmp_path / "out/program", *arguments, extra_files=[*others, *FILES.get(family, ())], env=NO_LIBRARY_PATH
    )
    assert succeeded(done) == ""
