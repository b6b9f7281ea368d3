"""``cargo-config``: print a cargo configuration, merge it into a file, or compare it with a file."""

from __future__ import annotations

import sys
from pathlib import Path

from symver_pin.builds.cargo.config_file import default_file, render_config, updated
from symver_pin.builds.cargo.kits import pin_all
from symver_pin.builds.cargo.settings import no_settings
from symver_pin.command_line.kit_options import add_kit_options, add_static_libgcc, request_of
from symver_pin.command_line.options import arch_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.errors import UsageError
from symver_pin.files import write_atomic


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Print a cargo configuration that makes a plain cargo build use the kit; or set its values into an existing "
        "file.",
        "  symver-pin cargo-config --glibc 2.19 > .cargo/config.toml\n"
        "  symver-pin cargo-config --target aarch64-unknown-linux-gnu.2.17 --merge\n"
        "  symver-pin cargo-config --glibc 2.19 --check || symver-pin cargo-config --glibc 2.19 --merge",
    )
    add_kit_options(parser)
    add_static_libgcc(parser)
    parser.add_argument(
        "--target",
        metavar="T",
        action="append",
        default=[],
        help="a Rust target, with its glibc behind it or not (TRIPLE.2.17); repeatable; default this machine's",
    )
    parser.add_argument(
        "--merge",
        metavar="FILE",
        nargs="?",
        const="",
        help="set the values into FILE (default .cargo/config.toml); everything else in it stays",
    )
    parser.add_argument(
        "--check",
        metavar="FILE",
        nargs="?",
        const="",
        help="write nothing; status 1 when FILE does not have the values",
    )


def run(options: Options) -> int:
    """Print, merge or check; 1 when ``--check`` finds a difference."""
    if options.merge is not None and options.check is not None:
        raise UsageError("--merge writes and --check only compares; give one of them")
    request = request_of(options)
    targets = options.target or [arch_of(options).rust_target]
    named = options.merge if options.merge is not None else options.check
    if named is None:
        sys.stdout.write(render_config(pin_all(targets, no_settings({}), request)))
        return 0
    file = Path(named) if named else default_file()
    text, differences = updated(file, lambda settings: pin_all(targets, settings, request))
    if options.check is not None:
        sys.stderr.writelines(f"{file}: {item.key} is not {item.value}\n" for item in differences)
        return int(bool(differences))
    if differences:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(file, text.encode())
    sys.stderr.writelines(f"{file}: {item.key} = {item.value}\n" for item in differences)
    return 0
