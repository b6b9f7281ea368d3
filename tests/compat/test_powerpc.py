"""The members on PowerPC, under emulation: binary128 beside IBM's long double, and as a long double.

No runtime older than the cross compiler's own can be had for it.
"""

import random
import subprocess
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import pytest

from conftest import Completed, need_tool, succeeded
from cross import start
from pinning import cross_kit, run, symver_pin_command
from symver_pin.compat.table import load
from symver_pin.machine.architectures import ARCHES

from .conftest import Archive, LinkOn, build_archive
from .driver import Call, outcomes, run_here, script, source
from .formats import FORMATS, scattered, telling

POWERPC = ARCHES["powerpc64le"]
TRIPLET = "powerpc64le-linux-gnu"
TEXT = Path(__file__).parent / "long_double" / "text.c"
IEEE = ("-mabi=ieeelongdouble", "-Wno-psabi", "-w")
"""A compiler for a system with IBM's long double warns of the other one."""

SHAPES = {
    "sin": "qq", "exp": "qq", "log": "qq", "atan2": "qqq", "pow": "qqq", "cbrt": "qq", "erf": "qq", "hypot": "qqq",
    "sqrt": "qq", "fma": "qqqq", "fmod": "qqq", "rint": "qq", "nextafter": "qqq", "scalbn": "qqi", "lrint": "jq",
    "sinpi": "qq", "powr": "qqq", "fmaximum_num": "qqq", "f32add": "fqq", "f64mul": "dqq", "roundeven": "qq",
}  # fmt: skip
"""Function of binary128 without suffix -> its signature, in the driver's letters."""


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_tool(f"{TRIPLET}-gcc")
    return cross_kit(POWERPC.name, "2.17", tmp_path_factory.mktemp("cache"))


def emulated(program: Path, *arguments: str, stdin: str = "") -> Completed:
    return subprocess.run(
        [*start(TRIPLET), program, *arguments], input=stdin, capture_output=True, text=True, timeout=600
    )


@pytest.mark.parametrize("family", ["f128", "ieee128"])
def test_functions_of_binary128_give_the_same_bits_as_on_x86_64(
    family: str, archive: Archive, link_on: LinkOn, tmp_path: Path
) -> None:
    here_names = {f"{name}f128": shape for name, shape in SHAPES.items()}
    calls, draw = [], random.Random(6)
    for name, shape in here_names.items():
        form, reals = FORMATS["q"], shape.count("q", 1)
        points = list(product(telling(form)[::2], repeat=min(reals, 2)))
        points = [point + point[:1] * (reals - len(point)) for point in points]
        points += [tuple(scattered(form, reals, draw, (-8, 8))) for _ in range(40)]
        calls += [Call(name, (*point, 3) if shape.endswith("i") else point, m) for point in points for m in (0, 1)]
    text = source(here_names)
    (tmp_path / "here.c").write_text(text)
    here = run_here(link_on("2.17", tmp_path / "here.c", archive()), calls)
    path = tmp_path / "compat.a"
    old = {row.symbol: "GLIBC_2.17" for row in load() if row.needs_old_version}
    build_archive([need_tool(f"{TRIPLET}-gcc")], POWERPC, 17, old, path)
    names = {name: f"__{name}ieee128" if family == "ieee128" else f"{name}f128" for name in SHAPES}
    if family == "ieee128":
        names["nextafter"] = "__nexttowardieee128"  # the same function, where both operands have one type
    (tmp_path / "there.c").write_text(source({names[name]: shape for name, shape in SHAPES.items()}))
    command: list[str | Path] = [
        f"{TRIPLET}-gcc",
        "-O1",
        "-fno-builtin",
        "-D_GNU_SOURCE",
        "-w",
        tmp_path / "there.c",
        path,
        "-lm",
    ]
    succeeded(run([*command, "-o", tmp_path / "there"]))
    renamed = [call._replace(function=names[call.function.removesuffix("f128")]) for call in calls]
    there = outcomes(emulated(tmp_path / "there", stdin=script(renamed)))
    for call, ours, theirs in zip(calls, here, there, strict=True):
        result = FORMATS.get(here_names[call.function][0])
        if result is not None and result.is_nan(ours.result):
            assert result.is_nan(theirs.result), call
        else:
            assert (call, theirs.result, theirs.errno) == (call, ours.result, ours.errno)


@pytest.mark.parametrize("options", [("-O1",), ("-O2", "-D_FORTIFY_SOURCE=2", "-std=gnu2x")], ids=" ".join)
def test_text_of_an_ieee_long_double_is_that_of_the_newer_libc(
    options: Sequence[str], kit: Path, tmp_path: Path
) -> None:
    """The same program, plainly built and pinned to 2.17."""
    for folder in ("plain", "pinned"):
        (tmp_path / folder).mkdir()
    succeeded(run([f"{TRIPLET}-gcc", *options, *IEEE, TEXT, "-o", tmp_path / "plain" / "text"]))
    succeeded(run([kit / "bin/cc", *options, *IEEE, TEXT, "-o", tmp_path / "pinned" / "text"]))
    expected, pinned = (
        subprocess.run([*start(TRIPLET), "./text", "../file"], cwd=tmp_path / name, capture_output=True, text=True)
        for name in ("plain", "pinned")
    )
    assert expected.returncode == 3, "what errx(3, ...) gives"
    assert (pinned.stdout, pinned.returncode) == (expected.stdout, 3)


MARKS = ("__parse_hwcap_and_convert_at_platform", "__parse_hwcap_3_4_and_convert_at_platform")

CPLUSPLUS = r"""
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <random>
#include <regex>
#include <sstream>
#include <thread>

int main()
{
    int caught = 0;
    std::thread thread([&] {
        try {
            throw std::runtime_error("thrown");
        } catch (const std::exception &) {
            caught = 1;
        }
    });
    thread.join();
    std::ostringstream out;
    out << std::setprecision(30) << 1.25L << ' ' << 0.5 << ' ' << std::hexfloat << 3.0L;
    long double read = 0;
    std::istringstream("2.5") >> read;
    std::random_device device;
    std::cout << caught << ' ' << out.str() << ' ' << read << ' ' << (device() != device()) << ' '
              << std::regex_match("aab", std::regex("a+b")) << std::endl;
}
"""


def test_a_cplusplus_program_links_for_217_and_runs(kit: Path, tmp_path: Path) -> None:
    """With IBM's long double: Debian 12's own libstdc++ crashes on output of the other, however it is linked."""
    (tmp_path / "unit.cc").write_text(CPLUSPLUS)
    succeeded(run([kit / "bin/c++", "-O1", tmp_path / "unit.cc", "-o", tmp_path / "unit"]))
    assert "ok on" in succeeded(symver_pin_command("verify", "--glibc", "2.17", tmp_path / "unit"))
    assert succeeded(emulated(tmp_path / "unit")) == "1 1.25 0.5 0x1.8p+1 2.5 1 1\n"


def test_arithmetic_of_binary128_is_not_chosen_by_the_loader(kit: Path, tmp_path: Path) -> None:
    """Loaders before 2.23 do not say what the processor has, so there must be no IFUNC, in any order of libraries."""
    (tmp_path / "unit.c").write_text(
        "#include <stdio.h>\n"
        "int main(int count, char **arguments) {\n"
        "    (void)arguments; _Float128 x = count + 0.5f128, y = x * x / 3 - x; int n = (int)(y * 100);\n"
        '    printf("%d %d\\n", n, y < 0); return 0; }\n'
    )
    for libraries in ((), ("-lm",), ("-static-libgcc",)):
        succeeded(
            run([kit / "bin/cc", "-O1", "-fno-builtin", tmp_path / "unit.c", *libraries, "-o", tmp_path / "unit"])
        )
        shown = succeeded(run([f"{TRIPLET}-readelf", "--wide", "--relocs", "--dyn-syms", tmp_path / "unit"]))
        assert "IRELATIV" not in shown and not any(mark in shown for mark in MARKS)
        assert succeeded(emulated(tmp_path / "unit")) == "-75 1\n"


COMPLEX = r"""
#define _GNU_SOURCE
#include <complex.h>
#include <math.h>
#include <stdio.h>
typedef _Complex _Float128 complex_quad;
extern _Float128 __cabsieee128(complex_quad), __cargieee128(complex_quad);
extern void __sincosieee128(_Float128, _Float128 *, _Float128 *);

int main(void)
{
    complex_quad z;
    __real__ z = 3;
    __imag__ z = 4;
    _Float128 sine, cosine;
    _Float64x s, c; /* of the same format; a type of its own for gcc 14 */
    __sincosieee128(0.5f128, &sine, &cosine);
    sincosf64x(0.5f128, &s, &c);
    printf("%d %d %d\n", __cabsieee128(z) == 5 && cabsf64x(z) == 5,
           __cargieee128(z) == cargf64x(z) && fabsf128(cargf64x(z) - atan2f128(4, 3)) < 1e-33f128,
           sine == s && cosine == c && sine == sinf128(0.5f128) && cosine == cosf128(0.5f128));
    return 0;
}
"""


def test_complex_functions_of_binary128_have_all_their_names(kit: Path, tmp_path: Path) -> None:
    (tmp_path / "unit.c").write_text(COMPLEX)
    succeeded(run([kit / "bin/cc", "-O1", "-fno-builtin", "-w", tmp_path / "unit.c", "-lm", "-o", tmp_path / "unit"]))
    assert succeeded(emulated(tmp_path / "unit")) == "1 1 1\n"
