"""A package that a registry lists and does not have: retried, looked for elsewhere, and said with its reason."""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import cache
import clients
import debian_archive
import library_sets
import npm_package
import runtimes
from debian_archive import download_packages
from library_sets import LibrarySet
from locked_project import copy_locked
from maps.real_libraries import read_libraries
from python_packages import pip_download
from served import PACKAGES, served, uncount
from unavailable import NotServed, Unavailable

from .loopback import NPM_PACKAGE, NPM_VERSION, Registry, deb, npm_tarball, serving, write_sources

Serve = Callable[[Registry], str]


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """`serve(registry)`: this machine's mirrors and registries are that one, and the cache is empty."""
    with contextlib.ExitStack() as servers:

        def start(registry: Registry) -> str:
            address = servers.enter_context(serving(registry))
            apt = write_sources(tmp_path / "etc-apt", address, debian_archive.host_suites())
            monkeypatch.setattr(debian_archive, "APT", apt)
            monkeypatch.setenv("NPM_CONFIG_REGISTRY", f"{address}/npm/")
            return address

        monkeypatch.setattr(clients, "PAUSES", (0.0, 0.0))
        monkeypatch.setenv("SYMVER_PIN_RUNTIMES", str(tmp_path / "cache"))
        monkeypatch.setenv("NPM_CONFIG_CACHE", str(tmp_path / "npm"))
        monkeypatch.setenv("NPM_CONFIG_FETCH_RETRIES", "0")
        yield start


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_packages_are_taken_from_the_suite_itself_first(serve: Serve, tmp_path: Path) -> None:
    serve(Registry({"trixie-security": "2.41-3"}))
    assert names(download_packages("trixie", ["libc6"], tmp_path)) == ["libc6_2.41-1_amd64.deb"]


def test_a_package_that_the_suite_does_not_have_is_taken_from_its_security_updates(
    serve: Serve, tmp_path: Path
) -> None:
    serve(Registry({"trixie-security": "2.41-3"}, refused="libc6_2.41-1_ppc64el"))
    found = download_packages("trixie", ["libc6", "libgcc-s1"], tmp_path, "ppc64el")
    assert names(found) == ["libc6_2.41-3_ppc64el.deb", "libgcc-s1_2.41-1_ppc64el.deb"]


def test_a_suite_without_a_place_for_updates_is_no_error(serve: Serve, tmp_path: Path) -> None:
    serve(Registry(refused="trixie-updates|debian-security"))
    assert names(download_packages("trixie", ["libc6"], tmp_path)) == ["libc6_2.41-1_amd64.deb"]


def test_a_refusal_is_tried_again(serve: Serve, tmp_path: Path) -> None:
    serve(Registry(refused="libc6_", refusals=2))
    assert names(download_packages("trixie", ["libc6"], tmp_path)) == ["libc6_2.41-1_amd64.deb"]


def test_an_index_that_is_missing_for_a_moment_is_tried_again(serve: Serve, tmp_path: Path) -> None:
    serve(Registry(refused="dists/trixie", refusals=1))
    assert names(download_packages("trixie", ["libc6"], tmp_path)) == ["libc6_2.41-1_amd64.deb"]


def test_a_package_that_is_nowhere_is_said_with_the_answer(serve: Serve, tmp_path: Path) -> None:
    registry = Registry(refused="libc6_")
    serve(registry)
    with pytest.raises(NotServed, match=r"Debian trixie: libc6_2\.41-1_ppc64el\.deb: 404 Not Found$"):
        download_packages("trixie", ["libc6"], tmp_path, "ppc64el")
    assert registry.asked["/debian/pool/libc6_2.41-1_ppc64el.deb"] >= 3


def test_a_package_that_no_index_lists_is_said_so(serve: Serve, tmp_path: Path) -> None:
    serve(Registry())
    with pytest.raises(NotServed, match=r"cannot download nonesuch of Debian trixie: its index does not list it"):
        download_packages("trixie", ["nonesuch"], tmp_path)


def test_a_suite_that_is_not_there_is_said_so(serve: Serve, tmp_path: Path) -> None:
    serve(Registry(refused="."))
    with pytest.raises(NotServed, match=r"cannot download libc6 of Debian trixie: Debian trixie: .*404"):
        download_packages("trixie", ["libc6"], tmp_path)


def test_a_release_that_sid_no_longer_has_is_taken_from_testing(serve: Serve, tmp_path: Path) -> None:
    registry = Registry({"sid": "2.44-1", "forky": "2.43-7"})
    serve(registry)
    assert names(download_packages("forky", ["libc6"], tmp_path / "a", version="2.43")) == ["libc6_2.43-7_amd64.deb"]
    with pytest.raises(NotServed, match=r"Debian sid has libc6 2\.44-1 now, not 2\.43"):
        download_packages("sid", ["libc6"], tmp_path / "b", version="2.43")
    # The runtime is looked for in both; the loopback registry's libc6 has no library in it.
    with pytest.raises(Unavailable, match=r"contains no libc\.so\.6"):
        runtimes.get_root("2.43")
    assert registry.asked["/debian/pool/libc6_2.43-7_amd64.deb"] >= 2


def test_a_runtime_that_nobody_has_any_more_is_not_served(serve: Serve) -> None:
    serve(Registry({"sid": "2.44-1", "forky": "2.44-1"}))
    with pytest.raises(NotServed, match=r"Debian sid has libc6 2\.44-1 now, not 2\.43"):
        runtimes.get_root("2.43")


@pytest.fixture
def trixie_ppc64el() -> LibrarySet:
    (found,) = (each for each in library_sets.SETS if str(each) == "trixie/ppc64el")
    return found


def test_the_next_releases_packages_stand_in_for_a_set(serve: Serve, trixie_ppc64el: LibrarySet) -> None:
    serve(Registry({"forky": "2.43-7"}, refused="libc6_2.41"))
    assert [path.name for path in library_sets.fetch(trixie_ppc64el).glob("libc6_*")] == ["libc6_2.43-7_ppc64el.deb"]
    reason = library_sets.why_not(trixie_ppc64el)
    assert reason == "Debian trixie: libc6_2.41-1_ppc64el.deb: 404 Not Found; forky used instead"


def test_a_set_of_a_newer_glibc_than_the_tables_is_not_compared(serve: Serve) -> None:
    serve(Registry())
    (sid,) = (each for each in library_sets.SETS if str(each) == "sid/amd64")
    folder = library_sets.fetch(sid)
    (libc6,) = folder.glob("libc6_*")
    text = b"GNU C Library (Debian GLIBC 2.99-1) stable release version 2.99."
    libc6.write_bytes(deb("libc6", "2.99-1", "amd64", "./usr/lib/x86_64-linux-gnu/libc.so.6", text))
    with pytest.raises(NotServed, match=r"^sid has glibc 2\.99 now, and the tables end at 2\.\d+: run `make maps`$"):
        read_libraries(sid)


def test_a_refusal_is_remembered_until_it_is_forgotten(serve: Serve, trixie_ppc64el: LibrarySet) -> None:
    registry = Registry(refused="libstdc")
    serve(registry)
    for _ in range(2):
        with pytest.raises(NotServed, match=r"libstdc\+\+6_2\.41-1_ppc64el\.deb: 404 Not Found"):
            library_sets.fetch(trixie_ppc64el)
        asked, registry.asked = registry.asked, Counter()
    assert not asked
    registry.refused = re.compile("(?!)")
    cache.forget_refusals()
    assert len(list(library_sets.fetch(trixie_ppc64el).iterdir())) == 3
    assert not list(cache.cache_dir().rglob(".refused-*"))


def test_too_few_sets_are_an_error_and_so_is_a_required_one() -> None:
    def problem(*names: str) -> str:
        missing = {each: "404" for each in library_sets.SETS if str(each) in names}
        assert len(missing) == len(names)
        return library_sets.floor_problem(missing)

    assert problem() == problem("trixie/ppc64el", "sid/loong64") == ""
    assert problem("trixie/amd64") == "required library sets are not available: trixie/amd64 (404)"
    assert "sysroot-2.17/arm64 (404)" in problem("sysroot-2.17/arm64", "sid/s390x")
    others = [str(each) for each in library_sets.SETS if not each.required]
    assert problem(*others[:9]) == "only 19 of 28 library sets are available; at least 20 are required"
    assert problem(*others[:8]) == ""


def test_an_npm_package_that_is_not_served_is_taken_from_npms_own_cache(serve: Serve, tmp_path: Path) -> None:
    registry = Registry()
    serve(registry)
    package, sha256 = f"{NPM_PACKAGE}@{NPM_VERSION}", hashlib.sha256(npm_tarball()).hexdigest()
    for folder, refused in (("first", "(?!)"), ("second", "."), ("third", ".")):
        (tmp_path / folder).mkdir()
        registry.refused = re.compile(refused)
        if folder == "third":
            shutil.rmtree(tmp_path / "npm")
            with pytest.raises(NotServed, match=rf"npm could not fetch {package}: 404"):
                npm_package.npm_pack(package, sha256, tmp_path / folder)
        else:
            assert npm_package.npm_pack(package, sha256, tmp_path / folder).read_bytes() == npm_tarball()


def test_an_npm_package_of_other_content_is_no_refusal(serve: Serve, tmp_path: Path) -> None:
    serve(Registry())
    with pytest.raises(Unavailable, match="not the one known here") as caught:
        npm_package.npm_pack(f"{NPM_PACKAGE}@{NPM_VERSION}", "0" * 64, tmp_path)
    assert not isinstance(caught.value, NotServed)


def test_a_wheel_that_is_not_served_ends_a_test_as_not_run(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", serve(Registry(refused=".")))
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(pytest.skip.Exception, match=r"not run, a-wheel is not available: pip cannot download none"):
        served(PACKAGES, "a-wheel", lambda: pip_download(["nonesuch==1"], tmp_path))
    uncount()


def test_crates_that_are_not_served_are_said_by_the_projects_name(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = serve(Registry(refused="."))
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "cargo-home"))
    monkeypatch.setenv("CARGO_NET_RETRY", "0")
    write(
        tmp_path / "cargo-home/config.toml",
        f'[source.crates-io]\nreplace-with = "loopback"\n[source.loopback]\nregistry = "sparse+{address}/crates/"\n',
    )
    write(tmp_path / "some-project/src/main.rs", "fn main() {}\n")
    write(
        tmp_path / "some-project/Cargo.toml",
        '[package]\nname = "x"\nversion = "1.0.0"\nedition = "2021"\n[dependencies]\nnonesuch = "1"\n',
    )
    write(tmp_path / "some-project/versions.lock", "version = 3\n")
    with pytest.raises(NotServed, match=r"^cargo cannot lock some-project: "):
        copy_locked(tmp_path / "some-project", tmp_path / "built")


def test_a_lock_file_that_cargo_cannot_read_is_no_refusal(tmp_path: Path) -> None:
    project = tmp_path / "some-project"
    write(project / "src/main.rs", "fn main() {}\n")
    write(project / "Cargo.toml", '[package]\nname = "x"\nversion = "1.0.0"\nedition = "2021"\n')
    write(project / "versions.lock", "version = 3\n[[package]]\nname = 1\n")
    write(tmp_path / "built/Cargo.lock", "version = 3\n[[package]]\nname = 1\n")
    with pytest.raises(Unavailable, match=r"^cargo cannot fetch the crates of some-project: ") as caught:
        copy_locked(project, tmp_path / "built")
    assert not isinstance(caught.value, NotServed)


def test_a_requirement_that_pip_cannot_read_is_no_refusal(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"^pip cannot download a b==: ") as caught:
        pip_download(["a b=="], tmp_path)
    assert not isinstance(caught.value, NotServed)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
