"""Render the cargo configuration that makes a plain ``cargo build`` use a kit."""

import json

from symver_pin.elf.arch import find_arch
from symver_pin.gen.kit import Kit
from symver_pin.resources import cargo_template_dir
from symver_pin.templates import render


def render_config(kit: Kit) -> str:
    """The text of ``.cargo/config.toml``. TOML's basic strings are quoted as JSON's are."""
    target = find_arch(kit.arch).rust_target
    return render(
        "config.toml.j2",
        cargo_template_dir(),
        target=kit.glibc,
        rust_target=target,
        rust_target_plain=target.replace("-", "_"),
        driver_cc=json.dumps(str(kit.driver("cc"))),
        driver_cxx=json.dumps(str(kit.driver("c++"))),
    )
