"""Hand a call of ``symver-pin cc`` over to its kit's wrapper without importing the rest of the program.

A build calls ``symver-pin cc`` for each file, and most calls find the kit that the one before found. So a call that has
found its kit writes a *record*: the wrapper, and the status of every file that the answer depends on (the program's
sources and tables, the compiler, its headers, the kit). The next call with the same words and environment compares
these and runs the wrapper. If anything has changed, the call goes the whole way.

The status of a file is its size, its time of modification and its time of change. Nobody but root can set the last one,
so a file with the same status has the content that was checked when the record was written.

This module imports only what Python loads at its start; anything more would cost what it saves.
"""

import os
import zlib

VALUES = frozenset({"--glibc", "--maps", "--arch", "--compat-only", "--cc"})
FLAGS = frozenset({"--no-compat", "--no-warn", "--undeclared", "--claim-version"})
"""The options of ``symver-pin cc``: with a value, and without."""
SHARED = frozenset({"--arch", "--cc"})
"""Those that the program whose words are passed on may have too."""
MISPLACED = (VALUES | FLAGS) - SHARED

_DRIVERS = ("cc", "c++")
"""The commands that hand over."""

_HELP = (["--help"], ["-h"])
"""The words after the command with which it prints its own help. Beside other words they are the compiler's."""

_WRITABLE_BY_OTHERS = 0o022


def hand_over(words: list[str]) -> None:
    """Replace this process by the wrapper of the kit that an earlier call with the same words found.

    ``words`` are those of the command line. Returns if there is no such record, or if it no longer holds.
    """
    if not words or words[0] not in _DRIVERS or words[1:] in _HELP:
        return
    own, others = _split(words)
    if MISPLACED.intersection(word.partition("=")[0] for word in others):
        return  # ``CommandParser`` reports it, unless a -- stands before
    try:
        place = _place(own)
        for path in (place, os.path.dirname(place)):
            status = os.stat(path)
            if status.st_uid != os.geteuid() or status.st_mode & _WRITABLE_BY_OTHERS:
                return  # somebody else could have written it
        with open(place, encoding="utf-8", errors="surrogateescape") as file:
            head, wrapper, added, *lines = file.read().split("\n")
        if head == _head(own) and all(map(_holds, lines)):
            environment = dict(os.environ)
            environment.pop("SYMVER_PIN_PINNED", None)  # as ``builds.environment.unpinned`` does
            if added:
                environment[added] = "1"
            os.execve(wrapper, [wrapper, *others], environment)
    except (OSError, ValueError):
        return  # the call goes the whole way, and reports what is wrong


def write_record(words: list[str], wrapper: str, added: str, files: list[str], programs: dict[str, str]) -> None:
    """Record that a call with these words found ``wrapper``. Does nothing if the record cannot be written.

    ``words`` are those of the command line, the compiler's own included or not. ``added`` is the environment variable
    to set, or "". ``files`` are the absolute paths that the answer depends on; ``programs`` maps each name that was
    searched on the PATH to the path that was found.
    """
    own, _others = _split(words)
    try:
        place = _place(own)
        lines = [_head(own), wrapper, added, *(f"{_status(path)}\t{path}" for path in files)]
        lines += [f"{name}\t{path}" for name, path in programs.items()]
        if any("\n" in line for line in lines):
            return
        temporary = f"{place}.{os.getpid()}"
        os.makedirs(os.path.dirname(place), mode=0o755, exist_ok=True)
        with open(temporary, "w", encoding="utf-8", errors="surrogateescape") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write("\n".join(lines))
        os.replace(temporary, place)
    except OSError:
        return


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """The driver with symver-pin's own options, and the compiler's words; as ``CommandParser`` splits them."""
    at = 1
    while at < len(words):
        if words[at] == "--":
            return words[:at], words[at + 1 :]
        name, is_assigned, _value = words[at].partition("=")
        if name not in VALUES and name not in FLAGS:
            break
        at += 2 if name in VALUES and not is_assigned else 1
    return words[:at], words[at:]


def _head(own: list[str]) -> str:
    """What a record is for: this installation, the words, and the environment variables that decide the kit."""
    names = sorted(name for name in os.environ if name.startswith("SYMVER_PIN_") or name in ("PATH", "HOME"))
    folder = os.getcwd() if _is_relative(own) else ""
    return repr((__file__, own, [(name, os.environ[name]) for name in names], folder))


def _is_relative(own: list[str]) -> bool:
    """True if a word or a variable may name a path below the current folder."""
    texts = [*own, *(os.environ.get(name, "") for name in ("SYMVER_PIN_CC", "SYMVER_PIN_MAPS", "SYMVER_PIN_CACHE"))]
    return any("/" in text and not text.startswith("/") for text in texts) or "::" in os.environ.get("PATH", "")


def cache_folder() -> str:
    """The cache folder that the environment names (see ``paths.cache_dir``); "" if it names none."""
    named = os.environ.get("SYMVER_PIN_CACHE")
    if named:
        return named
    base = os.environ.get("XDG_CACHE_HOME", "")
    if base.startswith("/"):
        return f"{base}/symver-pin"
    home = os.environ.get("HOME", "")
    return f"{home}/.cache/symver-pin" if home.startswith("/") else ""


def _place(own: list[str]) -> str:
    """The file of a record, in the cache folder. Raises ValueError if the environment names no cache folder."""
    folder = cache_folder()
    if not folder:
        raise ValueError("no cache folder that needs no look into the password database")
    return f"{folder}/handover/{zlib.crc32(_head(own).encode('utf-8', 'surrogateescape')):08x}"


def _status(path: str) -> str:
    status = os.stat(path)
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def _holds(line: str) -> bool:
    """True if a line of a record still holds: the status of a file, or where the PATH leads."""
    expected, _, path = line.partition("\t")
    if " " in expected:
        return _status(path) == expected
    folders = os.environ.get("PATH", os.defpath).split(":")
    found = (f"{folder}/{expected}" for folder in folders)
    return next((name for name in found if os.access(name, os.X_OK)), "") == path
