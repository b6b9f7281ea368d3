"""``doctor``: report what this host has and what works on it."""

from __future__ import annotations

import sys

from symver_pin.command_line.kit_options import add_kit_options
from symver_pin.command_line.options import arch_of, maps_of, target_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.doctor import examine
from symver_pin.report.doctor import render_doctor


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Report what this host has (glibc, compilers, linkers, Rust) and try each supported path with a real link.",
        "  symver-pin doctor --glibc 2.19",
    )
    add_kit_options(parser)


def run(options: Options) -> int:
    """Print the findings; 1 when a path that should work does not."""
    maps = maps_of(options)
    findings = examine(target_of(options, maps), arch_of(options), options.cc, maps)
    sys.stdout.write(render_doctor(findings))
    return 0 if all(finding.ok for finding in findings) else 1
