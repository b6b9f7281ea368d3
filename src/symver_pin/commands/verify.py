"""``verify``: judge files, print the report, exit by the verdict."""

from __future__ import annotations

import sys

from symver_pin.commands.options import add_maps, add_target, parser, target_of
from symver_pin.errors import UsageError
from symver_pin.report.formats import FORMATS, check_format, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from symver_pin.verify.model import FileVerdict, Verdict

_EXAMPLES = """  symver-pin verify --glibc rhel7 ./app ./libfoo.so
  symver-pin verify --policy manylinux_2_28 dist/*.whl
  symver-pin verify --glibc debian8 --max GLIBCXX_3.4.19 --deny-lib 'libssl*' build/ pkg.deb
  find . -name '*.so' | symver-pin verify --files-from - --format json
  symver-pin verify --glibc rhel7 --callers --link-map app.map app   # who uses what is missing
  symver-pin verify --format html -o report.html dist/
  symver-pin verify --format sarif -o verify.sarif build/   # for code scanning"""


def verify(arguments: list[str]) -> int:
    """Print the verdict on files; 0 all load, 1 one does not or violates a gate, 2 one could not be judged."""
    options_parser = parser(
        "verify",
        "Say whether programs and shared libraries would load and start on a glibc "
        "release,\nand which symbols are guilty when not. A FILE may also be a folder, a wheel, "
        ".deb, .rpm,\n.tar.*, .zip or .jar with such in it, or a static archive (.a, .rlib).",
        _EXAMPLES,
    )
    options_parser.add_argument("files", metavar="FILE", nargs="*")
    options_parser.add_argument(
        "--files-from",
        metavar="LIST",
        help="also the files named in LIST, one a line, or each ended by a zero byte; - is standard input",
    )
    add_target(options_parser)
    add_maps(options_parser)
    options_parser.add_argument(
        "--policy",
        metavar="P",
        help="also hold the files against a policy: manylinux_X_Y, lsb, or a file.toml; "
        "unless --glibc is given, it also names the target",
    )
    options_parser.add_argument(
        "--max",
        metavar="NODE",
        action="append",
        help="the highest version node of its family that may be wanted (GLIBCXX_3.4.19)",
    )
    options_parser.add_argument(
        "--allow-lib",
        metavar="GLOB",
        action="append",
        help="libraries that may be wanted from the system, besides glibc's or the policy's own",
    )
    options_parser.add_argument(
        "--deny-lib", metavar="GLOB", action="append", help="libraries that may not be wanted from the system"
    )
    options_parser.add_argument(
        "--jobs",
        metavar="N",
        type=int,
        default=0,
        help="processes to use; default: one a processor where files are many, or archives large",
    )
    options_parser.add_argument(
        "--callers",
        action="store_true",
        help="name the functions and source lines that use what is missing (from the file's "
        "symbol table, debug information and code: x86_64, i386, aarch64)",
    )
    options_parser.add_argument(
        "--link-map",
        metavar="[FILE=]MAP",
        action="append",
        help="name also the objects and archive members, from the map that the linker wrote "
        "for a FILE (-Wl,-Map=MAP,--cref)",
    )
    options_parser.add_argument(
        "--format", metavar="F", default="text", help=f"how to print the verdict: {', '.join(FORMATS)}; default text"
    )
    options_parser.add_argument("-o", "--output", metavar="OUT", help="write there in place of standard output")
    options_parser.add_argument(
        "--json-schema", action="store_true", help="print the JSON Schema of --format json, and judge nothing"
    )
    options = options_parser.parse_args(arguments)
    if options.json_schema:
        from symver_pin.report.json import schema_text

        sys.stdout.write(schema_text())
        return 0
    check_format(options.format)
    policy = None
    if options.policy or options.max or options.allow_lib or options.deny_lib:
        from symver_pin.verify.policy import combine, find_policy

        policy = combine(
            find_policy(options.policy) if options.policy else None,
            options.max or (),
            options.allow_lib or (),
            options.deny_lib or (),
        )
    target = target_of(options)
    if policy is not None and policy.target and not any(word.split("=")[0] == "--glibc" for word in arguments):
        from symver_pin.maps.platforms import resolve_target

        target = resolve_target(policy.target)
    files = options.files
    if options.files_from is not None:
        from symver_pin.commands.file_list import read_file_list

        files = [*files, *read_file_list(options.files_from)]
    if not files:
        raise UsageError("the following arguments are required: FILE, or --files-from; see symver-pin verify --help")
    from symver_pin.verify.model import exit_status_of

    link_maps = _link_maps(options.link_map or (), files)
    color = False
    if options.output is None and sys.stdout.isatty():
        from symver_pin.report.terminal import is_colored

        color = is_colored(sys.stdout)
    bar = None
    if sys.stderr.isatty():
        from symver_pin.report.terminal import Bar

        bar = Bar()
    try:
        how = policy, bar, options.jobs, options.callers, link_maps
        if options.format == "text":
            from symver_pin.report.text import Writer
            from symver_pin.verify import judge_each

            write = Writer(target, None if policy is None else policy.name, color)
            rows = judge_each(files, target, lambda file: _row(file, write), None, *how)
            verdicts, errors = [row[0] for row in rows], [row[2] for row in rows if row[2]]
            text = "".join([row[3] for row in rows]) + write.total([(row[0], row[1]) for row in rows])
        else:
            from symver_pin.verify import verify as judge

            report = judge(files, target, None, *how)
            verdicts, errors = [file.verdict for file in report.files], list(report.errors)
            text = render(report, options.format) if verdicts else ""
    finally:
        if bar is not None:
            bar.close()
    for line in errors:
        sys.stderr.write(f"symver-pin: error: {line}\n")
    if not verdicts:
        raise UsageError(f"{files[0]}: holds no program, shared library or static archive; nothing was judged")
    if options.output is None:
        sys.stdout.write(text)
    else:
        from pathlib import Path

        from symver_pin.files import write_atomic

        write_atomic(Path(options.output), text.encode("utf-8", "backslashreplace"))
    return exit_status_of(verdicts)


def _link_maps(given: Sequence[str], files: list[str]) -> dict[str, str]:
    """The map of each file that has one. Raises UsageError for one that does not say of which file it is."""
    found: dict[str, str] = {}
    for word in given:
        file, _, path = word.rpartition("=")
        if not file and len(files) != 1:
            raise UsageError(f"--link-map {word}: which of the files is it of? Name that file: --link-map FILE=MAP")
        found[file or files[0]] = path
    return found


def _row(file: FileVerdict, write: Callable[[FileVerdict], str]) -> tuple[Verdict, tuple[int, ...] | None, str, str]:
    """The verdict, the lowest release, the error and the text: what can be marshalled."""
    from symver_pin.verify.model import printable

    lowest = file.lowest_glibc
    return file.verdict, None if lowest is None else (*lowest,), printable(file.error or ""), write(file)
