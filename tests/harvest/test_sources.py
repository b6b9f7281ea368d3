"""Every kind of source, and that the same libraries give the same table whatever they come in."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

import library_sets
from conftest import need_root, succeeded
from distribution import build_deb, build_rpm
from library_sets import LibrarySet
from maps.real_libraries import real_libraries
from pinning import run, symver_pin_command
from symver_pin.glibc.maps import default_maps
from symver_pin.paths import shipped_maps
from unavailable import NotServed

LIBRARIES = ("libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "ld-linux-x86-64.so.2", "libgcc_s.so.1")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some libraries of the real 2.17, under the names that a distribution gives them, with a script among them."""
    folder = tmp_path_factory.mktemp("tree") / "usr" / "lib64"
    folder.mkdir(parents=True)
    for name in LIBRARIES:
        real = (need_root("2.17") / "lib" / name).resolve()
        shutil.copy(real, folder / real.name)
        if real.name != name:
            (folder / name).symlink_to(real.name)
    (folder / "libc.so").write_text("GROUP ( /lib64/libc.so.6 )\n")
    return folder.parents[1]


def as_deb(tree: Path, folder: Path) -> Path:
    return build_deb(tree, folder, "xz")


def as_rpm(tree: Path, folder: Path) -> Path:
    return build_rpm(tree, folder, "w6.gzdio", "/usr/lib64/*")


def as_tar(tree: Path, folder: Path) -> Path:
    with tarfile.open(folder / "libc.tar.xz", "w:xz") as archive:
        archive.add(tree / "usr", "./usr")
    return folder / "libc.tar.xz"


def as_zip(tree: Path, folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder / "libc"), "zip", tree))


def as_tree(tree: Path, _folder: Path) -> Path:
    return tree


def harvested(output: Path, *words: str | Path) -> dict[str, str]:
    """The files that `symver-pin harvest` writes, by name."""
    succeeded(symver_pin_command("harvest", *words, "-o", output))
    return {path.name: path.read_text() for path in output.iterdir()}


@pytest.mark.parametrize("form", [as_tree, as_deb, as_rpm, as_tar, as_zip])
def test_the_same_libraries_give_the_same_tables_in_every_form(
    form: Callable[[Path, Path], Path], tree: Path, tmp_path: Path
) -> None:
    made = harvested(tmp_path / "out", form(tree, tmp_path))
    files = [tree / "usr" / "lib64" / name for name in LIBRARIES]
    one_by_one = harvested(tmp_path / "single", "--glibc", "2.17", *(path for path in files))
    assert made == one_by_one
    assert set(made) == {"x86_64.map", "x86_64-gcc.map"}
    assert "libc.so.6\tmemcpy\tGLIBC_2.14\t2.17-\t@@\tF" in made["x86_64.map"]
    assert "libc.so.6\tenviron\tGLIBC_2.2.5\t2.17-\t@@\tD\t0x8\t__environ" in made["x86_64.map"]


def test_the_order_of_the_sources_does_not_matter(tmp_path: Path) -> None:
    roots = [need_root(release) for release in ("2.31", "2.36", "2.41")]
    assert harvested(tmp_path / "a", *roots) == harvested(tmp_path / "b", *reversed(roots))


def test_the_shipped_tables_do_not_change_when_their_libraries_are_added_again(tmp_path: Path) -> None:
    folders = [library_sets.fetch(wanted) for wanted in library_sets.SETS if is_compared(wanted)]
    assert folders, "no library set can be had"
    made = harvested(tmp_path / "out", "--merge", *folders)
    shipped = {path.name: path.read_text() for path in shipped_maps().glob("*.map")}
    assert made == {name: shipped[name] for name in made} and len(made) > 2


def is_compared(wanted: LibrarySet) -> bool:
    """Whether a library set can be had today and is not newer than the tables, neither its glibc nor its GCC."""
    try:
        found = real_libraries(wanted)
    except NotServed:
        return False
    return found.gcc is None or found.gcc <= default_maps().table(f"{wanted.arch}-gcc").covered.last


def test_a_table_of_ones_own_makes_the_same_kit_and_knows_its_release_only(tree: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    harvested(own, need_root("2.17"))
    env = {"SYMVER_PIN_CACHE": str(tmp_path / "cache")}
    kits = [
        Path(succeeded(symver_pin_command("kit", "--glibc", "2.17", *words, env=env)).strip())
        for words in ((), ("--maps", own))
    ]
    assert kits[0] != kits[1]
    for name in ("libc.so.6", "libpthread.so.0", "slim/libpthread.so.0"):
        first, second = (next(kit.glob(f"lib/symver-pin-*/{name}")).read_bytes() for kit in kits)
        assert first == second
    done = symver_pin_command("kit", "--glibc", "2.19", "--maps", own, env=env)
    assert done.returncode == 2 and "2.19 is outside the x86_64 tables, which cover 2.17 to 2.17" in done.stderr


def git(repository: Path, *words: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main")
    succeeded(run(["git", "-C", repository, *identity, *words]))


@pytest.fixture
def glibc_git(tmp_path: Path) -> Path:
    """A repository laid out as glibc's is, with three releases in its three layouts, and a tag that is no release."""
    repository = tmp_path / "glibc"
    (repository / "sysdeps").mkdir(parents=True)
    git(repository, "init", "-q")
    layouts = {
        "2.15": ("sysdeps/unix/sysv/linux/x86_64/64/nptl", "GLIBC_2.2.5\n frozen F\n"),
        "2.17": ("sysdeps/unix/sysv/linux/x86_64/64/nptl", "GLIBC_2.2.5\n GLIBC_2.2.5 A\n exit F\n environ D 0x8\n"),
        "2.20": (
            "sysdeps/unix/sysv/linux/x86_64/64",
            "GLIBC_2.2.5 exit F\nGLIBC_2.2.5 environ D 0x8\nGLIBC_2.18 new F\n",
        ),
    }
    for release, (folder, text) in layouts.items():
        shutil.rmtree(repository / "sysdeps")
        (repository / folder).mkdir(parents=True)
        (repository / folder / "libc.abilist").write_text(text)
        (repository / "version.h").write_text(f'#define RELEASE "stable"\n#define VERSION "{release}"\n')
        git(repository, "add", "-A")
        git(repository, "commit", "-q", "-m", release)
        git(repository, "tag", f"glibc-{release}")
    git(repository, "tag", "glibc-2.20.9000")
    return repository


def test_glibcs_git_is_read_by_its_release_tags(glibc_git: Path, tmp_path: Path) -> None:
    rows = harvested(tmp_path / "out", glibc_git)["x86_64.map"].splitlines()[4:]
    # 2.18 and 2.19 have no tag here: nothing is said of them.
    assert rows == [
        "libc.so.6\tenviron\tGLIBC_2.2.5\t2.12-2.17\t@@\tD\t0x8",
        "libc.so.6\tenviron\tGLIBC_2.2.5\t2.20-\t@@\tD\t0x8",
        "libc.so.6\texit\tGLIBC_2.2.5\t2.12-2.17\t@@\tF",
        "libc.so.6\texit\tGLIBC_2.2.5\t2.20-\t@@\tF",
        "libc.so.6\tnew\tGLIBC_2.18\t2.20-\t@@\tF",
    ]


def test_a_source_tree_is_the_release_of_its_version_h(glibc_git: Path, tmp_path: Path) -> None:
    tree = tmp_path / "glibc-2.20"
    shutil.copytree(glibc_git, tree, ignore=shutil.ignore_patterns(".git"))
    rows = harvested(tmp_path / "out", tree)["x86_64.map"].splitlines()
    assert "libc.so.6\tnew\tGLIBC_2.18\t2.18-\t@@\tF" in rows


def refused(tmp_path: Path, *words: str | Path) -> str:
    """The one line that a harvest that must fail says; nothing may be written."""
    output = tmp_path / "refused"
    output.mkdir()
    done = symver_pin_command("harvest", *words, "-o", output)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    assert list(output.iterdir()) == []
    return done.stderr


def test_a_library_without_its_libc_needs_a_release(tree: Path, tmp_path: Path) -> None:
    assert "name it with --glibc" in refused(tmp_path, tree / "usr/lib64/libm.so.6")


def test_what_holds_nothing_of_glibc_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "contain no ABI list" in refused(tmp_path, tmp_path / "empty")


def test_a_missing_source_is_refused(tmp_path: Path) -> None:
    assert "/nonexistent: no such file or folder" in refused(tmp_path, "/nonexistent")


@pytest.mark.parametrize("form", [as_deb, as_rpm, as_tar, as_zip])
@pytest.mark.parametrize("part", [0.0001, 0.3, 0.9])
def test_a_truncated_package_is_refused_by_name(
    form: Callable[[Path, Path], Path], part: float, tree: Path, tmp_path: Path
) -> None:
    package = form(tree, tmp_path)
    data = package.read_bytes()
    package.write_bytes(data[: int(len(data) * part)])
    assert package.name in refused(tmp_path, package)


def test_a_broken_list_is_named_by_file_and_line(tmp_path: Path) -> None:
    folder = tmp_path / "lists" / "2.20" / "x86_64"
    folder.mkdir(parents=True)
    (folder / "libc.abilist").write_text("GLIBC_2.2.5 exit F\nGLIBC_2.2.5 environ D\n")
    assert "libc.abilist:2: broken ABI list line" in refused(tmp_path, tmp_path / "lists")


def test_hostile_elf_files_end_in_one_line(tree: Path, tmp_path: Path) -> None:
    """Counts and chains of the version sections changed to lies."""
    library = tmp_path / "libm.so.6"
    original = (tree / "usr/lib64/libm.so.6").read_bytes()
    symbols = subprocess.run(["readelf", "-SW", tree / "usr/lib64/libm.so.6"], capture_output=True, text=True).stdout
    line = next(line for line in symbols.splitlines() if ".gnu.version_d" in line)
    offset = int(line.split("VERDEF")[1].split()[1], 16)
    for lie in (b"\xff" * 20, bytes(16) + b"\x00\x00\x00\x01", bytes(20)):
        library.write_bytes(original[:offset] + lie + original[offset + len(lie) :])
        done = symver_pin_command("harvest", "--glibc", "2.17", library, "-o", tmp_path / "out", timeout=20)
        assert done.returncode in (0, 2) and done.stderr.count("\n") <= 1, done.stderr
    # A node that points at itself: a cycle.
    first = original[offset : offset + 16] + b"\x00\x00\x00\x00"
    library.write_bytes(original[:offset] + first + original[offset + 20 :])
    done = symver_pin_command("harvest", "--glibc", "2.17", library, "-o", tmp_path / "out", timeout=20)
    assert done.returncode in (0, 2) and done.stderr.count("\n") <= 1, done.stderr
