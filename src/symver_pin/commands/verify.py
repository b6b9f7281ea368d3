"""``verify``: verify files, print the report, exit by the verdict."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from symver_pin.command_line.file_list import read_file_list
from symver_pin.command_line.options import DEFAULT_GLIBC, add_maps, add_style, colors_of, default_glibc, maps_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.errors import UsageError
from symver_pin.files import write_atomic
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.loader.verdict import FileVerdict
from symver_pin.promises.wheel_name import parse_wheel_name
from symver_pin.report.baseline import read_baseline
from symver_pin.report.formats import FORMATS, check_format, render, writer_of
from symver_pin.report.provenance import provenance_of
from symver_pin.report.spool import Body, encoded
from symver_pin.report.terminal import progress_bar
from symver_pin.report.writer import Line, Style, Totals, line_of
from symver_pin.variables import GLIBC
from symver_pin.verifier.policies.policy import Policy, combine
from symver_pin.verifier.report import Report
from symver_pin.verifier.run import TAG, chosen_policy, open_session, verify_each
from symver_pin.verifier.session import NO_PROMISES, PromiseRules, promised_target

_EXAMPLES = """  symver-pin verify --glibc rhel7 ./app ./libfoo.so
  symver-pin verify dist/*.whl                          # each wheel for the glibc of its own tag
  symver-pin verify --policy manylinux_2_28 dist/*.whl
  symver-pin verify --glibc debian8 --max GLIBCXX_3.4.19 --deny-lib 'libssl*' build/ pkg.deb
  find . -name '*.so' | symver-pin verify --files-from - --format json
  symver-pin verify --glibc rhel7 --callers --link-map app.map app   # what refers to a missing symbol
  symver-pin verify --glibc rhel7 --exclude tests --libraries image.tar    # an image that `docker save` wrote
  symver-pin verify --format html -o report.html dist/
  symver-pin verify --format sarif -o verify.sarif build/   # for code scanning
  symver-pin verify --failures --baseline known.json build/   # what is new since `--format json -o known.json`"""


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Report whether programs and shared libraries would load and start on a glibc release,\nand which symbols are "
        "missing when not. A FILE may also be a folder, a wheel, .deb, .rpm,\n.tar.*, .zip, .jar, cpio or squashfs "
        "with such in it, an image of a\ncontainer, an AppImage, a self-extracting program, or a static archive (.a).",
        _EXAMPLES,
    )
    parser.add_argument(
        "files", metavar="FILE", nargs="*", help="a program, shared library, folder, package or archive"
    )
    parser.add_argument(
        "--files-from",
        metavar="LIST",
        help="also the files named in LIST, one a line, or each ended by a zero byte; - is standard input",
    )
    parser.add_argument(
        "--exclude",
        metavar="GLOB",
        action="append",
        help="pass over the files and folders of that name in folders and archives; with a slash, of that path below "
        "the FILE",
    )
    parser.add_argument(
        "--libraries",
        action="store_true",
        help="list the libraries that each file, and all together, need: of glibc, GCC's runtime, LSB, the system "
        "(formats other than text always do)",
    )
    parser.add_argument(
        "--glibc",
        metavar="R",
        help="target: a glibc release (2.19) or a platform (debian8, ubuntu14.04, rhel7, manylinux2014); "
        f"default the policy's, $SYMVER_PIN_GLIBC or {DEFAULT_GLIBC}",
    )
    add_maps(parser)
    parser.add_argument(
        "--policy",
        metavar="P",
        help="also apply a policy: manylinux_X_Y, lsb, or a file.toml; unless --glibc is given, it also names the "
        "target. tag, the default: compare each package with what it promises itself (the tag of a wheel, conda's "
        "__glibc, npm's libc, Debian's Depends); none: nothing of this",
    )
    parser.add_argument(
        "--max",
        metavar="NODE",
        action="append",
        help="the highest version node of its family that may be needed (GLIBCXX_3.4.19)",
    )
    parser.add_argument(
        "--allow-lib",
        metavar="GLOB",
        action="append",
        help="libraries that may be needed from the system, besides glibc's or the policy's own",
    )
    parser.add_argument(
        "--deny-lib", metavar="GLOB", action="append", help="libraries that may not be needed from the system"
    )
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=int,
        default=0,
        help="processes to use; default: one for each processor when files are many, or archives large",
    )
    parser.add_argument(
        "--callers",
        action="store_true",
        help="name the functions and source lines that refer to a missing symbol (from the file's symbol table, debug "
        "information and code: x86_64, i386, aarch64)",
    )
    parser.add_argument(
        "--link-map",
        metavar="[FILE=]MAP",
        action="append",
        help="name also the objects and archive members, from the map that the linker wrote for a FILE "
        "(-Wl,-Map=MAP,--cref)",
    )
    parser.add_argument(
        "--format",
        metavar="F",
        default="text",
        help=f"how to print the verdict: {', '.join(FORMATS)}; default text",
    )
    parser.add_argument(
        "--failures", action="store_true", help="print only the files that are not fine, and the totals (text)"
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors; the exit status is the answer")
    parser.add_argument(
        "--baseline",
        metavar="REPORT",
        help="findings that an earlier report (--format json -o REPORT) has pass, with a note",
    )
    add_style(parser)
    parser.add_argument("-o", "--output", metavar="OUT", help="write there instead of standard output")
    parser.add_argument(
        "--json-schema", action="store_true", help="print the JSON Schema of --format json, and verify nothing"
    )


def run(options: Options) -> int:
    """Print the verdicts: 0 all files load, 1 one does not or violates the policy, 2 one could not be verified."""
    if options.json_schema:
        from symver_pin.report.formats.json import schema_text

        sys.stdout.write(schema_text())
        return 0
    check_format(options.format)
    if options.quiet and options.output is not None:
        raise UsageError("--quiet and -o: with --quiet there is no report to write; leave one of them out")
    baseline = read_baseline(options.baseline) if options.baseline is not None else None
    style = _style_of(options)
    maps = maps_of(options)
    policy = _policy_of(options, maps)
    files = [*options.files, *(read_file_list(options.files_from) if options.files_from is not None else ())]
    rules = _promise_rules(options, policy)
    target = _target_of(options, policy, maps, files if rules.are_targets else ())
    if not files:
        raise UsageError("the following arguments are required: FILE, or --files-from; see symver-pin verify --help")
    link_maps = _link_maps(options.link_map or (), files)
    session = open_session(
        target,
        maps,
        None,
        policy,
        options.callers,
        link_maps,
        options.exclude or (),
        rules,
        digests=style.provenance is not None,
    )
    policy_name = None if policy is None else policy.name
    writer = writer_of(options.format, target, policy_name, maps.platforms, style)

    def known(verdict: FileVerdict) -> FileVerdict:
        return verdict if baseline is None else baseline.apply(verdict)

    with progress_bar("verifying") as progress:
        totals, body = Totals(), Body(options.format, options.failures)
        verdicts: list[FileVerdict] = []
        if writer is not None:
            made = writer
            for line in verify_each(files, session, lambda each: made.line(known(each)), progress, options.jobs):
                _add(line, totals, body, writer.separator)
        else:
            for verdict in verify_each(files, session, known, progress, options.jobs):
                verdicts.append(verdict)
                _add(line_of(verdict), totals, body, "")
        _check_totals(totals, body, options, files)
        if writer is None:
            text = render(Report(target, tuple(verdicts), policy_name, maps.platforms), options.format, style)
            pieces: Iterable[bytes] = [encoded(text)]
        else:
            pieces = chain([encoded(writer.head(totals))], body.pieces(), [encoded(writer.tail(totals))])
        if not options.quiet:
            _print(options, pieces)
    return totals.exit_status


def _promise_rules(options: Options, policy: Policy | None) -> PromiseRules:
    """How the promises of packages count: a target that the user chose counts before theirs."""
    if options.policy not in (None, TAG):
        return NO_PROMISES
    is_chosen = options.glibc is not None or bool(os.environ.get(GLIBC))
    return PromiseRules(are_targets=not is_chosen and (policy is None or policy.target is None))


def _check_totals(totals: Totals, body: Body, options: Options, files: Sequence[str]) -> None:
    """Raises UsageError when nothing was verified, or ``--policy tag`` is given and no package promises anything."""
    if not totals.files:
        if totals.counts["skipped"]:  # say why, in any format
            sys.stderr.write(b"".join(body.pieces()).decode("utf-8") if options.format == "text" else "")
            raise UsageError(f"{files[0]}: holds nothing for glibc; nothing was verified")
        raise UsageError(f"{files[0]}: holds no program, shared library or static archive; nothing was verified")
    if options.policy == TAG and not totals.promises:
        raise UsageError(
            f"--policy tag: {files[0]}: is no package that says which glibc it needs; name a policy or --glibc"
        )


def _add(line: Line, totals: Totals, body: Body, separator: str) -> None:
    """Add a file to the totals, its text to the body of the report, and print its error."""
    totals.add(line)
    if line.error is not None:
        sys.stderr.write(f"symver-pin: error: {line.error}\n")
    if line.text:
        body.add(line, separator)


def _print(options: Options, pieces: Iterable[bytes]) -> None:
    if options.output is not None:
        write_atomic(Path(options.output), pieces)
        return
    for piece in pieces:
        sys.stdout.flush()
        sys.stdout.buffer.write(piece)
    sys.stdout.flush()


def _style_of(options: Options) -> Style:
    """The style of the report. Text on a terminal or in a pipe has no origin and no digests: those are for keeping."""
    is_kept = options.output is not None or options.format in ("json", "html")
    color = options.output is None and colors_of(options, sys.stdout)
    provenance = provenance_of(options.command_line) if is_kept and not options.quiet else None
    return Style(color, bool(options.libraries), not options.no_demangle, provenance)


def _policy_of(options: Options, maps: Maps) -> Policy | None:
    named = chosen_policy(options.policy or TAG, maps)
    return combine(named, options.max or (), options.allow_lib or (), options.deny_lib or ())


def _target_of(options: Options, policy: Policy | None, maps: Maps, packages: Sequence[str]) -> Target:
    """The target: ``--glibc``, else that of the policy, else the only one that the tags of ``packages`` promise (if all
    are wheels), else that of the environment.
    """
    if options.glibc is not None:
        return maps.target(options.glibc)
    if policy is not None and policy.target:
        return maps.target(policy.target)
    wheels = [parse_wheel_name(Path(path).name) for path in packages]
    promised = {None if wheel is None else promised_target(wheel.promise, maps) for wheel in wheels}
    if len(promised) == 1:
        return promised.pop() or maps.target(default_glibc())
    return maps.target(default_glibc())


def _link_maps(given: Sequence[str], files: Sequence[str]) -> dict[str, str]:
    """The path of each file that has a link map -> the path of the map.

    Raises UsageError for a map without a file when there are several files.
    """
    found: dict[str, str] = {}
    for word in given:
        file, _, path = word.rpartition("=")
        if not file and len(files) != 1:
            raise UsageError(
                f"--link-map {word}: several files are given; name the one of the map: --link-map FILE=MAP"
            )
        found[file or files[0]] = path
    return found
