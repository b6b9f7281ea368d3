"""Real projects of each build system, in the versions that Debian 12, npm and Go's modules have.

Each row says where the source comes from, by which commands it is built, and what runs on the old glibc afterwards. The
commands are lines of sh in a copy of the source; `$SOURCES` is the folder with the sources of all the row's packages.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import NamedTuple

from cache import kept_folder
from clients import run_client
from conftest import succeeded
from debian_archive import download_source
from npm_package import npm_pack
from pinning import run
from served import PACKAGES, served

SUITE = "bookworm"


class RealProject(NamedTuple):
    """One row of the table."""

    name: str
    system: str
    """The build system, as the page calls it."""
    source: str
    """`debian:NAME`, `npm:NAME@VERSION` or `go:MODULE@VERSION`."""
    commands: str
    products: tuple[str, ...]
    """Files that must fit the target."""
    checks: tuple[tuple[str, ...], ...]
    """Commands that must say the same here and on the old glibc: a product and its arguments."""
    libraries: tuple[str, ...] = ()
    """Products that the programs load."""
    beside: tuple[str, ...] = ()
    """Debian sources that the commands need too."""
    is_quick: bool = False
    """True for the default run."""


RUN = "symver-pin run --glibc 2.17"

PROJECTS = (
    RealProject(
        "zlib",
        "own configure script, make",
        "debian:zlib",
        f"{RUN} -- ./configure\n{RUN} -- make -j2 libz.so.1.2.13 example64 examplesh",
        ("libz.so.1", "examplesh"),
        (("examplesh", "/tmp/symver-pin-world.gz"),),
        ("libz.so.1",),
        is_quick=True,
    ),
    RealProject(
        "libevent",
        "autotools",
        "debian:libevent",
        f"{RUN} -- ./configure --disable-openssl --disable-samples --disable-shared CFLAGS='-g -O2 -std=gnu17'\n"
        f"{RUN} --verify test/regress -- sh -c 'make -j2 && make -j2 test/regress'",
        ("test/regress",),
        (("test/regress", "--no-fork", "--quiet", "util/ipv4_parse", "main/simpletimeout"),),
    ),
    RealProject(
        "curl",
        "autotools, libtool",
        "debian:curl",
        f"{RUN} -- ./configure --without-ssl --without-zlib --without-libpsl --disable-ldap --without-libidn2 "
        "--without-nghttp2 --without-brotli --without-zstd --without-librtmp --disable-static\n"
        f"{RUN} --verify src/.libs -- make -j2",
        ("src/.libs/curl", "lib/.libs/libcurl.so.4"),
        (("src/.libs/curl", "-sS", "-w", "%{scheme} %{errormsg}\\n", "file:///dev/null"),),
        ("lib/.libs/libcurl.so.4",),
    ),
    RealProject(
        "git",
        "make",
        "debian:git",
        f"(cd $SOURCES/zlib && {RUN} -- ./configure --static && {RUN} -- make -j2 libz.a)\n"
        f"{RUN} -- make -j2 git NO_OPENSSL=1 NO_CURL=1 NO_EXPAT=1 NO_GETTEXT=1 NO_TCLTK=1 NO_PERL=1 NO_PYTHON=1 "
        "NO_REGEX=1 'CFLAGS=-O1 -std=gnu17' CPPFLAGS=-I$SOURCES/zlib 'LDFLAGS=-L'$SOURCES/zlib",
        ("git",),
        (("git", "--version"), ("git", "hash-object", "--stdin"), ("git", "check-ref-format", "--branch", "main")),
        beside=("zlib",),
    ),
    RealProject(
        "redis",
        "make",
        "debian:redis",
        f"{RUN} --verify src -- make -j2 -C . MALLOC=libc OPTIMIZATION=-O1 BUILD_TLS=no USE_SYSTEMD=no",
        ("src/redis-server", "src/redis-cli"),
        (("src/redis-server", "--version"), ("src/redis-cli", "--version")),
    ),
    RealProject(
        "fmt",
        "CMake",
        "debian:fmtlib",
        f"{RUN} -- cmake -S . -B build -DFMT_TEST=OFF -DFMT_DOC=OFF -DBUILD_SHARED_LIBS=ON\n"
        f"{RUN} --verify build -- cmake --build build --parallel 2\n"
        f"printf '%s\\n' '#include <fmt/chrono.h>' '#include <fmt/core.h>' "
        "'int main() { fmt::print(\"{:.3f} {:%Y}\\n\", 6.25, std::chrono::system_clock::time_point{}); }' > use.cc\n"
        f"{RUN} -- sh -c '$CXX -std=c++17 -Iinclude -o use use.cc -Lbuild -lfmt'",
        ("build/libfmt.so.9", "use"),
        (("use",),),
        ("build/libfmt.so.9",),
    ),
    RealProject(
        "dav1d",
        "Meson",
        "debian:dav1d",
        f"{RUN} -- meson setup build -Denable_asm=false -Denable_tests=false --buildtype=debug\n"
        f"{RUN} --verify build -- meson compile -C build",
        ("build/src/libdav1d.so.6", "build/tools/dav1d"),
        (("build/tools/dav1d", "--version"),),
        ("build/src/libdav1d.so.6",),
    ),
    RealProject(
        "go-sqlite3",
        "Go",
        "go:github.com/mattn/go-sqlite3@v1.14.22",
        f"{RUN} --verify bin -- go build -o bin/ .",
        ("bin/use",),
        (("bin/use",),),
    ),
    RealProject(
        "bufferutil",
        "node-gyp, prebuildify",
        "npm:bufferutil@4.1.0",
        f"rm -rf prebuilds\n{RUN} -- npx node-gyp rebuild\n"
        f"{RUN} --verify prebuilds -- npx prebuildify --napi --strip --target=20.0.0",
        ("build/Release/bufferutil.node", "prebuilds/linux-x64/bufferutil.node"),
        (),
    ),
)
NPM_SHA256 = {"bufferutil@4.1.0": "19af5978088739b8baf861a95ab4a1feb69a2d30830ced707c37920591046a87"}

USE_SQLITE = """\
package main

import (
	"database/sql"
	"fmt"

	_ "github.com/mattn/go-sqlite3"
)

func main() {
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		panic(err)
	}
	var version string
	var sum int
	if err := db.QueryRow("with recursive n(i) as (values(1) union all select i + 1 from n where i < 100) " +
		"select sqlite_version(), sum(i) from n").Scan(&version, &sum); err != nil {
		panic(err)
	}
	fmt.Println(version, sum)
}
"""


def copy_source(project: RealProject, into: Path) -> tuple[Path, str]:
    """Copy the project's source to a folder of its name below `into`, with those it needs; the folder, the version."""
    for name in project.beside:
        shutil.copytree(_debian(name), into / name, symlinks=True)
    kind, _, name = project.source.partition(":")
    folder = into / project.name
    if kind == "go":
        return _go_module(name, folder), name.partition("@")[2]
    source = _debian(name) if kind == "debian" else _npm(name)
    shutil.copytree(source, folder, symlinks=True)
    return folder, name.rpartition("@")[2] if kind == "npm" else source.name.rpartition("-")[2].rpartition("_")[2]


def _debian(name: str) -> Path:
    def fill(folder: Path, download: Path) -> None:
        succeeded(run(["tar", "-xf", download_source(SUITE, name, download), "-C", folder]))

    kept = served(PACKAGES, f"source of {name}", lambda: kept_folder(f"source-{SUITE}-{name}", fill))
    (folder,) = kept.iterdir()
    return folder


def _npm(name: str) -> Path:
    def fill(folder: Path, download: Path) -> None:
        with tarfile.open(npm_pack(name, NPM_SHA256[name], download)) as archive:
            archive.extractall(folder, filter="data")

    return served(PACKAGES, name, lambda: kept_folder(f"source-npm-{name.replace('@', '-')}", fill)) / "package"


def _go_module(name: str, folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "go.mod").write_text("module example.com/use\n\ngo 1.19\n")
    (folder / "use.go").write_text(USE_SQLITE)
    fetch = ["env", f"GOMODCACHE={kept_folder('go-modules', lambda _folder, _scratch: None)}", "GOFLAGS=-mod=mod"]
    served(PACKAGES, name, lambda: run_client([*fetch, "go", "get", name], f"go cannot get {name}", folder))
    return folder
