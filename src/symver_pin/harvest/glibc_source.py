"""Read ABI lists from glibc's sources: an unpacked source tree (one release), or a git repository with its tags.

A tree has several ``libc.abilist`` files. The one of an architecture is in the first of its sysdeps folders that has
such a file, as in glibc's ``make check-abi``; ``sysdeps.tsv`` lists the folders in order. Up to 2.19, some
architectures were in ``ports/``, and lists of threaded systems in ``nptl/``. The lists in trees before 2.16 are those
of 2003 and are not read.
"""

import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from symver_pin.errors import HarvestError
from symver_pin.glibc.release import Release, parse_release
from symver_pin.glibc.sonames import SONAMES
from symver_pin.harvest.abilist import read_list, soname_of
from symver_pin.harvest.observation import Observation
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import ARCHES

OLDEST_LISTS = Release(2, 16)
_ROOTS = ("sysdeps/unix/sysv/linux", "ports/sysdeps/unix/sysv/linux")
_ORDER = Path(__file__).with_name("sysdeps.tsv")
_VERSION = re.compile(r'#define\s+VERSION\s+"(\d+\.\d+)')


class _Folder(NamedTuple):
    """A row of ``sysdeps.tsv``."""

    arch: str
    folder: str
    suffix: str


def _order() -> list[_Folder]:
    rows = (line.split("\t") for line in _ORDER.read_text(encoding="ascii").splitlines() if not line.startswith("#"))
    return [_Folder(arch, folder, "" if suffix == "-" else suffix) for arch, folder, suffix in rows]


def is_source_tree(folder: Path) -> bool:
    """True if a folder is an unpacked glibc source tree."""
    return (folder / "version.h").is_file() and (folder / "sysdeps").is_dir()


def is_git(folder: Path) -> bool:
    """True if a folder is a git checkout or a bare git repository."""
    return (folder / ".git").exists() or ((folder / "HEAD").is_file() and (folder / "objects").is_dir())


def read_source_tree(folder: Path) -> Iterator[Observation]:
    """Read the lists of all architectures, for the release in the tree's ``version.h``.

    Raises HarvestError if ``version.h`` has no release, or for a broken list.
    """
    found = _VERSION.search((folder / "version.h").read_text(errors="replace"))
    if found is None:
        raise HarvestError(f"{folder / 'version.h'}: has no release number; is this a glibc source tree?")
    paths = {str(path.relative_to(folder)) for root in _ROOTS for path in (folder / root).glob("**/*.abilist")}
    release = parse_release(found[1])
    yield from _read(paths, release, f"{folder}", lambda path: (folder / path).read_text(encoding="ascii"))


def read_git(repository: Path) -> Iterator[Observation]:
    """Read the lists of all architectures, for each release tag ``glibc-2.N`` from 2.16 on.

    Raises HarvestError if git fails, or for a broken list.
    """
    tags = (tag.removeprefix("glibc-") for tag in _git(repository, "tag", "--list", "glibc-2.*").split())
    releases = sorted(parse_release(tag) for tag in tags if re.fullmatch(r"2\.\d+", tag))
    for release in releases:
        if release < OLDEST_LISTS:
            continue
        tree = f"glibc-{release}"
        names = set(_git(repository, "ls-tree", "-r", "--name-only", tree, *_ROOTS).split("\n"))
        lists = {name for name in names if name.endswith(".abilist")}
        texts = _contents(repository, tree, sorted(lists))
        yield from _read(lists, release, f"{repository} at {tree}", texts.__getitem__)


def _read(paths: Iterable[str], release: Release, where: str, text_of: Callable[[str], str]) -> Iterator[Observation]:
    known, order = set(paths), _order()
    for arch in ARCHES.values():
        for stem in ("ld", *SONAMES):
            path = _first(known, order, arch, stem)
            if path is not None:
                yield from read_list(text_of(path), f"{where}/{path}", release, arch, soname_of(stem, arch))


def _first(known: set[str], order: list[_Folder], arch: Arch, stem: str) -> str | None:
    """The path of the list of one library and architecture; None if the tree has none."""
    for row in order:
        for root in _ROOTS:
            path = f"{root}/{row.folder}/{stem}{row.suffix}.abilist"
            if row.arch == arch.name and path in known:
                return path
    return None


def _git(repository: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(repository), *words], capture_output=True, text=True, check=False)
    except OSError as error:
        raise HarvestError(f"{repository}: cannot run git: {error.strerror}") from error
    if done.returncode != 0:
        reason = (done.stderr.strip() or "no message").splitlines()[0]
        raise HarvestError(f"{repository}: git {words[0]} failed: {reason}")
    return done.stdout


def _contents(repository: Path, tree: str, paths: list[str]) -> dict[str, str]:
    """Path -> text, for many files of one tree, read with one call of git."""
    request = "".join(f"{tree}:{path}\n" for path in paths).encode()
    done = subprocess.run(
        ["git", "-C", str(repository), "cat-file", "--batch"], input=request, capture_output=True, check=True
    )
    texts, at = {}, 0
    for path in paths:
        end = done.stdout.index(b"\n", at)
        size = int(done.stdout[at:end].split()[-1])
        texts[path] = done.stdout[end + 1 : end + 1 + size].decode("ascii")
        at = end + 1 + size + 1
    return texts
