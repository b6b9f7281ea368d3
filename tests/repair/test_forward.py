"""A file that is repaired for 2.17 runs on every later release too, with libc's own functions where it has them."""

from __future__ import annotations

import pytest

import rootrun
from conftest import need_root, succeeded
from kit.test_matrix import CPP_SAYS

from .conftest import NO_LIBRARY_PATH, Plain
from .test_traps import DESTRUCTOR, INDIRECT, PROBES, SIGNAL_STACK

LATER = ("2.31", "2.36", "2.41", "2.43")


@pytest.mark.parametrize("release", LATER)
def test_programs_for_2_17_run_on_later_releases(plain: Plain, release: str) -> None:
    root = need_root(release)
    said = {
        "matrix": CPP_SAYS,
        "destructor": "~7\njoined\n~1\n",
        "indirect": "1 5 6 0\n",
        "probes": "1 1 1\n",
        "sizes": "1 1\n",
    }
    plain.build("matrix.cc", "-std=c++17", output="matrix")
    for name, text in (("destructor", DESTRUCTOR), ("indirect", INDIRECT), ("probes", PROBES), ("sizes", SIGNAL_STACK)):
        plain.build(plain.write(f"{name}.{'cc' if '<cstdio>' in text else 'c'}", text), output=name)
    plain.repair(*(plain.folder / name for name in said))
    libraries = list(plain.out.glob("*.so*"))
    environment = {**NO_LIBRARY_PATH, "PINNED": "value of env"}
    for name, expected in said.items():
        words = ("one argument",) if name == "matrix" else ()
        done = rootrun.run_in_root(root, plain.out / name, words, extra_files=libraries, env=environment)
        assert succeeded(done) == expected
