"""``init``: say how a project is built for a target, and write a CI workflow that does so."""

from __future__ import annotations

import sys
from pathlib import Path

from symver_pin.builds.projects import KINDS, find_kind, kinds_in
from symver_pin.builds.workflow import write_ci
from symver_pin.command_line.options import add_maps, add_target, maps_of, target_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.errors import UsageError


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Say in four lines how the project in a folder is built for a target. With --ci write a CI workflow that "
        "builds and verifies it, for cargo also the command cargo pinned-build. Both can be committed.",
        "  symver-pin init --glibc 2.17\n"
        "  symver-pin init --glibc rhel7 --ci --install-from git+https://git.example.com/symver-pin.git\n"
        "  symver-pin init --ci --install-from third_party/symver-pin --system cmake",
    )
    parser.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        type=Path,
        default=Path(),
        help="the project's folder; default the current one",
    )
    add_target(parser)
    add_maps(parser)
    parser.add_argument(
        "--system",
        metavar="NAME",
        help=f"the build system, where the folder has files of several: {', '.join(kind.name for kind in KINDS)}",
    )
    parser.add_argument("--ci", action="store_true", help="write .github/workflows/symver-pin.yml")
    parser.add_argument(
        "--install-from",
        metavar="PATH|GIT",
        help="where the workflow installs symver-pin from: a path in the repository, or a git address; default pip's "
        "index",
    )


def run(options: Options) -> int:
    """Print the four lines; with ``--ci`` the paths of the files that changed."""
    if options.install_from is not None and not options.ci:
        raise UsageError("--install-from is for the workflow; give --ci too")
    target = target_of(options, maps_of(options))
    kind = find_kind(options.folder, options.system)
    if options.ci:
        for path in write_ci(options.folder, kind, target, options.install_from):
            sys.stdout.write(f"{path}\n")
        return 0
    others = [other.name for other in kinds_in(options.folder) if other is not kind]
    also = f"; --system chooses another: {', '.join(others)}" if others else ""
    first, second = (command.format(glibc=target.label) for command in kind.commands)
    sys.stdout.write(f"# {kind.title} ({kind.file}){also}\n{first}\n{second}\n# a CI workflow: symver-pin init --ci\n")
    return 0
