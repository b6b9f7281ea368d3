"""Loops that a compiler has vectorised with libmvec's names are right on a glibc that has no libmvec."""

import subprocess
from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from pinning import Pinned
from symver_pin.compat.table import load

UNARY = (
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "cbrt",
    "cos",
    "cosh",
    "erf",
    "erfc",
    "exp",
    "exp10",
    "exp2",
    "expm1",
    "log",
    "log10",
    "log1p",
    "log2",
    "sin",
    "sinh",
    "tan",
    "tanh",
)
BINARY = ("atan2", "hypot", "pow")

SETS = {"b": ("sse2",), "c": ("avx",), "d": ("avx2", "fma"), "e": ("avx512f", "avx512dq")}
"""The letter of an instruction set in the vector names, and the processor's flags that its code needs."""


UNUSED_BY_GCC = "_ZGVcN8vvv_sincosf"
"""Eight pointers take four registers without AVX2; gcc 12 calls the form for SSE twice instead."""


def unused_by_gcc(names: set[str]) -> set[str]:
    """The vector functions of a set that this machine's gcc does not call in these loops."""
    version = subprocess.run([need_tool("gcc"), "-dumpversion"], capture_output=True, text=True).stdout
    if int(version.partition(".")[0]) >= 15:  # no longer vectorises a sincos that is declared here
        return {name for name in names if "sincos" in name}
    return {UNUSED_BY_GCC}


EIGHT_POINTERS = """
typedef float lanes __attribute__((vector_size(32)));
typedef unsigned long long two __attribute__((vector_size(16)));
extern void _ZGVcN8vvv_sincosf(lanes, two, two, two, two, two, two, two, two);
float sinf(float), cosf(float);
static float sines[8], cosines[8];
#define TWO(of, i) (two){(unsigned long long)&of[i], (unsigned long long)&of[i + 1]}
#define FOUR(of) TWO(of, 0), TWO(of, 2), TWO(of, 4), TWO(of, 6)
int main(void)
{
    lanes x = {0, 1, -2, 3, -4, 5, -6, 700};
    int faults = 0;
    _ZGVcN8vvv_sincosf(x, FOUR(sines), FOUR(cosines));
    for (int i = 0; i < 8; i++)
        faults += sines[i] != sinf(x[i]) || cosines[i] != cosf(x[i]);
    return faults;
}
"""


def loops() -> str:
    """A program that compares each vectorised loop with calls that no compiler can vectorise."""
    text = [
        "#define _GNU_SOURCE",
        "#include <math.h>",
        "#include <stdio.h>",
        "enum { COUNT = 64 };",
        "static double x[COUNT], y[COUNT], z[COUNT], w[COUNT];",
        "static float xf[COUNT], yf[COUNT], zf[COUNT], wf[COUNT];",
        "static int faults;",
        "static void check(const char *name, double got, double wanted, double bound)",
        "{",
        "    if (!(fabs(got - wanted) <= bound * fabs(wanted))) {",
        '        printf("%s: %.17g instead of %.17g\\n", name, got, wanted);',
        "        faults = 1;",
        "    }",
        "}",
    ]
    main = []
    # sincos comes apart in a compiler that knows it; the pragma is what its declaration has in no header
    text += ["#pragma omp declare simd notinbranch", "extern void sincos(double, double *, double *);"]
    text += ["#pragma omp declare simd notinbranch", "extern void sincosf(float, float *, float *);"]
    for suffix, real, bound in (("", "double", "1e-14"), ("f", "float", "1e-6")):
        s = suffix
        for name in (*UNARY, *BINARY):
            arguments = f"x{s}[i], y{s}[i]" if name in BINARY else f"x{s}[i]"
            types = f"{real}, {real}" if name in BINARY else real
            base = "1 + " if name == "acosh" else ""
            call = f"{name}{s}({base}{arguments})"
            text += [
                f"static {real} (*volatile scalar_{name}{s})({types}) = {name}{s};",
                f"__attribute__((noinline)) static void loop_{name}{s}(void)",
                "{",
                "#pragma omp simd",
                "    for (int i = 0; i < COUNT; i++)",
                f"        z{s}[i] = {call};",
                "}",
            ]
            main += [
                f"    loop_{name}{s}();",
                "    for (int i = 0; i < COUNT; i++)",
                f'        check("{name}{s}", z{s}[i], scalar_{name}{s}({base}{arguments}), {bound});',
            ]
        text += [
            f"__attribute__((noinline)) static void loop_sincos{s}(void)",
            "{",
            "#pragma omp simd",
            "    for (int i = 0; i < COUNT; i++)",
            f"        sincos{s}(x{s}[i], &z{s}[i], &w{s}[i]);",
            "}",
        ]
        main += [
            f"    loop_sincos{s}();",
            "    for (int i = 0; i < COUNT; i++) {",
            f'        check("sincos{s}", z{s}[i], scalar_sin{s}(x{s}[i]), {bound});',
            f'        check("sincos{s}", w{s}[i], scalar_cos{s}(x{s}[i]), {bound});',
            "    }",
        ]
    text += [
        "int main(void)",
        "{",
        "    for (int i = 0; i < COUNT; i++) {",
        "        xf[i] = x[i] = (i + 1) / 80.0;",
        "        yf[i] = y[i] = 2 - i / 33.0;",
        "    }",
        *main,
        "    return faults;",
        "}",
    ]
    return "\n".join(text) + "\n"


def vector_names(binary: Path) -> set[str]:
    """The vector functions that an object calls or a program holds."""
    listed = succeeded(subprocess.run([need_tool("nm"), binary], capture_output=True, text=True))
    return {line.split()[-1] for line in listed.splitlines() if line.split()[-1].startswith("_ZGV")}


def processor_flags() -> set[str]:
    """What this processor can do, as Linux names it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return set(next(line for line in lines if line.startswith("flags")).split()[2:])


@pytest.mark.parametrize("linker", ["bfd", "mold"])
@pytest.mark.parametrize("letter", SETS)
def test_loops_vectorised_by_gcc_give_what_scalar_calls_give(letter: str, linker: str, pinned: Pinned) -> None:
    source = pinned.write("loops.c", loops())
    flags = [
        "-O3",
        "-ffast-math",
        "-fopenmp-simd",
        "-fno-builtin-sincos",
        "-fno-builtin-sincosf",
        "-mprefer-vector-width=512",
        *(f"-m{flag}" for flag in SETS[letter]),
    ]
    program = pinned.link(source, *flags, "-lm", linker=linker)
    ours = {row.symbol for row in load() if row.symbol.startswith(f"_ZGV{letter}N")}
    assert ours - vector_names(program) <= unused_by_gcc(ours)
    missing = set(SETS[letter]) - processor_flags()
    if missing:
        pytest.skip(f"linked, not run: this processor has no {', '.join(sorted(missing))}")
    assert pinned.runs(program) == ""


def test_loops_vectorised_by_clang_give_what_scalar_calls_give(pinned: Pinned) -> None:
    source = pinned.write("loops.c", loops().replace("#pragma omp declare simd notinbranch\n", ""))
    flags = ("-O3", "-ffast-math", "-fopenmp-simd", "-fveclib=libmvec", "-Wno-everything")
    program = pinned.link(source, *flags, "-lm", cc="clang")
    assert {"_ZGVbN2v_sin", "_ZGVbN4v_expf", "_ZGVbN2vv_pow"} <= vector_names(program)
    assert pinned.runs(program) == ""


def test_pointers_come_in_as_many_registers_as_they_take(pinned: Pinned) -> None:
    program = pinned.link(pinned.write("pointers.c", EIGHT_POINTERS), "-mavx", "-fno-builtin", "-lm")
    assert vector_names(program) == {UNUSED_BY_GCC}
    assert pinned.runs(program) == ""


def test_a_program_without_vectors_holds_none(pinned: Pinned) -> None:
    source = pinned.write("plain.c", "#include <math.h>\nint main(int n, char **v) { return sin(n) > 2 || v == 0; }\n")
    assert vector_names(pinned.link(source, "-lm")) == set()
