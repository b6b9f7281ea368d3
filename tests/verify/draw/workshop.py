"""Compiles and links the files of the cases. Objects are compiled once; every link is one call of a linker."""

from __future__ import annotations

import shutil
import subprocess
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .fields import Change, changed

INTERPRETER = "/lib64/ld-linux-x86-64.so.2"
LIBC = "/lib/x86_64-linux-gnu/libc.so.6"

START = """
extern long write(int, const void *, unsigned long);
extern void _exit(int) __attribute__((noreturn));
__asm__(".globl _start\\n_start: xor %ebp,%ebp\\n and $-16,%rsp\\n call begin\\n hlt");
static volatile int never;
int program(void);
__attribute__((used, visibility("hidden"))) void begin(void) { program(); write(1, "alive\\n", 6); _exit(0); }
"""
"""The start of each program. It prints ``alive`` once code of the program runs."""
SIZE = "static volatile int never;\n"


@dataclass(frozen=True)
class Case:
    """One file for a loader to judge, with all that it may load."""

    kind: str
    folder: Path
    is_library: bool

    @property
    def main(self) -> Path:
        """The program or library."""
        return self.folder / "main"

    @property
    def name(self) -> str:
        """Kind and folder: unique."""
        return f"{self.kind}/{self.folder.name}"


class CannotMakeError(Exception):
    """A tool refuses to make a file. The text is what it says."""


class Workshop:
    """Makes cases below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.parts = root / ".parts"
        self.parts.mkdir(parents=True)
        self._objects: dict[tuple[str, tuple[str, ...]], Path] = {}
        self._links: dict[tuple[str, ...], Path] = {}
        self._origins: dict[Path, Path] = {}
        """The file in ``parts`` of which each linked file is a copy: links name that one, so that links are shared."""
        self.cases: list[Case] = []

    def case(self, kind: str, name: str, is_library: bool) -> Path:
        """A new case's folder."""
        folder = self.root / kind / name
        folder.mkdir(parents=True)
        self.cases.append(Case(kind, folder, is_library))
        return folder

    def drop_case(self) -> None:
        """Forget the last case: a tool does not make such a file."""
        shutil.rmtree(self.cases.pop().folder)

    def compiled(self, source: str, flags: Sequence[str] = ("-fPIC",)) -> Path:
        """The object of some C source."""
        key = source, tuple(flags)
        if key not in self._objects:
            path = self.parts / f"{zlib.crc32(repr(key).encode()):08x}.o"
            run("gcc", "-O1", "-w", "-fcf-protection=none", *flags, "-c", "-x", "c", "-o", path, "-", stdin=source)
            self._objects[key] = path
        return self._objects[key]

    def link(self, output: Path, objects: Sequence[Path], options: Sequence[str | Path], linker: str = "bfd") -> Path:
        """Link objects; the same link is made once and copied."""
        output.parent.mkdir(parents=True, exist_ok=True)
        words = (*map(self._short, objects), *(self._short(self._origins.get(Path(each), each)) for each in options))
        key = linker, *words
        if key not in self._links:
            # Linkers write the name of a library without a soname into it, so that name must not differ between draws.
            made = self.parts / f"{zlib.crc32(repr(key).encode()):08x}.linked"
            run(LINKERS[linker], "-o", made.name, *words, cwd=self.parts)
            self._links[key] = made
        shutil.copy(self._links[key], output)
        self._origins[output] = self._links[key]
        return output

    def _short(self, path: Path | str) -> str:
        """A file in ``parts`` by its name alone; anything else as it is."""
        return path.name if isinstance(path, Path) and path.parent == self.parts else str(path)

    def library(
        self,
        output: Path,
        source: str,
        options: Sequence[str | Path] = (),
        *,
        versions: str = "",
        soname: str | None = None,
        linker: str = "bfd",
    ) -> Path:
        """A shared library whose soname is its file name, or ``soname`` ("" for none)."""
        extra: list[str | Path] = ["-shared", "--hash-style=both"]
        name = output.name if soname is None else soname
        extra += [f"-soname={name}"] if name else []
        if versions:
            script = self.parts / f"{zlib.crc32(versions.encode()):08x}.ver"
            script.write_text(versions)
            extra.append(f"--version-script={script.name}")
        return self.link(output, [self.compiled(SIZE + source)], [*extra, *options], linker)

    def program(
        self,
        output: Path,
        source: str,
        options: Sequence[str | Path] = (),
        *,
        linker: str = "bfd",
        pie: bool = True,
        flags: Sequence[str] = (),
    ) -> Path:
        """A program that names libc.so.6 last."""
        code = self.compiled(START + source, (*(("-fPIE",) if pie else ("-fno-pie",)), *flags))
        head = ["-pie" if pie else "-no-pie", f"--dynamic-linker={INTERPRETER}", "--hash-style=both"]
        if linker in ("gold", "lld") and not pie:
            head.remove("-no-pie")
        return self.link(output, [code], [*head, *options, LIBC], linker)

    def main(
        self, folder: Path, source: str, options: Sequence[str | Path], is_library: bool, linker: str = "bfd"
    ) -> Path:
        """The main file of a case: a program, or a library with the same code."""
        if is_library:
            return self.library(folder / "main", source, [*options, LIBC], soname="", linker=linker)
        return self.program(folder / "main", source, options, linker=linker)

    def patched(self, file: Path, *changes: Change) -> Path:
        """Change fields of a file."""
        file.write_bytes(changed(file.read_bytes(), *changes))
        self._origins.pop(file, None)
        return file


def run(*command: str | Path, stdin: str = "", cwd: Path | None = None) -> str:
    """Run a tool; what it printed. Raises CannotMakeError with its message when it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, input=stdin, errors="replace", cwd=cwd)
    if done.returncode:
        raise CannotMakeError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


LINKERS = {"bfd": "ld.bfd", "gold": "ld.gold", "lld": "ld.lld", "mold": "mold"}
BOTH = (False, True)
"""Values of ``is_library``."""


def each(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Some values with names for folders."""
    for number, name in enumerate(names):
        yield f"{number:02}", name
