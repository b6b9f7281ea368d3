"""The members on aarch64, under emulation: the engines give the same bits as on x86-64, and vector loops are right."""

import random
import subprocess
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from c_flags import LENIENT_C
from conftest import Completed, need_tool, succeeded
from symver_pin.compat.table import load
from symver_pin.machine.architectures import ARCHES

from .conftest import Archive, LinkOn, build_archive
from .driver import Call, outcomes, run_here, script, source
from .formats import FORMATS, scattered, telling
from .test_vectors import BINARY, UNARY, vector_names

AARCH64 = ARCHES["aarch64"]
LIBRARIES = "/usr/aarch64-linux-gnu"

Cross = Callable[..., Path]


@pytest.fixture(scope="session")
def cross_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All members for aarch64 and glibc 2.17."""
    need_tool("qemu-aarch64")
    path = tmp_path_factory.mktemp("aarch64") / "compat.a"
    old = {row.symbol: "GLIBC_2.17" for row in load() if row.needs_old_version}
    newest_habits = ["-mbranch-protection=standard", "-moutline-atomics"]  # defaults of Ubuntu's and newer compilers
    build_archive([need_tool("aarch64-linux-gnu-gcc"), *newest_habits], AARCH64, 17, old, path)
    return path


@pytest.fixture
def cross(cross_archive: Path, tmp_path: Path) -> Cross:
    """`cross(text, *flags)`: a program for aarch64 with the members before the cross compiler's own libc."""

    def build(text: str, *flags: str) -> Path:
        (tmp_path / "cross.c").write_text(text)
        command = [
            "aarch64-linux-gnu-gcc",
            *LENIENT_C,
            "-O1",
            "-D_GNU_SOURCE",
            "-o",
            tmp_path / "cross",
            tmp_path / "cross.c",
            *flags,
            cross_archive,
            "-lm",
        ]
        succeeded(subprocess.run([*map(str, command)], capture_output=True, text=True))
        return tmp_path / "cross"

    return build


def emulated(program: Path, stdin: str = "") -> Completed:
    """A run on a processor that has SVE."""
    command = ["qemu-aarch64", "-L", LIBRARIES, "-cpu", "max", str(program)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=300)


def test_members_call_no_function_of_libgcc_and_sign_no_return_address(cross_archive: Path) -> None:
    """A linker has passed libgcc.a when it reads them, and old unwinders do not get through signed functions."""
    symbols = subprocess.run(
        ["aarch64-linux-gnu-nm", "-u", str(cross_archive)], capture_output=True, text=True, check=True
    )
    assert "__aarch64_" not in symbols.stdout
    frames = ["aarch64-linux-gnu-readelf", "--debug-dump=frames", str(cross_archive)]
    shown = subprocess.run(frames, capture_output=True, text=True, check=True).stdout
    assert "DW_CFA_advance_loc" in shown
    assert "negate_ra_state" not in shown and "GNU_window_save" not in shown


def test_the_engines_give_the_same_bits_as_on_x86_64(
    cross: Cross, archive: Archive, link_on: LinkOn, tmp_path: Path
) -> None:
    shapes = {
        "sinpi": "..",
        "tanpi": "..",
        "exp10m1": "..",
        "log2p1": "..",
        "acospi": "..",
        "atan2pi": "...",
        "powr": "...",
        "rsqrt": "..",
    }
    signatures = {
        name + suffix: shape.replace(".", letter)
        for name, shape in shapes.items()
        for suffix, letter in (("", "d"), ("f", "f"), ("f128", "q"))
    }
    signatures |= {
        "fadd": "fdd",
        "fdiv": "fdd",
        "ffma": "fddd",
        "f64mulf128": "dqq",
        "f32sqrtf128": "fq",
        "fromfp": "kdiu",
    }
    calls, draw = [], random.Random(6)
    for name, signature in signatures.items():
        form = FORMATS[signature[1]]
        points: list[tuple[int, ...]] = [(x, 4, 9) for x in telling(form)]
        if signature[2:] != "iu":
            points = list(product(telling(form), repeat=min(len(signature) - 1, 2)))
            points = [point + point[:1] * (len(signature) - 1 - len(point)) for point in points]
            points += [tuple(scattered(form, len(signature) - 1, draw, (-8, 8))) for _ in range(60)]
        calls += [Call(name, point, mode) for point in points for mode in (0, 1)]
    text = source(signatures)
    (tmp_path / "here.c").write_text(text)
    here = run_here(link_on("2.17", tmp_path / "here.c", archive()), calls)
    program = cross(text.replace("__float128", "long double"), "-fno-builtin")
    there = outcomes(emulated(program, script(calls)))
    for call, ours, theirs in zip(calls, here, there, strict=True):
        result = FORMATS.get(signatures[call.function][0])
        if result is None or not result.is_nan(ours.result):
            assert (call, theirs.result, theirs.errno) == (call, ours.result, ours.errno)
        else:
            assert result.is_nan(theirs.result)


@pytest.mark.parametrize("kind", ["n", "s"])
def test_vector_functions_give_what_scalar_ones_give(kind: str, cross: Cross) -> None:
    flags = ["-O1", *(["-march=armv8-a+sve"] if kind == "s" else [])]
    program = cross(_calls(kind), *flags, "-fno-builtin")
    assert vector_names(program) == {row.symbol for row in load() if row.symbol.startswith(f"_ZGV{kind}")}
    assert succeeded(emulated(program)) == ""


def _calls(kind: str) -> str:
    """A program that calls each vector function directly; gcc 12 vectorises no calls for aarch64."""
    newer = (
        "acospi",
        "asinpi",
        "atanpi",
        "cospi",
        "exp10m1",
        "exp2m1",
        "log10p1",
        "log2p1",
        "logp1",
        "rsqrt",
        "sinpi",
        "tanpi",
    )
    head = [
        "#include <stdio.h>",
        "#include <arm_neon.h>",
        "static int faults;",
        "static void check(const char *name, double got, double wanted)",
        '{ if (!(got == wanted)) { printf("%s: %g instead of %g\\n", name, got, wanted); faults = 1; } }',
    ]
    if kind == "s":
        head.insert(0, "#include <arm_sve.h>")
    body: list[str] = []
    forms = [("", "double", "float64x2_t", 2), ("f", "float", "float32x4_t", 4), ("f", "float", "float32x2_t", 2)]
    if kind == "s":
        forms = [("", "double", "svfloat64_t", 64), ("f", "float", "svfloat32_t", 32)]
    for name in (*UNARY, *newer, *BINARY, "atan2pi"):
        two = name in (*BINARY, "atan2pi")
        for suffix, real, vector, lanes in forms:
            call = f"{name}{suffix}"
            symbol = f"_ZGV{'sMx' if kind == 's' else f'nN{lanes}'}{'vv' if two else 'v'}_{call}"
            mask = ", svbool_t" if kind == "s" else ""
            attribute = "" if kind == "s" else " __attribute__((aarch64_vector_pcs))"
            head.append(
                f"{real} {call}({real}{f', {real}' if two else ''}); "
                f"{vector} {symbol}({vector}{f', {vector}' if two else ''}{mask}){attribute};"
            )
            first = "1.25" if name == "acosh" else "0.125"
            scalar = f"{call}(x[i]{', x[i]' if two else ''})"
            if kind == "s":
                body.append(
                    f"{{ {real} x[64], z[64]; int n = svcntb() / sizeof({real}); "
                    f"for (int i = 0; i < n; i++) x[i] = {first} + i / 128.0; "
                    f"svbool_t all = svptrue_b{lanes}(), some = svwhilelt_b{lanes}(0, n - 1); "
                    f"{vector} v = svld1(all, x); svst1(all, z, {symbol}(v{', v' if two else ''}, some)); "
                    f'for (int i = 0; i < n - 1; i++) check("{symbol}", z[i], {scalar}); }}'
                )
            else:
                body.append(
                    f"{{ {real} x[{lanes}], z[{lanes}]; "
                    f"for (int i = 0; i < {lanes}; i++) x[i] = {first} + i / 8.0; "
                    f"{vector} v = *({vector} *)x; *({vector} *)z = {symbol}(v{', v' if two else ''}); "
                    f'for (int i = 0; i < {lanes}; i++) check("{symbol}", z[i], {scalar}); }}'
                )
    return "\n".join([*head, "int main(void)", "{", *body, "return faults;", "}"]) + "\n"
