"""The shared form of the compat objects: one library, for finished programs to which no linker can add members.

The same files are compiled with the same options as for the archives (``archive``), but whole: a library takes all
members anyway. Within the library every member keeps its hidden symbol, so members call each other as in a program that
has them linked in, and one that calls libc's older function of its own name cannot find itself.

What other files see are second names of the members, each with a version, and none of them a
default version (``name@NODE``):

* Under the version that glibc itself gives the function. A file that was bound to ``getrandom@GLIBC_2.25`` of libc is
  bound to the same version of this library, and on a system whose libc has the function, libc's is found first.
* Under ``PRIVATE_NODE``, where libc of the target has that version of the symbol already: a wrapper of an older
  function. Then nothing but a file that names this node finds it. The same holds for what newer releases have in the
  loader: libc itself refers to that, and would find this library's ``__rseq_offset`` first.
* A look-up without a version (``dlsym``, a weak reference) does not find hidden versions, so a program that asks
  whether libc has a function gets libc's answer. It does find hidden symbols of the first node after the file's own
  name (version index 2), so that one, ``FIRST_NODE``, has no symbol.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from symver_pin.compat.archive import Progress, compile_unit, known_options, member_options, units_of
from symver_pin.compat.table import CompatSymbol
from symver_pin.machine.arch import Arch

FIRST_NODE, PRIVATE_NODE = "SYMVER_PIN_FIRST", "SYMVER_PIN_1"

_NAMING = """
#ifdef __thumb__
#define SYMVER_PIN_SET ".thumb_set "
#else
#define SYMVER_PIN_SET ".set "
#endif
#define SYMVER_PIN_SECOND_NAME(name, function) \\
    __asm__(".globl " name "\\n\\t.type " name ", %function\\n\\t" SYMVER_PIN_SET name ", " function);
"""


class Exported(NamedTuple):
    """One symbol that the library exports."""

    row: CompatSymbol
    node: str
    """The version node, one of glibc's or PRIVATE_NODE."""


def compile_units(
    cc: Sequence[str],
    arch: Arch,
    rows: Iterable[CompatSymbol],
    exports: Iterable[Exported],
    old_versions: Mapping[str, str],
    folder: Path,
    jobs: int,
    progress: Progress | None = None,
    timeout: float | None = None,
) -> tuple[list[Path], list[Exported]]:
    """Compile the members ``rows`` with their exports into objects in ``folder``.

    Returns the objects, and the exports that they have: families that the compiler is too old for are left out. The
    other parameters are those of ``archive.compile_families``, which names the errors.
    """
    families: dict[str, list[CompatSymbol]] = {}
    for row in rows:
        families.setdefault(row.file, []).append(row)
    members = [row for found in families.values() for row in found]
    newer = known_options(cc, arch, timeout)
    defines = ["-DSYMVER_PIN_SHARED", *newer, *member_options(arch, members, old_versions)]
    by_file: dict[str, list[Exported]] = {}
    for export in exports:
        by_file.setdefault(export.row.file, []).append(export)
    units = units_of(families, arch)
    done: list[int] = []

    def compile_one(number: int) -> Path | None:
        unit, output = units[number], folder / f"{number}.o"
        names = _second_names([export for file in unit for export in by_file.get(file, ())], f"{number}_")
        if not compile_unit(cc, unit, defines, output, timeout, names):
            output.unlink(missing_ok=True)
            return None
        done.append(number)
        if progress is not None:
            progress(len(done), len(units), "compat library")
        return output

    with ThreadPoolExecutor(jobs) as pool:
        outputs = list(pool.map(compile_one, range(len(units))))
    objects = [output for output in outputs if output is not None]
    compiled = {file for unit, output in zip(units, outputs, strict=True) if output is not None for file in unit}
    return objects, [export for file in by_file for export in by_file[file] if file in compiled]


def _second_names(exports: Sequence[Exported], prefix: str) -> str:
    """C source that gives each export its name and version, by the assembler's ``.set`` and ``.symver``.

    gcc's attribute ``alias`` looks the target up by its assembler name, and takes the declaration of a header for it
    where there is one. Variables have the attribute all the same: it gives them a size, which copy relocations need.
    """
    text = _NAMING
    for number, export in enumerate(exports):
        name, row = f"symver_pin_export_{prefix}{number}", export.row
        if row.kind == "data":
            text += (
                f"extern __typeof__(compat_{row.function}) {name}"
                f' __attribute__((alias("{row.function}"), visibility("default"), used));\n'
            )
        else:
            text += f'SYMVER_PIN_SECOND_NAME("{name}", "{row.function}")\n'
        text += f'__asm__(".symver {name}, {row.symbol}@{export.node}");\n'
    return text


def version_script(exports: Iterable[Exported], nodes: Sequence[str]) -> str:
    """The linker's version script. ``nodes`` are all version nodes in order; those without a symbol are left out."""
    used = {export.node for export in exports}
    kept = [FIRST_NODE, PRIVATE_NODE, *(node for node in nodes if node in used)]
    return f"{kept[0]} {{ local: *; }};\n" + "".join(f"{node} {{ }};\n" for node in kept[1:])
