"""``explain``: say why a file fails, what a finding means, or what became of a symbol."""

from __future__ import annotations

import sys
from pathlib import Path

from symver_pin.command_line.options import add_arch, add_target, arch_of, maps_of, target_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.errors import UsageError
from symver_pin.findings import KINDS
from symver_pin.report.explanation import explain_files, explain_kind, explain_symbol
from symver_pin.spelling import did_you_mean
from symver_pin.verifier.run import verify


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Explain a file, a kind of finding or a symbol, step by step: what the linker recorded, what the loader of the "
        "target\ndoes with it, and what to do.",
        "  symver-pin explain --glibc 2.17 ./app\n  symver-pin explain missing-version\n  symver-pin explain pow",
    )
    parser.add_argument(
        "subject", metavar="FILE|FINDING|SYMBOL", help="a path, a kind of finding as verify names it, or a symbol"
    )
    add_target(parser)
    add_arch(parser)


def run(options: Options) -> int:
    """Print the explanation. Exit status as that of ``verify`` for a file, else 0."""
    subject = options.subject
    maps = maps_of(options)
    target = target_of(options, maps)
    if "/" in subject or (subject not in KINDS and Path(subject).exists()):
        report = verify([subject], target, maps=maps)
        sys.stderr.writelines(f"symver-pin: error: {line}\n" for line in report.errors)
        sys.stdout.write(explain_files(report, maps))
        return report.exit_status
    if subject in KINDS:
        sys.stdout.write(explain_kind(subject))
        return 0
    arch = arch_of(options)
    text = explain_symbol(maps, arch, target, subject)
    if text is None:
        known = [*KINDS, *{row.symbol for row in maps.table(arch.name).rows}]
        raise UsageError(
            f"{subject!r} is no file here, no kind of finding, and no symbol of glibc or GCC's runtime libraries on "
            f"{arch.name}{did_you_mean(subject, known)}"
        )
    sys.stdout.write(text)
    return 0
