"""What a verdict costs, beside what others take for less: ``make bench``.

* one small file, as a whole process, over the bare interpreter (target: 2) and over a bare script;
* real files of this machine in one process each: ours over ``bare.py``, which maps and parses the same tables and
  judges nothing (target: 1.5), and over ``readelf -VW`` (1/10), ``objdump -T`` and a loop of plain pyelftools (1/100);
  and by the clock, ours as it is called without ``--jobs``, also where most files fail;
* a file of 400 MB over a small one, an import table of 50,000 symbols over the bare script (target: 2), one process
  over two (target: at least 1.7), peak memory for all of /usr/lib (target: 60 MB).

The sides of a ratio are run in turn and compared pair by pair; the table has the median. Times are processor times of
the processes, so that a busy machine does not show, but where it says "wall".
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from symver_pin.elf.arch import find_arch
from symver_pin.elf.stub import StubSymbol, build_stub

HERE = Path(__file__).resolve().parent
ROUNDS = 7
FILES = 500
IMPORTS = 50_000
LARGE = 400 << 20
#: A release on which nearly all files of a Debian 12 load, and one on which most do not, so that much is to be told.
RELEASE, OLD_RELEASE = "2.36", "2.19"

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
    first, second = (statistics.median(side) * 1000 for side in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{name:<46} {first:9.1f} {second:9.1f} {ratio:8.3f}   {goal}", flush=True)


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
    (folder / "libmany.so").write_bytes(build_stub(find_arch("x86_64"), "libmany.so", ["V1"], symbols))
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
    print(f"{title:<46} {'ours ms':>9} {'base ms':>9} {'ratio':>8}   target")
    row("one small file / python -c pass", [*verify, "/bin/true"], [python, "-c", "pass"], env, "at most 2")
    row("one small file / bare.py", [*verify, "/bin/true"], [*bare, "/bin/true"], env, "")
    everything = elf_files("/usr/bin", "/usr/sbin", "/usr/lib")
    files = everything[:: max(1, len(everything) // FILES)][:FILES]
    count = f"{len(files)} files"
    row(f"{count} / bare.py", [*verify, *files], [*bare, *files], env, "at most 1.5")
    if shutil.which("readelf"):
        row(f"{count} / readelf -VW", [*verify, *files], ["readelf", "-VW", *files], env, "at most 0.1", 3)
        row(f"{count} / objdump -T", [*verify, *files], ["objdump", "-T", *files], env, "", 3)
    row(f"{count} / pyelftools", [*verify, *files], [python, "-c", PYELFTOOLS, *files], env, "at most 0.01", 1)
    default = [*verify[:-2], *files]
    row(f"{count} / bare.py, wall", default, [*bare, *files], env, "at most 1.5", wall=True)
    old = [word if word != RELEASE else OLD_RELEASE for word in default]
    row(f"{count}, most fail / bare.py, wall", old, [*bare, *files], env, "", wall=True)
    if shutil.which("readelf"):
        row(f"{count} / readelf -VW, wall", default, ["readelf", "-VW", *files], env, "at most 0.1", 3, wall=True)
    row(f"{count} / pyelftools, wall", default, [python, "-c", PYELFTOOLS, *files], env, "at most 0.01", 1, wall=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = folder / "large"
        shutil.copy("/bin/true", large)
        with large.open("r+b") as stream:
            stream.truncate(LARGE)
        row("a file of 400 MB / a small one", [*verify, str(large)], [*verify, "/bin/true"], env, "10 ms more")
        user = many_imports(folder)
        row(f"{IMPORTS} imports / bare.py", [*verify, user], [*bare, user], env, "at most 2")
        if shutil.which("auditwheel"):
            bench_wheel(folder, verify, env)
    bench_jobs(verify[:-1], everything, env)
    code = f"from symver_pin.cli import main; main({[*verify[1:], *elf_files('/usr/lib')]!r})"
    status = "import sys; sys.stderr.write(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    command = [python, "-c", f"{code}\n{status}"]
    done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    print(f"peak memory, all of /usr/lib: {int(done.stderr.split()[-1]) / 1024:.0f} MB   at most 60")
    return 0


def bench_wheel(folder: Path, verify: list[str], env: dict[str, str]) -> None:
    """auditwheel beside ours over one wheel."""
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), "scipy"]
    subprocess.run(download, check=True)
    wheel = next(folder.glob("scipy*.whl"))
    theirs = ["auditwheel", "show", str(wheel)]
    row("scipy's wheel / auditwheel show", [*verify, str(wheel)], theirs, env, "at most 0.1", 1)


def bench_jobs(verify: list[str], files: list[str], env: dict[str, str]) -> None:
    """Wall time of one process over that of two."""
    ratios = []
    for _ in range(3):
        walls = []
        for jobs in ("1", "2"):
            start = time.perf_counter()
            command = [*verify, jobs, *files]
            subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            walls.append(time.perf_counter() - start)
        ratios.append(walls[0] / walls[1])
    print(f"{len(files)} files, wall time with --jobs 1 / --jobs 2: {statistics.median(ratios):.2f}   at least 1.7")


if __name__ == "__main__":
    sys.exit(main())
