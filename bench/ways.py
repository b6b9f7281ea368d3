"""Ways to a program that runs on glibc 2.17, tried side by side: ``make bench-ways`` prints the table of
docs/comparison.md.

Each program checks itself and ends with 0. It is built here, by each way, and started on the real glibc 2.17 and here.
The ways are the host's gcc; symver-pin's kit and its pin header; ``zig cc -target x86_64-linux-gnu.2.17`` (package
ziglang of pip's index); ``musl-gcc -static`` (Debian's musl-tools). A cell says where the program works.

It also gives two libraries that do not load on 2.17, with old version numbers only, to ``auditwheel show`` and to
``symver-pin verify``.
"""

import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tools")]

import rootrun  # noqa: E402  (tools/ is no package; the line above makes it importable)
import runtimes  # noqa: E402

TARGET = "2.17"

PROGRAMS = {
    "threads": (
        "c",
        "#include <pthread.h>\nstatic void *f(void *p) { return p; }\n"
        "int main(void) { pthread_t t; void *r; "
        "return pthread_create(&t, 0, f, &t) || pthread_join(t, &r) || r != &t; }",
    ),
    "constructor": (
        "c",
        "static int ran;\n__attribute__((constructor)) static void f(void) { ran = 1; }\n"
        "int main(void) { return !ran; }",
    ),
    "getrandom (glibc 2.25)": (
        "c",
        "#include <sys/random.h>\nint main(void) { char c; return getrandom(&c, 1, 0) != 1; }",
    ),
    "C11 threads (glibc 2.28)": (
        "c",
        "#include <threads.h>\nstatic int f(void *p) { return p != 0; }\n"
        "int main(void) { thrd_t t; int r = 1; return thrd_create(&t, f, 0) || thrd_join(t, &r) || r; }",
    ),
    "dlopen of the system's libm": (
        "c",
        "#include <dlfcn.h>\nint main(void) { void *m = dlopen(\"libm.so.6\", RTLD_NOW); "
        "double (*f)(double) = m ? (double (*)(double))dlsym(m, \"cos\") : 0; return !f || f(0) != 1; }",
    ),
    "C++ exceptions and threads": (
        "cc",
        "#include <future>\n#include <stdexcept>\nint main() { auto f = std::async(std::launch::async, [] { throw "
        "std::runtime_error(\"x\"); }); try { f.get(); } catch (const std::runtime_error &) { return 0; } return 1; }",
    ),
}  # fmt: skip
"""Name -> the suffix of its source, and the source."""

LIBRARIES = {
    "pthread_create, recorded for libc.so.6": "#include <pthread.h>\n__asm__(\".symver pthread_create,"
    "pthread_create@GLIBC_2.2.5\");\n"
    "int start(pthread_t *t, void *(*f)(void *)) { return pthread_create(t, 0, f, 0); }",
    "packed relative relocations": "static int x;\nint *table[] = {&x, &x};",
}  # fmt: skip
"""Libraries that need old version nodes only and do not load on 2.17 -> their source."""


def said(command: Sequence[str]) -> str:
    """The first line that a command prints."""
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stdout or done.stderr).strip().partition("\n")[0]


def ways(folder: Path) -> dict[str, tuple[list[str], list[str], list[str]]]:
    """Name of a way -> command for C, command for C++ (empty: there is none), words at the end."""
    kit = said(["symver-pin", "kit", "--no-warn", "--glibc", TARGET])
    header = folder / "pin.h"
    header.write_bytes(subprocess.run(["symver-pin", "gen", "--glibc", TARGET], capture_output=True).stdout)
    zig = [sys.executable, "-m", "ziglang"]
    found = {
        f"gcc {said(['gcc', '-dumpfullversion'])}": (["gcc"], ["g++"], ["-pthread", "-ldl"]),
        "kit": ([f"{kit}/bin/cc"], [f"{kit}/bin/c++"], []),
        "pin header": (["gcc", "-include", str(header)], ["g++", "-include", str(header)], ["-lm", "-pthread", "-ldl"]),
        f"zig cc {said([*zig, 'version'])}": (
            [*zig, "cc", "-target", f"x86_64-linux-gnu.{TARGET}"],
            [*zig, "c++", "-target", f"x86_64-linux-gnu.{TARGET}"],
            ["-lpthread", "-ldl"],
        ),
    }
    if shutil.which("musl-gcc"):
        found[f"musl {musl_version()}, static"] = (["musl-gcc", "-static"], [], [])
    return found


def musl_version() -> str:
    """The version of Debian's musl."""
    return said(["dpkg-query", "-W", "-f", "${Version}", "musl-dev"])


def cell(command: list[str], ending: list[str], name: str, folder: Path, root: Path) -> str:
    """Where a program that is built by a command works."""
    if not command:
        return "no C++ library"
    suffix, text = PROGRAMS[name]
    source, program = folder / f"source.{suffix}", folder / "program"
    source.write_text(text)
    program.unlink(missing_ok=True)
    done = subprocess.run([*command, "-O2", str(source), "-o", str(program), *ending], capture_output=True, text=True)
    if done.returncode or not program.exists():
        return "does not link"
    here = subprocess.run([str(program)], capture_output=True).returncode == 0
    there = rootrun.run_in_root(root, program, [], timeout=60).returncode == 0
    return {(True, True): "works", (False, True): "2.17 only", (True, False): "host only"}.get((here, there), "fails")


def library_verdicts(folder: Path) -> list[list[str]]:
    """Rows of the table of libraries: auditwheel's and symver-pin's verdict on each."""
    rows = []
    for library_name, text in LIBRARIES.items():
        source, library = folder / "library.c", folder / "library.so"
        source.write_text(f"{text}\nvoid *PyInit_x(void) {{ return 0; }}\n")  # auditwheel looks at Python's modules
        words = ["-shared", "-fPIC", str(source), "-o", str(library), "-fuse-ld=lld", "-Wl,--pack-dyn-relocs=relr"]
        if "pthread" in library_name:
            words = words[:5]
        subprocess.run(["gcc", "-O2", *words], check=True)
        wheel = folder / "x-1-cp311-cp311-linux_x86_64.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.write(library, "x.cpython-311-x86_64-linux-gnu.so")
            archive.writestr(
                "x-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-cp311-linux_x86_64\n"
            )
            archive.writestr("x-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: x\nVersion: 1\n")
            archive.writestr("x-1.dist-info/RECORD", "".join(f"{name},,\n" for name in archive.namelist()))
        shown = subprocess.run(["auditwheel", "show", str(wheel)], capture_output=True, text=True).stdout
        tag = shown.partition("platform tag: ")[2].partition('"')[2].partition('"')[0] or "no tag"
        verdict = subprocess.run(
            ["symver-pin", "verify", "--glibc", TARGET, str(wheel)], capture_output=True, text=True
        )
        rows.append([library_name, tag, "fails" if verdict.returncode == 1 else "ok"])
    return rows


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *rows])


def main() -> None:
    """Print both tables."""
    root = runtimes.get_root(TARGET)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        chosen = ways(folder)
        rows = []
        for name, (suffix, _text) in PROGRAMS.items():
            commands = ((cc if suffix == "c" else cxx, ending) for cc, cxx, ending in chosen.values())
            rows.append([name, *(cell(command, ending, name, folder, root) for command, ending in commands)])
        print(f"Host: glibc {platform.libc_ver()[1]}\n\n{markdown(['program', *chosen], rows)}\n")
        head = ["library", f"auditwheel {version('auditwheel')}", "symver-pin, for 2.17"]
        print(markdown(head, library_verdicts(folder)))


if __name__ == "__main__":
    main()
