"""``cargo``, ``rustflags``, ``cargo-config`` and ``cargo-init``: a kit's way into a Rust project."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from symver_pin.commands.arguments import Options, Parser
from symver_pin.commands.options import (
    add_arch,
    add_compiler,
    add_target,
    arch_of,
    kit_of,
    kit_options_of,
    parser,
    split_own_options,
    target_of,
)  # fmt: skip
from symver_pin.errors import UsageError

if TYPE_CHECKING:
    from symver_pin.toolchain.cargo.kits import Wish


def cargo(arguments: list[str]) -> int:
    """Run cargo, then verify what it made."""
    options_parser = parser(
        "cargo",
        "Run cargo with the kit as linker and as C compiler of crates. What build, "
        "rustc, run, test, bench, install and nextest make is verified. Options of ours stand "
        "before cargo's own.",
        "  symver-pin cargo --glibc 2.19 build --release\n"
        "  symver-pin cargo build --target aarch64-unknown-linux-gnu.2.17\n"
        "  symver-pin cargo --glibc 2.17 --arch aarch64 run\n"
        "  symver-pin cargo --glibc rhel7 --cc clang install --locked ripgrep\n"
        "  cargo symver-pin test --workspace",
    )
    add_target(options_parser)
    add_arch(options_parser)
    add_compiler(options_parser)
    _add_static_libgcc(options_parser)
    ours, theirs = split_own_options(options_parser, arguments)
    options = options_parser.parse_args(ours)
    from symver_pin.toolchain.cargo.run import run_cargo

    return run_cargo(theirs, _wish(options))


def rustflags(arguments: list[str]) -> int:
    """Print RUSTFLAGS."""
    options_parser = parser(
        "rustflags",
        "Print the kit's flags for rustc on one line.",
        '  RUSTFLAGS="$(symver-pin rustflags --glibc 2.19)" cargo build',
    )
    add_target(options_parser)
    add_arch(options_parser)
    add_compiler(options_parser)
    _add_static_libgcc(options_parser)
    options = options_parser.parse_args(arguments)
    from symver_pin.toolchain.flags import rust_flags

    sys.stdout.write(" ".join(rust_flags(kit_of(options), options.static_libgcc)) + "\n")
    return 0


def cargo_config(arguments: list[str]) -> int:
    """Print a cargo configuration, set it into a file, or compare it with a file."""
    options_parser = parser(
        "cargo-config",
        "Print a cargo configuration that makes a plain cargo build use the kit; "
        "or set its values into a file that is there already.",
        "  symver-pin cargo-config --glibc 2.19 > .cargo/config.toml\n"
        "  symver-pin cargo-config --target aarch64-unknown-linux-gnu.2.17 --merge\n"
        "  symver-pin cargo-config --glibc 2.19 --check || symver-pin cargo-config --glibc 2.19 "
        "--merge",
    )
    add_target(options_parser)
    add_arch(options_parser)
    add_compiler(options_parser)
    _add_static_libgcc(options_parser)
    options_parser.add_argument(
        "--target",
        metavar="T",
        action="append",
        default=[],
        help="a Rust target, with its glibc behind it or not (TRIPLE.2.17); repeatable; default this machine's",
    )
    options_parser.add_argument(
        "--merge",
        metavar="FILE",
        nargs="?",
        const="",
        help="set the values into FILE (default .cargo/config.toml); all else in it stays",
    )
    options_parser.add_argument(
        "--check",
        metavar="FILE",
        nargs="?",
        const="",
        help="write nothing; status 1 when FILE does not have the values",
    )
    options = options_parser.parse_args(arguments)
    if options.merge is not None and options.check is not None:
        raise UsageError("--merge writes and --check only compares; give one of them")
    from symver_pin.toolchain.cargo.config_file import default_file, render_config, updated
    from symver_pin.toolchain.cargo.kits import pin_all
    from symver_pin.toolchain.cargo.settings import no_settings

    wish = _wish(options)
    targets = options.target or [arch_of(options).rust_target]
    named = options.merge if options.merge is not None else options.check
    if named is None:
        sys.stdout.write(render_config(pin_all(targets, no_settings({}), wish)))
        return 0
    file = Path(named) if named else default_file()
    text, differences = updated(file, lambda settings: pin_all(targets, settings, wish))
    if options.check is not None:
        sys.stderr.writelines(f"{file}: {item.key} is not {item.value}\n" for item in differences)
        return int(bool(differences))
    if differences:
        from symver_pin.files import write_atomic

        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(file, text.encode())
    sys.stderr.writelines(f"{file}: {item.key} = {item.value}\n" for item in differences)
    return 0


def cargo_init(arguments: list[str]) -> int:
    """Write the files that make a project build pinned, and say which."""
    options_parser = parser(
        "cargo-init",
        "Give a cargo project a command that builds it pinned (cargo pinned-build) "
        "and a CI workflow that does so. Both can be committed: they hold no path of this machine.",
        "  symver-pin cargo-init --glibc 2.19\n  cargo pinned-build --release",
    )
    options_parser.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        type=Path,
        default=Path(),
        help="the project's folder; default the current one",
    )
    add_target(options_parser)
    options = options_parser.parse_args(arguments)
    from symver_pin.toolchain.cargo.project import init_project

    for path in init_project(options.folder, target_of(options)):
        sys.stdout.write(f"{path}\n")
    return 0


def _wish(options: Options) -> "Wish":
    from symver_pin.gen.kit_cache import ensure_kit
    from symver_pin.toolchain.cargo.kits import Wish

    kit_options = kit_options_of(options)
    arch = arch_of(options) if options.arch else None
    return Wish(
        target_of(options),
        arch,
        options.cc,
        options.static_libgcc,
        lambda target, arch, cc: ensure_kit(target, arch, cc, options=kit_options),
    )


def _add_static_libgcc(to: Parser) -> None:
    to.add_argument(
        "--static-libgcc",
        action="store_true",
        help="link the unwinder into each program: no libgcc_s.so.1 on the target",
    )
