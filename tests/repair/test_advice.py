"""`verify` names `symver-pin repair` for a fault that a repair mends, and for no other."""

from __future__ import annotations

import pytest

from symver_pin import repair, verify

from .conftest import Plain
from .test_traps import ABSENT, PRIVATE, SIGNAL_STACK

THREADS = """
#include <pthread.h>
static void *work(void *given) { return given; }
int main(void) { pthread_t thread; return pthread_create(&thread, 0, work, 0) || pthread_join(thread, 0); }
"""
RUNTIME = """
#include <charconv>
int main(int count, char **words) { double d; return int(std::from_chars(*words, *words + count, d).ec); }
"""
WEAK = """
extern int _Fork(void) __attribute__((weak));
int main(void) { return _Fork && _Fork() < 0; }
"""
FLAGS = {"relative": ("-Wl,-z,pack-relative-relocs",)}


@pytest.mark.parametrize(
    ("text", "flag", "helps"),
    [
        (SIGNAL_STACK, "", True),
        (THREADS, "", True),
        (WEAK, "", True),
        (SIGNAL_STACK, "relative", True),
        (RUNTIME, "", True),
        (ABSENT, "", False),
        (PRIVATE, "", False),
    ],
    ids=["supplied", "bound", "weak", "relative", "runtime", "absent", "private"],
)
def test_advice_names_repair_where_a_repair_helps(plain: Plain, text: str, flag: str, helps: bool) -> None:
    source = plain.write("program.cc" if "charconv" in text else "program.c", text)
    program = plain.build(source, *FLAGS.get(flag, ()), linker="bfd")
    (found,) = verify([program], "2.17").files
    failing = [finding for finding in found.findings if finding.fails]
    assert failing and all("symver-pin repair" in finding.advice for finding in failing) is helps
    (status, *_) = [file.status for file in repair([program], "2.17", dry_run=True).files]
    assert (status == "repaired") is helps


def test_advice_on_an_absent_function_names_it(plain: Plain) -> None:
    program = plain.build(plain.write("program.c", ABSENT))
    (found,) = verify([program], "2.17").files
    advice = [finding.advice for finding in found.findings if finding.version == "GLIBC_2.34"]
    assert any("no _Fork, and there is no compat object for it" in text for text in advice)
