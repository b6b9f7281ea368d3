"""Write the compiler wrappers of a kit, the shell scripts ``KIT/bin/cc``, ``c++`` and ``fc``."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from symver_pin.glibc.platforms import Target
from symver_pin.kit.compiler import LINKERS, MOLD_FOLDER, Compiler
from symver_pin.kit.runtimes import HIDDEN
from symver_pin.templates import render

LINK_WORDS = ("--allow-shlib-undefined", *(f"--exclude-libs={name}" for name in HIDDEN))
"""The options of every link. A shared library of the host may have undefined symbols that the target's glibc lacks:
``symver-pin verify`` checks such libraries, not the link. The symbols of static runtimes are not exported; each has an
option of its own, because mold 1.10 never ends over a list (``a:b``)."""

DRIVERS = ("cc", "c++", "fc")
"""The names of the wrappers."""

UNWINDER = "unwinder.o"
"""The object in ``static-libgcc`` that prepares a static unwinder; see ``compat/static_unwinder.c``."""


def write_wrappers(
    work: Path,
    key: str,
    compiler: Compiler,
    target: Target,
    options: Mapping[str, Sequence[str]],
    separate_libpthread: bool,
) -> None:
    """Write the compiler wrappers of the kit in the folder ``work``: ``cc``, and ``c++`` and ``fc`` if there are a C++
    and a Fortran compiler. All other files of the kit are there already: the wrappers check for them.

    ``key`` is the kit's key. ``options`` maps the name of a linker to the options that the target's loader requires;
    ``separate_libpthread`` is true if the target has a separate libpthread.so.0.
    """
    for name in ("cc", "gcc"):
        text = render("rust_linker.sh.j2", folder="static-libgcc", options=("-static-libgcc",))
        _write_script(work / "static-libgcc" / name, text)
    _write_script(work / "rustc" / "gcc", render("rust_linker.sh.j2", folder="rustc", options=()))
    quiet = compiler.is_clang
    command = compiler.command
    archives = [compiler.libgcc, *(archive for _, archive in compiler.runtimes)]
    kit_files = sorted(path for path in work.rglob("*") if not path.is_dir())
    for driver, real in zip(DRIVERS, (command, command.cxx, command.fortran), strict=True):
        if real is None:
            continue
        text = render(
            "cc.sh.j2",
            folder="bin",
            driver=driver,
            key=key[:12],
            target=target.glibc,
            unwinder_is_static=compiler.arch.has_too_old_unwinder(target.gcc),
            arch=compiler.arch.name,
            real=str(real),
            programs=[shlex.quote(word) for word in real.words[: real.at + 1]],
            compiler_files=[shlex.quote(str(path)) for path in archives],
            files=[str(path.relative_to(work)) for path in kit_files],
            linker=compiler.linker.name,
            linkers=LINKERS,
            options=options,
            link_words=LINK_WORDS,
            unwinder=UNWINDER,
            system_libs=[shlex.quote(str(folder)) for folder in compiler.system_libs],
            foreign=compiler.arch.other_abi_flags,
            loader=compiler.arch.loader,
            mold_folder=MOLD_FOLDER,
            separate_libpthread=separate_libpthread,
            default_pie=compiler.default_pie,
            start_quiet="--start-no-unused-arguments " if quiet else "",
            end_quiet="--end-no-unused-arguments " if quiet else "",
        )
        _write_script(work / "bin" / driver, text)


def _write_script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
