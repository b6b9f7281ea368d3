"""Examine this host: find its tools and test each supported combination of them.

The running glibc is examined through cffi. ``gnu_get_libc_version`` returns its release. ``dlvsym`` tests that the
running glibc still has every (symbol, version) to which a program for the target can be bound, because a program built
here must also run here. Each pair of compiler and linker is tested with a probe: a program with threads and a
constructor is linked with the kit, verified and run.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from symver_pin.errors import SymverPinError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.glibc.release import Release, parse_release
from symver_pin.glibc.table import SymbolTable
from symver_pin.kit.cache import ensure_kit
from symver_pin.kit.command import default_cc, find_command
from symver_pin.kit.compiler import LINKERS
from symver_pin.kit.model import Kit
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import host_arch
from symver_pin.verifier import verify

_PROBE = """
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
static int constructed;
__attribute__((constructor)) static void construct(void) { constructed++; }
static void *thread(void *argument) { return argument; }
int main(void) {
  pthread_t id;
  struct stat status;
  if (pthread_create(&id, 0, thread, 0) || pthread_join(id, 0) || stat("/", &status)) return 1;
  return constructed == 1 ? 0 : 2;
}
"""


class Finding(NamedTuple):
    """The result of one examination."""

    subject: str
    """The examined tool or combination of tools (``gcc and mold``)."""
    state: str
    """``ok``, ``fails`` or ``absent``. An absent tool is not a fault."""
    text: str
    advice: str = ""

    @property
    def ok(self) -> bool:
        """False if the subject is installed but does not work."""
        return self.state != "fails"


def examine(target: Target, arch: Arch, cc: str | None, maps: Maps) -> tuple[Finding, ...]:
    """Examine the host for builds with ``target`` and ``arch``. A missing tool is a finding, not an error.

    ``cc`` is the compiler that the user chose; None for the default compiler.
    """
    return tuple(_examine(target, arch, cc, maps))


def _examine(target: Target, arch: Arch, cc: str | None, maps: Maps) -> Iterator[Finding]:
    if arch == host_arch():
        yield from _glibc(target, arch, maps)
    names = [cc] if cc else [default_cc(arch)]
    names += [name for name in ("gcc", "clang") if name not in names and arch == host_arch()]
    for name in names:
        yield from _compiler(name, target, arch, maps)
    yield from _rust()


def _glibc(target: Target, arch: Arch, maps: Maps) -> Iterator[Finding]:
    """Findings about the running glibc: its release, and the pins of the target that it lacks."""
    from cffi import FFI

    ffi = FFI()
    ffi.cdef(
        "const char *gnu_get_libc_version(void); void *dlvsym(void *, const char *, const char *);"
        "void *dlopen(const char *, int);"
    )
    library = ffi.dlopen(None)
    try:
        running = parse_release(ffi.string(library.gnu_get_libc_version()).decode())
    except AttributeError:
        yield Finding("running glibc", "absent", "this host's C library is not glibc")
        return
    yield Finding("running glibc", "ok", str(running))
    missing = [
        f"{name}@{version}"
        for name, version in _pinned(target.glibc, running, maps.table(arch.name))
        if library.dlvsym(ffi.NULL, name.encode(), version.encode()) == ffi.NULL
    ]
    if missing:
        yield Finding(
            "pins on this host",
            "fails",
            f"{len(missing)} missing, first {missing[0]}",
            "programs for the target that use them do not start on this host",
        )
    else:
        yield Finding(
            "pins on this host",
            "ok",
            f"the running libc.so.6 exports every version that programs for glibc {target.glibc} use",
        )


def _pinned(target: Release, running: Release, table: SymbolTable) -> list[tuple[str, str]]:
    """The (symbol, version) pairs that are default versions in the target's libc.so.6 and that the running release
    keeps.

    Thread-local symbols (type ``T``) are excluded.
    """
    libc = table.view(target).libraries["libc.so.6"]
    newest_known = table.covered.last
    running_libc = table.view(min(running, newest_known)).libraries["libc.so.6"]
    kept = {(e.symbol, e.version) for e in running_libc.exports}
    defaults = [(e.symbol, e.version) for e in libc.exports if e.default and e.type != "T"]
    return [pair for pair in defaults if pair in kept]


def _compiler(name: str, target: Target, arch: Arch, maps: Maps) -> Iterator[Finding]:
    """Findings about one compiler: its kit, and a probe with each installed linker."""
    try:
        command = find_command(name)
    except SymverPinError as error:
        yield Finding(f"compiler {name}", "absent", str(error))
        return
    try:
        kit = ensure_kit(target, arch, command, maps)
    except SymverPinError as error:
        yield Finding(f"kit with {name}", "fails", str(error))
        return
    yield Finding(f"kit with {name}", "ok", str(kit.path))
    if kit.headers > kit.known:
        yield Finding(
            f"headers of {name}",
            "fails",
            f"they are of glibc {kit.headers}, the symbol tables end at {kit.known}",
            "update symver-pin, or harvest this host's libraries (symver-pin harvest)",
        )
    yield Finding(f"{name} and its own linker", *_probe(kit, [], target, arch, maps))
    for linker in LINKERS:
        program = "ld.lld" if linker.name == "lld" else linker.name if linker.name == "mold" else f"ld.{linker.name}"
        subject = f"{name} and {linker.name}"
        if shutil.which(program) is None:
            yield Finding(subject, "absent", f"{program} is not installed")
        else:
            yield Finding(subject, *_probe(kit, [f"-fuse-ld={linker.name}"], target, arch, maps))


def _probe(kit: Kit, flags: list[str], target: Target, arch: Arch, maps: Maps) -> tuple[str, str]:
    """Link, verify and run the probe program. Returns the state and the text of the finding."""
    with tempfile.TemporaryDirectory(prefix="symver-pin-doctor-") as folder:
        source, program = Path(folder, "probe.c"), Path(folder, "probe")
        source.write_text(_PROBE)
        built = subprocess.run(
            [kit.driver("cc"), *flags, source, "-o", program],
            capture_output=True,
            text=True,
            check=False,
            errors="replace",
        )
        if built.returncode != 0:
            return "fails", (built.stderr.strip() or "no message").splitlines()[0]
        if verify([program], target, maps=maps).exit_status != 0:
            return "fails", f"the probe program does not load on glibc {target.glibc}"
        if arch != host_arch():
            return "ok", "links and verifies"
        ran = subprocess.run([program], capture_output=True, check=False)
        if ran.returncode != 0:
            return "fails", f"the probe program exits with status {ran.returncode} on this host"
        return "ok", "links, verifies and runs"


def _rust() -> Iterator[Finding]:
    for tool in ("rustc", "cargo"):
        found = shutil.which(tool)
        if found is None:
            yield Finding(tool, "absent", "not installed")
            continue
        done = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        yield Finding(tool, "ok" if done.returncode == 0 else "fails", done.stdout.strip() or done.stderr.strip())
