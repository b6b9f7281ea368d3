"""The programs, and what the comment at the top of each says about its build.

flags: -pthread             options in front of the source
libs: -lm                   options after it
companion: shared OPTIONS   NAME.lib.c is built as a shared library, which the program is linked with
companion: plugin OPTIONS   NAME.plugin.c is built as a library, which the program opens
child: yes                  a program for exec lies beside it
library: libcrypt.so.1      it can only run where this library is
without: mips64 REASON      an architecture that cannot have it (several lines for several)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
OWN = HERE / "programs"
PROOFS = HERE / "proofs"
"""Programs that show a fault of an emulator: ARCHITECTURE-PROGRAM."""
CHILD = HERE / "child.c"

_DIRECTIVE = re.compile(r"^ {3}(flags|libs|companion|child|library|without): (.*)$")
_KINDS = {"shared": "lib", "plugin": "plugin"}
"""The kind of a companion -> the middle part of its file's name."""


class DirectiveError(ValueError):
    """A comment that says something of another form, or a companion that is not there."""


@dataclass(frozen=True)
class Program:
    """One program and how it is built and run."""

    name: str
    source: Path
    flags: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    companion: Path | None = None
    """The source file of its library or plug-in."""
    companion_flags: tuple[str, ...] = ()
    linked: bool = False
    """True if the companion is on the program's link line."""
    needs_child: bool = False
    library: str = ""
    """The soname of a library that a runtime may lack."""
    without: dict[str, str] = field(default_factory=dict)
    """Architecture -> why it cannot have the program."""

    @property
    def is_cxx(self) -> bool:
        return self.source.suffix == ".cc"

    @property
    def is_static(self) -> bool:
        return "-static" in self.flags

    @property
    def companion_name(self) -> str:
        """The file name of the built companion."""
        return f"{self.companion.stem}.so" if self.companion else ""


def read(source: Path) -> Program:
    """The program of a source file. Raises `DirectiveError`."""
    said: dict[str, str] = {}
    without: dict[str, str] = {}
    comment, closing, _rest = source.read_text().partition("*/")
    if not comment.startswith("/* ") or not closing:
        raise DirectiveError(f"{source.name} does not begin with a comment that says what it checks")
    for line in comment.splitlines()[1:]:
        found = _DIRECTIVE.match(line.rstrip())
        if found is None:
            raise DirectiveError(f"{source.name}: no directive: {line.strip()}")
        key, value = found.groups()
        if key == "without":
            arch, _, reason = value.partition(" ")
            without[arch] = reason
        else:
            said[key] = value.strip()
    kind, *options = said.get("companion", "").split() or [""]
    companion = source.with_suffix(f".{_KINDS[kind]}{source.suffix}") if kind else None
    if companion and not companion.is_file():
        raise DirectiveError(f"{source.name}: no file {companion.name}")
    return Program(
        source.name,
        source,
        tuple(said.get("flags", "").split()),
        tuple(said.get("libs", "").split()),
        companion,
        tuple(options),
        kind == "shared",
        said.get("child") == "yes",
        said.get("library", ""),
        without,
    )


def _read_all() -> list[Program]:
    """The programs of this folder, C before C++."""
    sources = [path for pattern in ("*.c", "*.cc") for path in sorted(OWN.glob(pattern)) if path.name.count(".") == 1]
    return [read(source) for source in sources]


PROGRAMS = {program.name: program for program in _read_all()}
"""All, by name."""
