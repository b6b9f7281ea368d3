"""What packages promise: the tag of a wheel, conda's, npm's and Debian's metadata, compared with the files."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import zstandard

from conftest import need_tool, succeeded
from pinning import run, symver_pin_command
from symver_pin import verify
from symver_pin.cli import main
from symver_pin.glibc.release import Release
from symver_pin.promises.metadata import conda_promise, debian_promise, npm_promise
from symver_pin.promises.promise import Promise
from symver_pin.promises.wheel_name import parse_wheel_name

from .programs import compile_library

MODULE = "pkg/module.so"


@pytest.fixture(autouse=True)
def without_a_target_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SYMVER_PIN_GLIBC", raising=False)


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that needs statx, of glibc 2.28."""
    folder = tmp_path_factory.mktemp("newer")
    source = "extern int statx(); int module(void) { return statx(0, 0, 0, 0, 0); }"
    return compile_library(folder, "module.so", source)


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that loads on every glibc."""
    return compile_library(
        tmp_path_factory.mktemp("older"), "module.so", "extern int puts(); int module(void) { return puts(0); }"
    )


def wheel(folder: Path, platform: str, library: Path) -> Path:
    """A wheel with one library; it has no metadata, which the verifier does not read."""
    path = folder / f"pkg-1.0-cp311-cp311-{platform}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(library, MODULE)
    return path


def tar_of(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def kinds(*words: str | Path) -> tuple[int, list[list[str]]]:
    """The exit status of `verify`, and the kinds of findings of each file that fail or are of promises."""
    output = Path(words[0]).with_suffix(".report.json")
    output.unlink(missing_ok=True)
    status = main(["verify", "--format", "json", "-o", str(output), *map(str, words)])
    wanted = {"promise-broken", "no-promise", "for-musl"}
    files = json.loads(output.read_text())["files"] if output.exists() else []
    found = [[f["kind"] for f in file["findings"] if f["fails"] or f["kind"] in wanted] for file in files]
    return status, found


@pytest.mark.parametrize(
    ("platform", "release", "policy", "libc"),
    [
        ("manylinux_2_17_x86_64.manylinux2014_x86_64", Release(2, 17), "manylinux_2_17", "glibc"),
        ("manylinux1_x86_64", Release(2, 5), "manylinux_2_5", "glibc"),
        ("manylinux_2_28_x86_64.manylinux_2_12_x86_64", Release(2, 12), "manylinux_2_12", "glibc"),
        ("manylinux_2_17_x86_64.musllinux_1_1_x86_64", Release(2, 17), "manylinux_2_17", "glibc"),
        ("musllinux_1_2_aarch64", None, "", "musl"),
        ("linux_x86_64", None, "", ""),
        ("any", None, "", ""),
        ("manylinux2099_x86_64", None, "", ""),
        ("macosx_11_0_arm64", None, "", ""),
    ],
)
def test_a_wheel_promises_the_oldest_release_of_its_tags(
    platform: str, release: Release | None, policy: str, libc: str
) -> None:
    named = parse_wheel_name(f"a_b-1.0-1-py3-none-{platform}.whl")
    assert named is not None and (named.name, named.tags, named.platform) == ("a_b", "py3-none", platform)
    promise = named.promise
    assert (promise.glibc, promise.policy, promise.libc) == (release, policy, libc)
    assert parse_wheel_name("a_b-1.0.tar.gz") is None


@pytest.mark.parametrize(
    ("platform", "words", "status", "found"),
    [
        ("manylinux_2_28_x86_64", [], 0, []),
        ("manylinux_2_34_x86_64", [], 0, []),
        ("manylinux2014_x86_64", [], 1, ["missing-version", "above-maximum", "promise-broken"]),
        ("manylinux2014_x86_64", ["--policy", "tag"], 1, ["missing-version", "above-maximum", "promise-broken"]),
        # It loads on the chosen target, and breaks its promise all the same.
        ("manylinux2014_x86_64", ["--glibc", "2.36"], 1, ["above-maximum", "promise-broken"]),
        # It keeps its promise, and does not load on the chosen target.
        ("manylinux_2_28_x86_64", ["--glibc", "2.17"], 1, ["missing-version"]),
        ("manylinux2014_x86_64", ["--glibc", "2.36", "--policy", "none"], 0, []),
        ("manylinux2014_x86_64", ["--policy", "manylinux_2_28"], 0, []),
        # manylinux_2_30 is no policy of auditwheel's: the release alone is compared.
        ("manylinux_2_30_x86_64", [], 0, []),
        ("manylinux_2_20_x86_64", [], 1, ["missing-version", "promise-broken"]),
        ("linux_x86_64", ["--glibc", "2.36"], 0, ["no-promise"]),
        ("any", ["--glibc", "2.36"], 0, ["no-promise"]),
        ("musllinux_1_2_x86_64.manylinux_2_28_x86_64", [], 0, []),
    ],
)
def test_a_wheel_is_compared_with_its_tag(
    platform: str, words: list[str], status: int, found: list[str], newer: Path, tmp_path: Path
) -> None:
    path = wheel(tmp_path, platform, newer)
    assert kinds(path, *words) == (status, [found])


def test_each_wheel_is_verified_for_its_own_release(newer: Path, older: Path, tmp_path: Path) -> None:
    new, old = wheel(tmp_path, "manylinux_2_28_x86_64", newer), wheel(tmp_path, "manylinux2014_x86_64", older)
    done = symver_pin_command("verify", new, old)
    said = succeeded(done).splitlines()
    assert f"{new}!/{MODULE}: ok on manylinux_2_28 (glibc 2.28)" in said[0]
    assert any(f"{old}!/{MODULE}: ok on manylinux2014 (glibc 2.17)" in line for line in said)
    assert said[-1].startswith("2 files: 2 ok on the glibc of each package; all of them load from glibc 2.28 on")
    report = json.loads(symver_pin_command("verify", "--format", "json", new).stdout)
    assert report["target"]["glibc"] == "2.28" and report["files"][0]["promise"] == "tag manylinux_2_28_x86_64"
    both = json.loads(symver_pin_command("verify", "--format", "json", new, old).stdout)
    assert [file["target"]["glibc"] for file in both["files"]] == ["2.28", "2.17"]


def test_a_wheel_in_an_archive_keeps_its_promise(newer: Path, older: Path, tmp_path: Path) -> None:
    wheels = [wheel(tmp_path, "manylinux2014_x86_64", newer), wheel(tmp_path, "manylinux_2_28_x86_64", older)]
    bundle = tmp_path / "dist.tar"
    bundle.write_bytes(tar_of({f"dist/{path.name}": path.read_bytes() for path in wheels}))
    assert kinds(bundle) == (1, [["missing-version", "above-maximum", "promise-broken"], []])


def test_a_violated_tag_is_named_in_the_text(newer: Path, tmp_path: Path) -> None:
    path = wheel(tmp_path, "manylinux2014_x86_64", newer)
    done = symver_pin_command("verify", path)
    assert done.returncode == 1
    assert "FAILS on manylinux2014 (glibc 2.17), VIOLATES tag manylinux2014_x86_64" in done.stdout
    assert "tag manylinux2014_x86_64 promises glibc 2.17, and the file loads from glibc 2.28 on" in done.stdout


def test_a_wheel_for_musl_is_passed_over_and_said_so(older: Path, tmp_path: Path) -> None:
    musl, glibc = wheel(tmp_path, "musllinux_1_2_x86_64", older), wheel(tmp_path, "manylinux2014_x86_64", older)
    done = symver_pin_command("verify", musl)
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first == (
        f"note: {musl}: is for musl (tag musllinux_1_2_x86_64); only files for glibc are verified; passed over"
    )
    assert second == f"symver-pin: error: {musl}: holds nothing for glibc; nothing was verified"
    done = symver_pin_command("verify", musl, glibc)
    assert f"note: {musl}: is for musl" in succeeded(done)


def test_policy_tag_needs_a_promise(older: Path) -> None:
    done = symver_pin_command("verify", "--policy", "tag", older)
    assert done.returncode == 2
    assert done.stderr == (
        f"symver-pin: error: --policy tag: {older}: is no package that says which glibc it needs; name a policy or "
        "--glibc\n"
    )


def test_the_api_compares_with_the_tag_too(newer: Path, tmp_path: Path) -> None:
    path = wheel(tmp_path, "manylinux2014_x86_64", newer)
    assert "promise-broken" in [finding.kind for finding in verify([path], "2.36").files[0].findings]
    assert verify([path], "2.36", policy="none").exit_status == 0
    assert verify([path], "2.36", policy="manylinux_2_28").exit_status == 0


@pytest.mark.parametrize(
    ("document", "promise"),
    [
        ({"depends": ["__glibc >=2.17,<3.0.a0", "libgcc >=13"]}, ("__glibc >=2.17,<3.0.a0", Release(2, 17))),
        ({"depends": [], "constrains": ["__glibc >=2.28"]}, ("__glibc >=2.28", Release(2, 28))),
        ({"depends": ["__glibc >=2.17", "__glibc >=2.28"]}, ("__glibc >=2.28", Release(2, 28))),
        ({"depends": ["__glibc"]}, None),
        ({"depends": ["python >=3.11"]}, None),
        (["no object"], None),
    ],
)
def test_conda_promises_by_the_virtual_package(document: object, promise: tuple[str, Release] | None) -> None:
    found = conda_promise(json.dumps(document).encode())
    assert found == (None if promise is None else Promise(promise[0], "glibc", promise[1]))


@pytest.mark.parametrize(
    ("document", "promise"),
    [
        ({"libc": ["glibc"]}, Promise("libc: glibc", "")),
        ({"libc": ["musl"]}, Promise("libc: musl", "musl")),
        ({"libc": "musl"}, Promise("libc: musl", "musl")),
        ({"libc": ["glibc"], "config": {"glibc": ">=2.26"}}, Promise("config.glibc >=2.26", "glibc", Release(2, 26))),
        ({"engines": {"node": ">=18", "glibc": ">=2.28"}}, Promise("engines.glibc >=2.28", "glibc", Release(2, 28))),
        ({"engines": {"musl": ">=1.2.2"}}, Promise("engines.musl", "musl")),
        ({"engines": {"node": ">=18"}}, None),
        ({"engines": ["node >=18"], "libc": 3}, None),
    ],
)
def test_npm_promises_by_libc_and_engines(document: object, promise: Promise | None) -> None:
    assert npm_promise(json.dumps(document).encode()) == promise


@pytest.mark.parametrize(
    ("fields", "promise"),
    [
        ("Depends: libc6 (>= 2.34), zlib1g", ("libc6 (>= 2.34)", Release(2, 34))),
        ("Depends: libgcc-s1,\n libc6 (>= 2.28-1~)", ("libc6 (>= 2.28-1~)", Release(2, 28))),
        ("Depends: libc6 (>= 2.34) | libc6.1 (>= 2.17)", ("libc6.1 (>= 2.17)", Release(2, 17))),
        ("Pre-Depends: libc6 (>= 2.17)\nDepends: libc6 (>= 2.4)", ("libc6 (>= 2.17)", Release(2, 17))),
        ("Depends: libc6 (>= 2.17) | other", None),
        ("Depends: libc6", None),
        ("Description: x\n Depends: libc6 (>= 2.34)", None),
    ],
)
def test_debian_promises_by_depends(fields: str, promise: tuple[str, Release] | None) -> None:
    found = debian_promise(f"Package: x\n{fields}\n".encode())
    assert found == (None if promise is None else Promise(f"Depends: {promise[0]}", "glibc", promise[1]))


def conda_package(folder: Path, library: Path, limit: str, form: str) -> Path:
    """A conda package, in its old form or in the new one, whose two parts are archives of their own."""
    index = json.dumps({"name": "pkg", "subdir": "linux-64", "depends": [f"__glibc {limit}"]}).encode()
    files = {"lib/module.so": library.read_bytes()}
    if form == "tar.bz2":
        import bz2

        path = folder / "pkg-1.0-0.tar.bz2"
        path.write_bytes(bz2.compress(tar_of({**files, "info/index.json": index})))
        return path
    path = folder / "pkg-1.0-0.conda"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", '{"conda_pkg_format_version": 2}')
        archive.writestr("pkg-pkg-1.0-0.tar.zst", zstandard.compress(tar_of(files)))
        archive.writestr("info-pkg-1.0-0.tar.zst", zstandard.compress(tar_of({"info/index.json": index})))
    return path


@pytest.mark.parametrize("form", ["tar.bz2", "conda"])
def test_a_conda_package_is_compared_with_its_glibc(form: str, newer: Path, tmp_path: Path) -> None:
    for limit, status, found in ((">=2.17", 1, ["missing-version", "promise-broken"]), (">=2.28", 0, [])):
        path = conda_package(tmp_path, newer, limit, form)
        assert kinds(path) == (status, [found]), limit
    path = conda_package(tmp_path, newer, ">=2.17", form)
    assert kinds(path, "--glibc", "2.36") == (1, [["promise-broken"]])


@pytest.mark.parametrize(
    ("metadata", "status", "found"),
    [
        ({"libc": ["musl"]}, 2, []),
        ({"libc": ["glibc"]}, 0, [["no-promise"]]),
        ({"config": {"glibc": ">=2.26"}}, 1, [["promise-broken"]]),
        ({"config": {"glibc": ">=2.31"}}, 0, [[]]),
    ],
)
def test_an_npm_package_is_compared_with_its_libc(
    metadata: dict[str, object], status: int, found: list[list[str]], newer: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    shutil.copy(newer, folder / "addon.node")
    text = json.dumps({"name": "pkg", "version": "1.0.0", "files": ["addon.node"], **metadata})
    (folder / "package.json").write_text(text)
    succeeded(run([need_tool("npm"), "pack", "--silent", "--offline"], cwd=folder))
    assert kinds(folder / "pkg-1.0.0.tgz", "--glibc", "2.36") == (status, found)


@pytest.mark.parametrize(("depends", "status", "found"), [("2.17", 1, ["promise-broken"]), ("2.28", 0, [])])
def test_a_debian_package_is_compared_with_its_dependency(
    depends: str, status: int, found: list[str], newer: Path, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "usr/lib").mkdir(parents=True)
    shutil.copy(newer, root / "usr/lib/module.so")
    control = "Package: x\nVersion: 1\nArchitecture: amd64\nMaintainer: n <n@example.org>\nDescription: x\n"
    (root / "DEBIAN/control").write_text(f"{control}Depends: libc6 (>= {depends})\n")
    package = tmp_path / "x.deb"
    succeeded(run([need_tool("dpkg-deb"), "--build", root, package]))
    assert kinds(package, "--glibc", "2.36") == (status, [found])
    assert kinds(package)[0] == status
