"""What connects a build system to a kit works by itself: the variables and files that it gives, and the way it runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from conftest import RunOn217, need_tool, succeeded
from pinning import check_fits
from symver_pin.builds.system import KitRequest
from symver_pin.builds.systems import SYSTEMS
from symver_pin.glibc.maps import default_maps
from symver_pin.kit.cache import ensure_kit


@pytest.fixture
def request_for_217() -> KitRequest:
    maps = default_maps()
    return KitRequest(
        maps.target("2.17"), None, None, False, maps, lambda target, arch, cc: ensure_kit(target, arch, cc, maps)
    )


def test_the_variables_of_cc_make_a_plain_makefile_build_for_the_target(
    request_for_217: KitRequest, tmp_path: Path, run_on_217: RunOn217
) -> None:
    (tmp_path / "hello.c").write_text('#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n')
    (tmp_path / "Makefile").write_text("CC ?= cc\nhello: hello.c\n\t$(CC) -O2 -o $@ $<\n")
    variables = SYSTEMS["cc"].variables(request_for_217)
    assert variables.keys() == {"CC", "CXX", "FC", "F77"} and not SYSTEMS["cc"].files(request_for_217)
    succeeded(
        subprocess.run(
            [need_tool("make")], cwd=tmp_path, env={**os.environ, **variables}, capture_output=True, text=True
        )
    )
    check_fits(tmp_path / "hello")
    assert succeeded(run_on_217(tmp_path / "hello")) == "hello\n"


@pytest.mark.parametrize("way", ["variables", "files"])
def test_cargos_variables_and_its_file_each_make_a_plain_cargo_build_for_the_target(
    way: str, request_for_217: KitRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.rs").write_text('fn main() { println!("hello"); }\n')
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "hello"\nversion = "1.0.0"\nedition = "2021"\n')
    environment = dict(os.environ)
    if way == "variables":
        environment |= SYSTEMS["cargo"].variables(request_for_217)
    else:
        for path, text in SYSTEMS["cargo"].files(request_for_217).items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
    succeeded(
        subprocess.run([need_tool("cargo"), "build", "--offline"], env=environment, capture_output=True, text=True)
    )
    check_fits(tmp_path / "target/debug/hello")
