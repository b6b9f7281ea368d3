"""A program that calls mathematical functions on operands from its standard input, generated from their signatures.

Operands and results go as bit patterns in hexadecimal, so nothing is lost, and each call runs in a rounding direction
that its line names. The same program is linked with a real libc and with the compat archive, and what both print is
compared.
"""

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from conftest import Completed, succeeded

TYPES = {
    "f": "float",
    "d": "double",
    "l": "long double",
    "q": "__float128",
    "i": "int",
    "j": "long",
    "k": "long long",
    "u": "unsigned",
    "p": "const void *",
}
"""The letters of a signature, result first: ``dd`` is a function from double to double."""

BYTES = {"f": 4, "d": 8, "l": 10, "q": 16}

_HEAD = r"""
#include <errno.h>
#include <fenv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char words[8][64];

static void take(void *to, const char *text, unsigned size)
{
    memset(to, 0, size);
    for (unsigned i = 0, digits = strlen(text); i < digits; i += 2) {
        char pair[3] = {text[digits - 2 - i], text[digits - 1 - i], 0};
        ((unsigned char *)to)[i / 2] = (unsigned char)strtoul(pair, 0, 16);
    }
}

static void give(const void *from, unsigned size)
{
    for (unsigned i = size; i-- > 0;)
        printf("%02x", ((const unsigned char *)from)[i]);
}

int main(void)
{
    char name[64];
    int mode;
    static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    while (scanf("%63s %d", name, &mode) == 2) {
"""

_TAIL = r"""
        { fprintf(stderr, "no function %s\n", name); return 1; }
    }
    return 0;
}
"""


class Call(NamedTuple):
    """One call: the function, the rounding direction (0 to nearest, 1 up, 2 down, 3 to zero), the operands' bits."""

    function: str
    operands: tuple[int, ...]
    mode: int = 0


class Outcome(NamedTuple):
    """What a call gave: the result's bits, the floating-point exceptions raised, errno."""

    result: int
    exceptions: int
    errno: int


def source(signatures: dict[str, str], adapters: str = "") -> str:
    """The program's text for functions with these signatures; C text may define some of them, in terms of libm's."""
    declarations, branches = [adapters], []
    for name, signature in signatures.items():
        result, operands = signature[0], signature[1:]
        declarations.append(f"{TYPES[result]} {name}({', '.join(TYPES[o] for o in operands)});")
        values = "".join(f"{TYPES[o].replace('const ', '')} a{i}; " for i, o in enumerate(operands))
        size = {o: BYTES.get(o, f"sizeof({TYPES[o]})") for o in TYPES}
        taken = "".join(
            f'if (scanf("%63s", words[{i}]) != 1) return 1; take(&a{i}, words[{i}], sizeof a{i}); '
            for i in range(len(operands))
        )
        arguments = ", ".join(f"a{i}" for i in range(len(operands)))
        branches.append(
            f'if (strcmp(name, "{name}") == 0) {{ {values}volatile {TYPES[result]} value; {taken}'
            f"feclearexcept(FE_ALL_EXCEPT); errno = 0; fesetround(modes[mode]); value = {name}({arguments}); "
            f"int raised = fetestexcept(FE_ALL_EXCEPT), error = errno; fesetround(FE_TONEAREST); "
            f'{TYPES[result]} copy = value; give(&copy, {size[result]}); printf(" %d %d\\n", raised, error); }} else'
        )
    return _HEAD.replace("static char", "\n".join(declarations) + "\nstatic char", 1) + "\n".join(branches) + _TAIL


def script(calls: Iterable[Call]) -> str:
    """The calls as the program reads them."""
    return "".join(f"{c.function} {c.mode} {' '.join(_hex(o) for o in c.operands)}\n" for c in calls)


def _hex(bits: int) -> str:
    text = f"{bits:x}"
    return text if len(text) % 2 == 0 else "0" + text


def outcomes(done: Completed) -> list[Outcome]:
    """What the program printed, a call a line."""
    lines = (line.split() for line in succeeded(done).splitlines())
    return [Outcome(int(bits, 16), int(raised), int(error)) for bits, raised, error in lines]


def run_here(program: Path, calls: Sequence[Call]) -> list[Outcome]:
    """The calls' outcomes on the host's libc."""
    return outcomes(subprocess.run([program], input=script(calls), capture_output=True, text=True))
