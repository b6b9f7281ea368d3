"""What this host has, and whether each supported path works on it: found out by doing it.

The running glibc is asked through cffi: its release (``gnu_get_libc_version``), and by ``dlvsym`` whether it still
has every (symbol, version) that a program pinned to the target may be bound to; a program built here must run here
too. Each pair of compiler and linker gets a real probe: a program with threads and a constructor is linked with the
kit, judged by the verifier and run.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from symver_pin.compilers import LINKERS, default_cc, find_cc
from symver_pin.elf.arch import Arch, host_arch
from symver_pin.elf.compiled import NATIVE
from symver_pin.errors import SymverPinError
from symver_pin.gen.kit import Kit
from symver_pin.gen.kit_cache import ensure_kit
from symver_pin.maps.platforms import Target
from symver_pin.maps.release import Release, parse_release
from symver_pin.maps.table import load_table
from symver_pin.verify import verify

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
    """One thing that was looked at."""

    subject: str
    state: str
    """``ok``; ``absent``, which is no fault; ``fails``."""
    text: str
    advice: str = ""

    @property
    def ok(self) -> bool:
        """False only for what should work and does not."""
        return self.state != "fails"


def examine(target: Target, arch: Arch, cc: str | None) -> tuple[Finding, ...]:
    """Look at everything; never raises for what is missing, which becomes a finding."""
    return tuple(_examine(target, arch, cc))


def _examine(target: Target, arch: Arch, cc: str | None) -> Iterator[Finding]:
    if arch == host_arch():
        yield from _glibc(target, arch)
    names = [cc] if cc else [default_cc(arch)]
    names += [name for name in ("gcc", "clang") if name not in names and arch == host_arch()]
    for name in names:
        yield from _compiler(name, target, arch)
    yield from _rust()
    yield _reader()


def _reader() -> Finding:
    """Whether the verifier reads files in C."""
    if NATIVE is not None:
        return Finding("verify", "ok", "reads files in C")
    advice = "install symver-pin again with a C compiler and Python's headers (python3-dev) at hand"
    return Finding("verify", "absent", f"reads files in Python alone, many of them in twice the time; {advice}")


def _glibc(target: Target, arch: Arch) -> Iterator[Finding]:
    """The running glibc, and whether it satisfies every pin of the target."""
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
        for name, version in _pinned(target.glibc, arch, running)
        if library.dlvsym(ffi.NULL, name.encode(), version.encode()) == ffi.NULL
    ]
    if missing:
        yield Finding(
            "pins on this host",
            "fails",
            f"{len(missing)} missing, first {missing[0]}",
            "programs that use them will not start here, though they do on the target",
        )
    else:
        yield Finding("pins on this host", "ok", f"the running libc.so.6 has all that programs for {target.glibc} need")


def _pinned(target: Release, arch: Arch, running: Release) -> list[tuple[str, str]]:
    """What libc.so.6 exports by default at the target; the running release's own record says what it dropped since."""
    table = load_table(arch.name)
    libc = table.view(target).libraries["libc.so.6"]
    newest = table.covered.last
    now = table.view(min(running, newest)).libraries["libc.so.6"]
    kept = {(e.symbol, e.version) for e in now.exports}
    wanted = [(e.symbol, e.version) for e in libc.exports if e.default and e.type != "T"]
    return [pair for pair in wanted if pair in kept]


def _compiler(name: str, target: Target, arch: Arch) -> Iterator[Finding]:
    """One compiler: its kit, and a probe link with every linker that is installed."""
    try:
        cc = find_cc(name)
    except SymverPinError as error:
        yield Finding(f"compiler {name}", "absent", str(error))
        return
    try:
        kit = ensure_kit(target, arch, cc)
    except SymverPinError as error:
        yield Finding(f"kit with {name}", "fails", str(error))
        return
    yield Finding(f"kit with {name}", "ok", str(kit.path))
    yield Finding(f"{name} and its own linker", *_probe(kit, [], target, arch))
    for linker in LINKERS:
        program = "ld.lld" if linker.name == "lld" else linker.name if linker.name == "mold" else f"ld.{linker.name}"
        subject = f"{name} and {linker.name}"
        if shutil.which(program) is None:
            yield Finding(subject, "absent", f"{program} is not installed")
        else:
            yield Finding(subject, *_probe(kit, [f"-fuse-ld={linker.name}"], target, arch))


def _probe(kit: Kit, flags: list[str], target: Target, arch: Arch) -> tuple[str, str]:
    """Link, judge and run the probe program: state and text of its finding."""
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
        if verify([program], target).exit_status != 0:
            return "fails", f"the probe program would not load on glibc {target.glibc}"
        if arch != host_arch():
            return "ok", "links and verifies"
        ran = subprocess.run([program], capture_output=True, check=False)
        if ran.returncode != 0:
            return "fails", f"the probe program ends with {ran.returncode} on this host"
        return "ok", "links, verifies and runs"


def _rust() -> Iterator[Finding]:
    for tool in ("rustc", "cargo"):
        found = shutil.which(tool)
        if found is None:
            yield Finding(tool, "absent", "not installed")
            continue
        done = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        yield Finding(tool, "ok" if done.returncode == 0 else "fails", done.stdout.strip() or done.stderr.strip())
