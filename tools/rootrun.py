"""Run one program on an old glibc: inside a directory that holds that glibc as `/lib64` and `/lib`.

A program does not choose its C library, its PT_INTERP does: the kernel opens `/lib64/ld-linux-x86-64.so.2`, an absolute
path, and that loader then looks into its own built-in directories. Calling another loader by hand
(`old/ld-2.17.so ./prog`) is close but not the same start: the 2.17 loader, started so, runs the constructors of a
position independent executable twice. An honest answer needs the old loader *at the absolute path*, so the root
directory of the process is what must change. Two ways to do that:

* **chroot**, as root. Where the machine allows it the process also gets a mount namespace of its own, with `/proc`,
  `/dev` and an empty `/tmp` in it; a plain container forbids mounts but not chroot, and there the device nodes that
  were made together with the root stand in, and `/proc` is absent.
* **bubblewrap**, as any other user, who gets the same namespaces through a user namespace.

Every run has a work directory of its own in the root's `/run`, so any number of runs go on side by side; the big
libraries are never copied.
"""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from unavailable import Unavailable

# <linux/sched.h> and <sys/mount.h>
CLONE_NEWNS = 0x00020000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MS_NOSUID, MS_NODEV = 0x2, 0x4

_libc = ctypes.CDLL(None, use_errno=True)


def run_in_root(
    root: Path,
    binary: Path,
    args: Sequence[str] = (),
    *,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    extra_files: Sequence[Path] = (),
    timeout: float = 60,
) -> subprocess.CompletedProcess[str]:
    """Run `binary` on the glibc in `root` and return its exit status, stdout and stderr.

    The program starts in an empty work directory of its own that holds it and `extra_files`, each under its own file
    name; with extra files `LD_LIBRARY_PATH` names that directory, so shared libraries handed over are found. Beyond
    that it sees only `PATH`, `HOME`, `TMPDIR`, `LC_ALL=C` and `env`. A negative exit status is a signal.

    Raises `Unavailable` when this machine has no way to enter a root, `subprocess.TimeoutExpired` when the
    program (with all it started: the whole session is killed) ran for more than `timeout` seconds.
    """
    enter = _way_in(str(root))
    (root / "run").mkdir(exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="job-", dir=root / "run"))
    try:
        work.chmod(0o755)
        _place_program(binary.resolve(strict=True), work / binary.name)
        for extra in extra_files:
            shutil.copy(extra, work / extra.name)
        inside = f"/run/{work.name}"
        variables = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "TMPDIR": "/tmp", "LC_ALL": "C"}
        if extra_files:
            variables["LD_LIBRARY_PATH"] = inside
        variables.update(env or {})
        return enter(root, inside, [f"{inside}/{binary.name}", *args], variables, stdin, timeout)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def why_no_way_in(root: Path) -> str | None:
    """The reason why this machine cannot run anything inside `root`, or None when it can."""
    try:
        _way_in(str(root))
    except Unavailable as error:
        return str(error)
    return None


_Enter = Callable[
    [Path, str, Sequence[str], Mapping[str, str], "str | None", float], "subprocess.CompletedProcess[str]"
]


@functools.cache
def _way_in(root: str) -> _Enter:
    """Find, once a root, how this process gets inside: chroot with or without its own mounts, or bubblewrap."""
    if os.geteuid() == 0 and _child_can(lambda: os.chroot(root)):
        mounts = _child_can(lambda: _own_mounts(root.encode()))
        return _chroot_with_mounts if mounts else _chroot_only
    if shutil.which("bwrap") is None:
        raise Unavailable(
            "cannot enter an old runtime: chroot is refused and bubblewrap (bwrap) is not installed; install bubblewrap"
        )
    probe = subprocess.run(
        ["bwrap", "--ro-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "--dev", "/dev", "true"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if probe.returncode != 0:
        said = (probe.stderr.strip().splitlines() or ["no message"])[-1]
        raise Unavailable(f"cannot enter an old runtime: chroot is refused and bubblewrap fails: {said}")
    return _bubblewrap


def _child_can(action: Callable[[], None]) -> bool:
    """Whether `action`, which changes the process it runs in, succeeds; tried in a child that ends at once."""
    child = os.fork()
    if child == 0:
        try:
            action()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _own_mounts(root: bytes) -> None:
    """Give this process a mount namespace with /proc, /dev and an empty /tmp in `root`; raise OSError if refused.

    The mounts are private to the process and end with it: in the cache the root stays a plain directory, and removing
    it can never reach the machine's own /proc or /dev.
    """

    def check(status: int) -> None:
        if status != 0:
            raise OSError(ctypes.get_errno(), "mount namespace refused")

    check(_libc.unshare(CLONE_NEWNS))
    check(_libc.mount(b"none", b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None))
    for name in (b"/proc", b"/dev"):
        check(_libc.mount(name, root + name, None, ctypes.c_ulong(MS_BIND | MS_REC), None))
    check(_libc.mount(b"tmpfs", root + b"/tmp", b"tmpfs", ctypes.c_ulong(MS_NOSUID | MS_NODEV), b"mode=1777"))


def _chroot_with_mounts(
    root: Path, inside: str, command: Sequence[str], env: Mapping[str, str], stdin: str | None, timeout: float
) -> subprocess.CompletedProcess[str]:
    def enter() -> None:
        _own_mounts(os.fsencode(root))
        os.chroot(root)
        os.chdir(inside)

    return _run(command, env, stdin, timeout, enter)


def _chroot_only(
    root: Path, inside: str, command: Sequence[str], env: Mapping[str, str], stdin: str | None, timeout: float
) -> subprocess.CompletedProcess[str]:
    def enter() -> None:
        os.chroot(root)
        os.chdir(inside)

    return _run(command, env, stdin, timeout, enter)


def _bubblewrap(
    root: Path, inside: str, command: Sequence[str], env: Mapping[str, str], stdin: str | None, timeout: float
) -> subprocess.CompletedProcess[str]:
    work = str(root) + inside
    sandbox = ["bwrap", "--ro-bind", str(root), "/", "--bind", work, inside, "--unshare-pid", "--die-with-parent"]
    sandbox += ["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--chdir", inside, "--clearenv"]
    for name, value in env.items():
        sandbox += ["--setenv", name, value]
    done = _run([*sandbox, *command], os.environ, stdin, timeout, None)
    # bubblewrap's init reports the program's death by signal N as exit status 128 + N
    status = 128 - done.returncode if 128 < done.returncode < 128 + signal.NSIG else done.returncode
    return subprocess.CompletedProcess(list(command), status, done.stdout, done.stderr)


def _run(
    command: Sequence[str], env: Mapping[str, str], stdin: str | None, timeout: float, enter: Callable[[], None] | None
) -> subprocess.CompletedProcess[str]:
    process = subprocess.Popen(
        list(command),
        env=dict(env),
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        preexec_fn=enter,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(stdin, timeout)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return subprocess.CompletedProcess(list(command), process.returncode, out, err)


def _place_program(program: Path, place: Path) -> None:
    """Put the program at `place`: a hard link where possible.

    A copy would have to be written, and executing a file that any process (a child just forked by another thread is
    enough) still holds open for writing fails with ETXTBSY.
    """
    try:
        os.link(program, place)
    except OSError:
        shutil.copy(program, place)
