"""One program of one architecture: built with a kit, verified, compared with real libraries, and run."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import rootrun
import symver_pin
from conftest import succeeded
from pinning import Word, check_fits, dynamic_of, run, symver_pin_command
from symver_pin.glibc.release import parse_release
from symver_pin.verifier import FileVerdict

from .machines import Machine, Runtime
from .programs import CHILD, Program

BUILD_SECONDS, RUN_SECONDS = 600, 120
"""Generous: other work may run on the machine, and an emulator is slow."""

GCC_OF_TARGETS = parse_release("4.8")


@dataclass(frozen=True)
class Outcome:
    """What came of one step."""

    ok: bool
    said: str = ""
    """What the compiler, the verifier or the program said when it failed."""


class Builder:
    """Builds one program in a folder, with a kit or, for comparison, without."""

    def __init__(self, machine: Machine, kit: Path | None, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        if kit is None:
            self.cc, self.cxx = machine.compilers()
        else:
            self.cc, self.cxx = kit / "bin/cc", kit / "bin/c++"

    def build(self, program: Program) -> Outcome:
        """Build the companion and the program; what is said of warnings does not matter."""
        driver = self.cxx if program.is_cxx else self.cc
        beside: list[Word] = []
        if program.companion:
            output = self.folder / program.companion_name
            threads = [flag for flag in program.flags if flag.startswith(("-std=", "-pthread"))]
            words: list[Word] = [
                "-O1",
                "-w",
                "-fPIC",
                "-shared",
                *threads,
                program.companion,
                f"-Wl,-soname,{output.name}",
            ]
            done = self._compile(driver, *words, *program.companion_flags, "-o", output, source=program.companion)
            if done.returncode != 0:
                return Outcome(False, done.stdout + done.stderr)
            beside = [output] if program.linked else []
        output = self.folder / "program"
        command: list[Word] = [
            "-O1",
            "-w",
            *program.flags,
            program.source,
            *beside,
            *program.libraries,
            "-Wl,-rpath,$ORIGIN",
        ]
        done = self._compile(driver, *command, "-o", output, source=program.source)
        return Outcome(done.returncode == 0, done.stdout + done.stderr)

    def _compile(self, driver: Path, *words: Word, source: Path) -> subprocess.CompletedProcess[str]:
        return run([driver, *words], cwd=source.parent, timeout=BUILD_SECONDS)


def files_of(program: Program, folder: Path) -> list[Path]:
    """The program and its companion, as built in a folder."""
    return [folder / "program", *([folder / program.companion_name] if program.companion else [])]


def verify(machine: Machine, program: Program, folder: Path) -> Outcome:
    """What `symver-pin verify` says of the files for the target, after a look at them by other means."""
    if program.is_static:
        return Outcome(True)
    files = files_of(program, folder)
    has_own_versions = any("version-script" in flag for flag in program.companion_flags)
    for file in () if has_own_versions else files:
        try:
            check_fits(file, parse_release(machine.target), GCC_OF_TARGETS)
        except AssertionError as error:
            return Outcome(False, str(error))
    report = symver_pin.verify(files, machine.target)
    problems = [f"{file.path}: {file.verdict} {[f.kind for f in file.findings]}" for file in report.files]
    is_sound = all(file.verdict == "ok" and not _unjudged(file) for file in report.files)
    return Outcome(is_sound and len(report.files) == len(files), "\n".join(problems))


def _unjudged(file: FileVerdict) -> bool:
    """Whether the verifier does not know the start-up code."""
    return any(finding.kind == "unjudged-start-up" for finding in file.findings)


@cache
def exports_of(folder: Path) -> frozenset[tuple[str, str]]:
    """What the libraries of a runtime export: (symbol, version node)."""
    found: set[tuple[str, str]] = set()
    for path in (path for name in LIBRARY_FOLDERS for path in (folder / name).glob("*.so*")):
        if path.is_file() and path.read_bytes()[:4] == b"\x7fELF":
            found.update((s.name, s.version) for s in dynamic_of(path).symbols if s.defined and s.version)
    return frozenset(found)


LIBRARY_FOLDERS = ("lib", "lib64")
"""Where a runtime has its libraries; its loader may be in another folder than its libc."""


def not_exported(runtime: Runtime, program: Program, folder: Path) -> list[str]:
    """The imports, with their nodes, that no library of a runtime exports.

    That is the second proof beside the verifier's, whose tables it does not use: the libraries themselves of the oldest
    runtime. It matters for targets older than every runtime that can be had, whose nodes these libraries still have.
    """
    if runtime.folder is None or program.is_static:
        return []
    exports = exports_of(runtime.folder())
    missing = []
    for file in files_of(program, folder):
        for symbol in dynamic_of(file).symbols:
            if symbol.library not in (None, program.companion_name) and (symbol.name, symbol.version) not in exports:
                missing.append(f"{symbol.name}@{symbol.version} of {symbol.library}")
    return missing


def has_library(runtime: Runtime, library: str) -> bool:
    """Whether a runtime has a library that not all have."""
    if runtime.folder is None:
        done = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True)
        return f"\t{library} " in done.stdout
    return any((runtime.folder() / name / library).exists() for name in LIBRARY_FOLDERS)


def execute(machine: Machine, runtime: Runtime, program: Program, folder: Path, child: Path | None) -> Outcome:
    """Run a built program on a runtime: silent and 0, or what it said."""
    work = folder / f"on-{runtime.release}"  # a folder for each, since a program that fails leaves its files
    work.mkdir()
    for file in (*files_of(program, folder), *([child] if child else [])):
        shutil.copy(file, work)
    try:
        done = _started(machine, runtime, program, work, child)
    except subprocess.TimeoutExpired:
        return Outcome(False, f"no end after {RUN_SECONDS} seconds")
    said = done.stdout + done.stderr
    ok = done.returncode == 0 and not done.stdout
    return Outcome(ok, said.strip() or f"exit status {done.returncode}")


def _started(
    machine: Machine, runtime: Runtime, program: Program, folder: Path, child: Path | None
) -> subprocess.CompletedProcess[str]:
    place = runtime.folder() if runtime.folder else None
    if place is not None and not machine.triplet:
        extra = [*files_of(program, folder)[1:], *([child] if child else [])]
        return rootrun.run_in_root(place, folder / "program", (), extra_files=extra, timeout=RUN_SECONDS)
    words = machine.starter(place) if place is not None and not (program.is_static and not machine.emulator) else []
    return run([*words, "./program"], {"LC_ALL": "C"}, cwd=folder, timeout=RUN_SECONDS)


Kits = Callable[[Machine], Path]


def make_kit(machine: Machine, cache_folder: Path) -> Path:
    """A kit of an architecture, with functions too that its headers do not declare."""
    words = ["kit", "--no-warn", "--undeclared", "--glibc", machine.target]
    if machine.triplet:
        words += ["--arch", machine.name]
    done = symver_pin_command(*words, "--cc", machine.compilers()[0], env={"SYMVER_PIN_CACHE": str(cache_folder)})
    return Path(succeeded(done).strip())


def make_child(folder: Path) -> Path:
    """The program for exec: a static one of this machine, which its kernel starts whatever the parent is."""
    succeeded(run(["gcc", "-static", CHILD, "-o", folder / "child"]))
    return folder / "child"
