"""Measure what a verdict costs, as ratios to other programs in the same run: ``make bench``.

* one small file as a whole process, over the bare interpreter (target: at most 4) and over ``bare.py``;
* 500 real files of this machine over ``bare.py``, which maps and parses the same tables and judges nothing (target: at
  most 2.3); over ``readelf -VW`` (at most 1), a loop of pyelftools (at most 0.04), ``objdump -T``, LIEF; also what one
  more file costs, without the starts, and a call of readelf for each file;
* a wheel over ``auditwheel show`` (at most 0.1);
* a file of 400 MB over a small one, an import table of 50,000 symbols over ``bare.py`` (at most 2.3), one process over
  two (at least 1.6), peak memory for all of /usr/lib (at most 150 MB).

The two sides of a ratio run alternately and are compared pair by pair; the table has the median. Times are processor
times, so that a busy machine does not show, and ours is one process; or by the clock where it says "wall", and ours is
called as people do, without ``--jobs``.
"""

import os
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from symver_pin.elf.stub import StubSymbol, build_stub
from symver_pin.machine.architectures import find_arch

HERE = Path(__file__).resolve().parent
ROUNDS = 7
FILES = 500
FEW = 50
"""Files for commands that take 0.1 s each."""
IMPORTS = 50_000
LARGE = 400 << 20
RELEASE, OLD_RELEASE = "2.36", "2.19"
"""A release on which nearly all files of a Debian 12 load, and one on which most do not, so that reports are long."""

#: What a checker on pyelftools does: every dynamic symbol with its version.
PYELFTOOLS = """
import sys
from elftools.elf.elffile import ELFFile
for path in sys.argv[1:]:
    with open(path, "rb") as stream:
        elf = ELFFile(stream)
        needs = elf.get_section_by_name(".gnu.version_r")
        versions = elf.get_section_by_name(".gnu.version")
        table = elf.get_section_by_name(".dynsym")
        names = {a["vna_other"]: a.name for _, more in needs.iter_versions() for a in more} if needs else {}
        for number, symbol in enumerate(table.iter_symbols() if table else ()):
            if symbol["st_shndx"] == "SHN_UNDEF":
                symbol.name, versions and names.get(versions.get_symbol(number)["ndx"])
"""

#: The same of LIEF.
LIEF = """
import sys, lief
for path in sys.argv[1:]:
    binary = lief.ELF.parse(path)
    list(binary.libraries)
    for symbol in binary.imported_symbols:
        version = symbol.symbol_version
        symbol.name, version and version.has_auxiliary_version and version.symbol_version_auxiliary.name
"""


def seconds(command: list[str], env: dict[str, str], wall: bool = False) -> float:
    """Processor time of one run with its children, or wall time. Exit status 1 is a negative verdict; others end the
    bench.
    """
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode > 1 or "Traceback" in done.stderr:
        sys.exit(f"bench: {' '.join(command[:3])} ... failed: {done.stderr[-500:]}")
    if wall:
        return time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def row(
    name: str,
    ours: list[str],
    base: list[str],
    env: dict[str, str],
    goal: str,
    rounds: int = ROUNDS,
    wall: bool = False,
) -> None:
    """One line: medians of both in milliseconds, and the median of the pairs' ratios."""
    seconds(ours, env)
    pairs = [(seconds(ours, env, wall), seconds(base, env, wall)) for _ in range(rounds)]
    show(name, pairs, goal)


def row_of_a_file(
    name: str,
    ours: list[str],
    base: list[str],
    files: list[str],
    env: dict[str, str],
    goal: str,
    each: bool = False,
    wall: bool = False,
) -> None:
    """One line: what one file more costs, which leaves the starts out: those of all files less that of one. ``each``
    says that the base starts anew for every file.
    """
    seconds([*ours, *files], env)
    pairs = []
    for _ in range(ROUNDS):
        first, second = seconds([*ours, *files], env, wall), seconds([*base, *files], env, wall)
        first -= seconds([*ours, files[0]], env, wall)
        second -= 0 if each else seconds([*base, files[0]], env, wall)
        pairs.append((first / (len(files) - 1), second / (len(files) - (not each))))
    show(name, pairs, goal, digits=3)


def show(name: str, pairs: list[tuple[float, float]], goal: str, digits: int = 1) -> None:
    """A line of the table."""
    first, second = (statistics.median(side) * 1000 for side in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{name:<56} {first:9.{digits}f} {second:9.{digits}f} {ratio:8.3f}   {goal}", flush=True)


def elf_files(*folders: str) -> list[str]:
    """The dynamic programs and shared libraries of x86_64 in some folders."""
    found = []
    for folder in folders:
        for base, _folders, names in os.walk(folder):
            for name in sorted(names):
                path = os.path.join(base, name)  # noqa: PTH118 (a Path for each of 60,000 files)
                try:
                    if not os.path.islink(path) and os.path.isfile(path):  # noqa: PTH113, PTH114
                        with open(path, "rb") as stream:  # noqa: PTH123
                            head = stream.read(20)
                        if head[:6] == b"\x7fELF\x02\x01" and head[16] in (2, 3) and head[18] == 62:
                            found.append(path)
                except OSError:
                    continue
    return [path for path in found if "/debug/" not in path]


def many_imports(folder: Path) -> str:
    """A library that imports 50,000 symbols with a version from another one."""
    names = [f"function_number_{number}" for number in range(IMPORTS)]
    symbols = [StubSymbol(name, "V1", True, "F", 0, "") for name in names]
    (folder / "libmany.so").write_bytes(build_stub(find_arch("x86_64").format, "libmany.so", ["V1"], symbols))
    source = folder / "user.s"
    source.write_text(".data\n" + "".join(f".quad {name}\n" for name in names))
    output = folder / "libuser.so"
    subprocess.run(["gcc", "-shared", "-nostdlib", "-o", output, source, folder / "libmany.so"], check=True)
    return str(output)


def main() -> int:
    """Print the table."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    python, bare = sys.executable, [sys.executable, str(HERE / "bare.py")]
    verify = [shutil.which("symver-pin", path=env["PATH"]) or sys.exit("bench: symver-pin is not on PATH"), "verify"]
    verify += ["--glibc", RELEASE, "--jobs", "1"]
    title = f"processor time, median of {ROUNDS} pairs"
    print(f"{title:<56} {'ours ms':>9} {'base ms':>9} {'ratio':>8}   target")
    row("one small file / python -c pass", [*verify, "/bin/true"], [python, "-c", "pass"], env, "at most 4")
    row("one small file / bare.py", [*verify, "/bin/true"], [*bare, "/bin/true"], env, "")
    everything = elf_files("/usr/bin", "/usr/sbin", "/usr/lib")
    files = everything[:: max(1, len(everything) // FILES)][:FILES]
    count = f"{len(files)} files"
    row(f"{count} / bare.py", [*verify, *files], [*bare, *files], env, "at most 2.3")
    row_of_a_file("a file more / bare.py", verify, bare, files, env, "at most 2.3")
    row(f"{count} / readelf -VW at once", [*verify, *files], ["readelf", "-VW", *files], env, "at most 1", 3)
    row(f"{count}, bare.py / readelf -VW at once", [*bare, *files], ["readelf", "-VW", *files], env, "", 3)
    row(
        f"{count} / a loop of pyelftools", [*verify, *files], [python, "-c", PYELFTOOLS, *files], env, "at most 0.04", 1
    )
    bench_walls(verify[:-2], files, bare, env)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = folder / "large"
        shutil.copy("/bin/true", large)
        with large.open("r+b") as stream:
            stream.truncate(LARGE)
        row("a file of 400 MB / a small one", [*verify, str(large)], [*verify, "/bin/true"], env, "10 ms more")
        user = many_imports(folder)
        row(f"{IMPORTS} imports / bare.py", [*verify, user], [*bare, user], env, "at most 2.3")
        bench_wheel(folder, verify, env)
    bench_jobs(f"{len(everything)} files, jobs 1 / 2", verify[:-1], everything, env)
    bench_jobs("all of /usr/lib, jobs 1 / 2", verify[:-1], ["/usr/lib"], env)
    peak("the programs and libraries of /usr/lib", verify, elf_files("/usr/lib"), env)
    peak("all of /usr/lib, its archives too", verify, ["/usr/lib"], env)
    return 0


def peak(name: str, verify: list[str], sources: list[str], env: dict[str, str]) -> None:
    """The most memory that one process takes."""
    code = f"from symver_pin.cli import main; main({[*verify[1:], *sources]!r})"
    status = "import sys; sys.stderr.write(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    command = [sys.executable, "-c", f"{code}\n{status}"]
    done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    print(f"{f'peak MB, {name}':<56} {int(done.stderr.split()[-1]) / 1024:17.0f}   at most 150", flush=True)


def bench_walls(verify: list[str], files: list[str], bare: list[str], env: dict[str, str]) -> None:
    """Ours as it is called, by the clock, beside everything else."""
    count, few = f"{len(files)} files", files[:: max(1, len(files) // FEW)][:FEW]
    default, python = [*verify, *files], sys.executable
    row(f"{count} / bare.py, wall", default, [*bare, *files], env, "", wall=True)
    row_of_a_file("a file more / bare.py, wall", verify, bare, files, env, "", wall=True)
    call = call_for_each(["readelf", "-VW"])
    row_of_a_file("a file more / readelf -VW each, wall", verify, call, files, env, "", each=True, wall=True)
    old = [word if word != RELEASE else OLD_RELEASE for word in default]
    row(f"{count}, most fail / bare.py, wall", old, [*bare, *files], env, "", wall=True)
    for name, at_once, rounds in (
        ("readelf -VW at once", ["readelf", "-VW"], 5),
        ("objdump -T at once", ["objdump", "-T"], 5),
        ("a loop of pyelftools", [python, "-c", PYELFTOOLS], 1),
        ("a loop of LIEF", [python, "-c", LIEF], 1),
    ):
        row(f"{count} / {name}, wall", default, [*at_once, *files], env, "", rounds, wall=True)
    for name, command, goal, some, rounds in (
        ("readelf -VW", ["readelf", "-VW"], "", files, 5),
        ("objdump -T", ["objdump", "-T"], "", files, 5),
        ("pyelftools' readelf.py -V", ["readelf.py", "-V"], "", few, 1),
        ("elfdeps --requires", ["elfdeps", "--requires"], "", few, 1),
    ):
        each = [*call_for_each(command), *some]
        row(f"{len(some)} files / {name} each, wall", [*verify, *some], each, env, goal, rounds, wall=True)


def call_for_each(command: list[str]) -> list[str]:
    """What calls a command for each of the files that follow."""
    return ["sh", "-c", f'for file do {shlex.join(command)} "$file"; done', "sh"]


def bench_wheel(folder: Path, verify: list[str], env: dict[str, str]) -> None:
    """auditwheel beside ours over one wheel."""
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), "scipy"]
    subprocess.run(download, check=True)
    wheel = next(folder.glob("scipy*.whl"))
    theirs = ["auditwheel", "show", str(wheel)]
    row("scipy's wheel / auditwheel show", [*verify, str(wheel)], theirs, env, "at most 0.1", 1)


def bench_jobs(name: str, verify: list[str], sources: list[str], env: dict[str, str]) -> None:
    """Wall time of one process over that of two."""
    pairs = []
    for _ in range(5):
        walls = []
        for jobs in ("1", "2"):
            start = time.perf_counter()
            command = [*verify, jobs, *sources]
            subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            walls.append(time.perf_counter() - start)
        pairs.append((walls[0], walls[1]))
    show(f"{name}, wall", pairs, "at least 1.6")


if __name__ == "__main__":
    sys.exit(main())
