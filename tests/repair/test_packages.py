"""Debian packages, npm packages and other tars: what changes in them, what stays, and that the result works on 2.17."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest

from conftest import Completed, need_tool, succeeded
from pinning import run, symver_pin_command
from symver_pin import repair, verify
from symver_pin.glibc.release import Release
from symver_pin.repairer.packages.deb import new_control

from .conftest import Plain
from .test_traps import ABSENT, HOST, PLUGIN

LAUNCHER = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* Moves the file `name` to the path of each word `name=path`, whose folders it makes, and becomes the last path. */
int main(int count, char **words) {
    char *path = 0;
    for (int n = 1; n < count; ++n) {
        path = strchr(words[n], '=');
        *path++ = 0;
        for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
            *slash = 0;
            mkdir(path, 0755);
            *slash = '/';
        }
        if (rename(words[n], path)) return perror(path), 1;
        chmod(path, 0755);
    }
    unsetenv("LD_LIBRARY_PATH");
    return execl(path, path, (char *)0);
}
"""
LIBRARY = "usr/lib/x86_64-linux-gnu/libplugin.so"
CONTROL = """Package: plugged
Version: 1.0
Architecture: amd64
Maintainer: Nobody <nobody@example.org>
Installed-Size: 100
Pre-Depends: libc6 (>= 2.36), dpkg
Depends: libc6 (>= 2.34) | libc6-other, libstdc++6 (>= 12),
 zlib1g (>= 1:1.2), libc6 (>= 2.4)
Description: a program and its library
"""


def run_tree(plain: Plain, tree: Path, program: str) -> Completed:
    """Run a program of a folder on 2.17, with all files of the folder in their places."""
    launcher = plain.folder / "launcher"
    if not launcher.exists():
        source = plain.write("launcher.c", LAUNCHER)
        succeeded(run(["gcc", "-static", "-O1", source, "-o", launcher]))
    files = [path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
    files.sort(key=lambda path: str(path.relative_to(tree)) == program)
    staged = []
    for number, path in enumerate(files):
        staged.append(plain.folder / f"staged-{number}")
        staged[-1].write_bytes(path.read_bytes())
    words = [f"{one.name}={path.relative_to(tree)}" for one, path in zip(staged, files, strict=True)]
    return plain.run_on_217(launcher, *words, extra_files=staged)


def tree_of(plain: Plain, top: str, library: str, search_path: str = "") -> Path:
    """A folder with a program in `bin` that opens its library, and a text."""
    tree = plain.folder / "tree"
    for path in (f"{top}/bin/host", library, f"{top}/share/text"):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
    host = HOST.replace("./plugin.so", "libplugin.so")
    flags = [f"-Wl,-rpath,{search_path}"] if search_path else []
    plain.build(plain.write("host.c", host), *flags).rename(tree / top / "bin/host")
    plain.build(plain.write("plugin.c", PLUGIN), mode="shared").rename(tree / library)
    (tree / top / "share/text").write_text("as it is\n")
    return tree


def deb_of(plain: Plain, compression: str = "xz", control: str = CONTROL) -> Path:
    """A Debian package of such a folder."""
    need_tool("dpkg-deb")
    tree = tree_of(plain, "usr", LIBRARY, "$ORIGIN/../lib/x86_64-linux-gnu")
    (tree / "usr/bin/host").chmod(0o750)
    files = sorted(path for path in tree.rglob("*") if path.is_file())
    lines = [f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(tree)}\n" for path in files]
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(control)
    (tree / "DEBIAN/md5sums").write_text("".join(lines))
    deb = plain.folder / "plugged_1.0_amd64.deb"
    succeeded(run(["dpkg-deb", f"-Z{compression}", "--root-owner-group", "--build", tree, deb]))
    return deb


def listing(deb: Path) -> dict[str, list[str]]:
    """Name -> mode and owner, size, date and time of what a Debian package installs."""
    lines = succeeded(run(["dpkg-deb", "--contents", deb])).splitlines()
    return {line.split()[5]: [*line.split()[:2], *line.split()[3:5]] for line in lines}


@pytest.mark.parametrize("compression", ["xz", "gzip", "none", "zstd"])
def test_a_debian_package_is_one_set_and_stays_one(plain: Plain, compression: str) -> None:
    deb = deb_of(plain, compression)
    outcome = plain.repair(deb)
    result = plain.out / deb.name
    before, after = listing(deb), listing(result)
    added = {"./usr/lib/plugged/", "./usr/lib/plugged/libsymver_pin_compat.so"}
    assert after.keys() - before.keys() == added and before.keys() <= after.keys()
    assert {name: after[name] for name in before} == before  # mode, owner and time of all files
    tree = plain.folder / "unpacked"
    succeeded(run(["dpkg-deb", "--raw-extract", result, tree]))
    succeeded(run(["md5sum", "--check", "--quiet", "DEBIAN/md5sums"], cwd=tree))
    listed = {line.split("  ")[1] for line in (tree / "DEBIAN/md5sums").read_text().splitlines()}
    assert listed == {str(p.relative_to(tree)) for p in (tree / "usr").rglob("*") if p.is_file()}
    control = (tree / "DEBIAN/control").read_text()
    assert "\nPre-Depends: libc6 (>= 2.17), dpkg\n" in control
    assert (
        "\nDepends: libc6 (>= 2.17) | libc6-other, libstdc++6 (>= 12),\n zlib1g (>= 1:1.2), libc6 (>= 2.4)\n" in control
    )
    assert int(control.partition("Installed-Size: ")[2].split()[0]) > 100
    assert any("libc6 (>= 2.17) instead of libc6 (>= 2.36)" in file.note for file in outcome.files)
    assert all(file.verdict == "ok" for file in verify([result], "2.17").files)
    (tree / "DEBIAN/control").unlink()
    (tree / "DEBIAN/md5sums").unlink()
    assert succeeded(run_tree(plain, tree, "usr/bin/host")) == "42\n"
    again = repair([result], "2.17", plain.folder / "again")
    assert {file.status for file in again.files} == {"fine"}
    assert (plain.folder / "again" / deb.name).read_bytes() == result.read_bytes()


def test_dpkg_installs_and_verifies_the_package(plain: Plain) -> None:
    result = deb_of(plain)
    repair([result], "2.17", in_place=True)
    root = plain.folder / "root"
    for name in ("info", "updates", "triggers"):
        (root / "var/lib/dpkg" / name).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    dpkg = ["dpkg", f"--root={root}", "--force-not-root", "--force-depends"]
    succeeded(run([*dpkg, "--install", result], {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}))
    assert succeeded(run([*dpkg, "--verify", "plugged"])) == ""
    assert succeeded(run([root / "usr/bin/host"])) == "42\n"


def test_runtimes_that_are_shipped_are_no_dependencies() -> None:
    fields, notes = new_control(CONTROL, Release(2, 17), {"libstdc++6"}, 2048)
    assert "\nDepends: libc6 (>= 2.17) | libc6-other,\n zlib1g (>= 1:1.2), libc6 (>= 2.4)\nDescription" in fields
    assert "Installed-Size: 102\n" in fields
    assert "no longer depends on libstdc++6 (>= 12)" in notes


def test_files_of_bin_find_the_library_where_bin_is_no_link(plain: Plain) -> None:
    need_tool("dpkg-deb")
    tree = tree_of(plain, ".", "lib/x86_64-linux-gnu/libplugin.so", "$ORIGIN/../lib/x86_64-linux-gnu")
    (tree / "share/text").unlink()
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(CONTROL)
    deb = plain.folder / "plugged_1.0_amd64.deb"
    succeeded(run(["dpkg-deb", "--build", tree, deb]))
    plain.repair(deb)
    assert "./lib/plugged/libsymver_pin_compat.so" in listing(plain.out / deb.name)
    unpacked = plain.folder / "unpacked"
    succeeded(run(["dpkg-deb", "--extract", plain.out / deb.name, unpacked]))
    assert succeeded(run_tree(plain, unpacked, "bin/host")) == "42\n"
    merged = plain.folder / "merged"
    for name in ("bin", "lib"):
        (merged / "usr").mkdir(parents=True, exist_ok=True)
        (unpacked / name).rename(merged / "usr" / name)
        (merged / name).symlink_to(f"usr/{name}")
    assert succeeded(run([merged / "bin/host"])) == "42\n"


def npm_package_of(plain: Plain, extra: bytes = b"") -> Path:
    """An npm package with an addon per platform, as `npm pack` writes it."""
    tree = plain.folder / "package"
    (tree / "prebuilds/linux-x64").mkdir(parents=True)
    plain.build(plain.write("plugin.c", PLUGIN), mode="shared").rename(tree / "prebuilds/linux-x64/addon.node")
    (tree / "index.js").write_text("module.exports = require('./prebuilds/linux-x64/addon.node');\n")
    (tree / "package.json").write_text('{"name": "plugged", "version": "1.0.0"}\n')
    if extra:
        (tree / "prebuilds/linux-x64/refused.node").write_bytes(extra)
    npm = need_tool("npm")
    succeeded(run([npm, "pack", "--silent", "--offline", "--pack-destination", plain.folder], cwd=tree))
    return plain.folder / "plugged-1.0.0.tgz"


def test_an_npm_package_is_one_set_and_npm_installs_it(plain: Plain) -> None:
    package = npm_package_of(plain)
    plain.repair(package)
    result = plain.out / package.name
    with tarfile.open(package) as old, tarfile.open(result) as new:
        assert new.getnames() == [*old.getnames(), "package/libsymver_pin_compat.so"]
        for entry in old:
            other = new.getmember(entry.name)
            assert (other.mode, other.uid, other.mtime) == (entry.mode, entry.uid, entry.mtime)
            if not entry.name.endswith(".node"):
                one, two = old.extractfile(entry), new.extractfile(other)
                assert one is not None and two is not None and one.read() == two.read()
    assert all(file.verdict == "ok" for file in verify([result], "2.17").files)
    work = plain.folder / "work"
    work.mkdir()
    succeeded(run([need_tool("npm"), "install", "--offline", "--no-audit", "--no-fund", result], cwd=work))
    host = HOST.replace("./plugin.so", "node_modules/plugged/prebuilds/linux-x64/addon.node")
    plain.build(plain.write("host.c", host)).rename(work / "host")
    assert succeeded(run(["./host"], cwd=work)) == "42\n"


def test_members_of_a_package_can_be_excluded(plain: Plain) -> None:
    program = plain.build(plain.write("absent.c", ABSENT), output="absent")
    package = npm_package_of(plain, program.read_bytes())
    done = symver_pin_command("repair", "--glibc", "2.17", package, "-o", plain.out)
    assert done.returncode == 1 and "refused.node: REFUSED" in done.stdout and not plain.out.exists()
    assert repair([package], "2.17", plain.out, exclude=["refused.node"]).exit_status == 0
    with tarfile.open(plain.out / package.name) as result:
        kept = result.extractfile("package/prebuilds/linux-x64/refused.node")
        assert kept is not None and kept.read() == program.read_bytes()


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tar.xz", ".tar.bz2"])
def test_a_tarball_keeps_its_compression_links_and_long_names(plain: Plain, suffix: str) -> None:
    tree = tree_of(plain, "app", "app/lib/libplugin.so", "$ORIGIN/../lib")
    (tree / "app/bin/link").symlink_to("host")
    long = f"{'long-' * 30}.so"
    (tree / "app/lib/libplugin.so").rename(tree / "app/lib" / long)
    (tree / "app/lib/libplugin.so").symlink_to(long)
    tarball = plain.folder / f"app{suffix}"
    succeeded(run(["tar", "--create", "--auto-compress", f"--file={tarball}", "app"], cwd=tree))
    plain.repair(tarball)
    result = plain.out / tarball.name
    assert result.read_bytes()[:3] == tarball.read_bytes()[:3]
    unpacked = plain.folder / "unpacked"
    unpacked.mkdir()
    succeeded(run(["tar", "--extract", f"--file={result}"], cwd=unpacked))
    assert (unpacked / "app/bin/link").readlink() == Path("host")
    assert (unpacked / "app/libsymver_pin_compat.so").exists()
    assert succeeded(run([unpacked / "app/bin/host"])) == "42\n"


@pytest.mark.parametrize("change", ["truncated", "no deb", "signed", "no control"])
def test_a_broken_debian_package_is_one_line(plain: Plain, change: str) -> None:
    deb = deb_of(plain)
    data = deb.read_bytes()
    if change == "truncated":
        deb.write_bytes(data[:-5000])
    elif change == "no deb":
        deb.write_bytes(b"no ar archive\n")
    elif change == "no control":
        deb.write_bytes(data[:8] + data[8:].replace(b"control.tar.xz", b"another.tar.xz", 1))
    else:
        succeeded(run(["ar", "q", deb, plain.write("_gpgorigin", "signature\n")]))
    done = symver_pin_command("repair", "--glibc", "2.17", deb, "-o", plain.out)
    assert done.returncode == 2 and not plain.out.exists()
    assert done.stderr.startswith("symver-pin: error: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("data", [b"", b"text", b"\x1f\x8b\x08" + bytes(40), b"x" * 600])
def test_a_broken_tarball_is_one_line(plain: Plain, data: bytes) -> None:
    tarball = plain.folder / "broken.tgz"
    tarball.write_bytes(data)
    done = symver_pin_command("repair", "--glibc", "2.17", tarball, "-o", plain.out)
    assert done.returncode == 2 and not plain.out.exists()
    assert done.stderr.startswith("symver-pin: error: ") and done.stderr.count("\n") == 1
