"""``survey``: judge many packages on a cluster and keep the answers; ``survey report``: what they say."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from symver_pin.command_line.file_list import read_file_list
from symver_pin.command_line.options import DEFAULT_GLIBC, add_maps, default_glibc, maps_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.errors import UsageError
from symver_pin.files import write_atomic
from symver_pin.optional_packages import FLEET, need_packages
from symver_pin.report.terminal import progress_bar

_REPORT = "report"
_EXAMPLES = """  symver-pin survey --glibc rhel7,debian11 /srv/mirror/pool -o answers/
  symver-pin survey --glibc 2.17 'https://host/wheels/' -o answers/          # the links of an index page
  symver-pin survey --glibc 2.17 's3://bucket/rpms/**/*.rpm' --scheduler tcp://host:8786 -o answers/
  symver-pin survey --glibc 2.17 --files-from urls.txt -o answers/
  symver-pin survey report answers/ --html survey.html
  symver-pin survey report answers/ --glibc 2.28             # another release needs no new survey
  symver-pin survey report --diff last-week/ answers/"""


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Judge the packages of a repository on a dask cluster, and keep the answers in a Parquet dataset that DuckDB,\n"
        "pandas, polars and Spark read. What has been judged is not fetched again. `survey report` prints what a\n"
        "dataset says. It needs the packages of the extra [fleet]: dask, distributed, fsspec, aiohttp, pyarrow.",
        _EXAMPLES,
    )
    parser.add_argument(
        "sources",
        metavar="SOURCE",
        nargs="*",
        help="a folder, a file, a glob, an address that fsspec opens (http, https, s3, gs, az), or an index page; "
        "or the word report and a DATASET",
    )
    parser.add_argument(
        "--files-from", metavar="LIST", help="also the sources named in LIST, one a line; - is standard input"
    )
    parser.add_argument(
        "--glibc",
        metavar="R[,R...]",
        help="the targets (2.17, rhel7) whose findings are kept, or reported; the verdicts are on all releases anyway. "
        f"Default $SYMVER_PIN_GLIBC or {DEFAULT_GLIBC}; for report those of the dataset",
    )
    add_maps(parser)
    parser.add_argument(
        "-o", "--output", metavar="DATASET", help="the folder of the dataset: a new one, or one to add to"
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="a running dask scheduler (tcp://host:8786); default workers of this machine",
    )
    parser.add_argument(
        "--jobs", metavar="N", type=int, default=0, help="workers of this machine; default one for each processor"
    )
    parser.add_argument(
        "--time-limit", metavar="S", type=int, default=600, help="seconds that one package may take; default 600"
    )
    parser.add_argument(
        "--memory-limit", metavar="MB", type=int, default=256, help="memory that one package may take; default 256"
    )
    parser.add_argument(
        "--whole-zips",
        action="store_true",
        help="read zips and wheels whole, not only the members that may be programs by their names and first bytes",
    )
    parser.add_argument("--html", metavar="OUT", help="report: write one HTML page with plots there")
    parser.add_argument(
        "--diff", metavar=("OLD", "NEW"), nargs=2, help="report: what changed from one dataset to another, by project"
    )


def run(options: Options) -> int:
    """Survey, or report: 0 all is recorded; 2 some packages could not be read today, or bad input."""
    need_packages("survey", *FLEET)
    if options.sources[:1] == [_REPORT]:
        return _report(options)
    return _survey(options)


def _survey(options: Options) -> int:
    from symver_pin.fleet.survey import Cluster, survey
    from symver_pin.fleet.task import Settings

    if options.output is None:
        raise UsageError("-o DATASET is missing: the folder of the answers; see symver-pin survey --help")
    if options.html is not None or options.diff is not None:
        raise UsageError("--html and --diff are of the report: symver-pin survey report ...")
    sources = [*options.sources, *(read_file_list(options.files_from) if options.files_from is not None else ())]
    if not sources:
        raise UsageError("the following arguments are required: SOURCE, or --files-from; see symver-pin survey --help")
    if min(options.time_limit, options.memory_limit) < 1 or options.jobs < 0:
        raise UsageError("--time-limit and --memory-limit are at least 1, --jobs at least 0")
    limits = Settings((), None, "", options.memory_limit << 20, options.time_limit, options.whole_zips)
    with progress_bar("judging") as progress:
        counts = survey(
            sources,
            Path(options.output),
            _targets(options) or [default_glibc()],
            maps_of(options),
            Cluster(options.scheduler, options.jobs),
            limits,
            progress,
            lambda line: print(line, file=sys.stderr),
        )
    for line in counts.unread:
        print(f"symver-pin: error: {line}", file=sys.stderr)
    print(f"{counts.judged} judged, {counts.failed} could not be judged, {counts.unchanged} as before")
    if counts.unread:
        print(f"{len(counts.unread)} could not be read; run the same command again for these")
    return 2 if counts.unread else 0


def _targets(options: Options) -> list[str]:
    return [word for word in (options.glibc or "").split(",") if word.strip()]


def _report(options: Options) -> int:
    from symver_pin.fleet import page, text
    from symver_pin.fleet.dataset import Dataset
    from symver_pin.fleet.difference import compare
    from symver_pin.fleet.remote import project_of
    from symver_pin.fleet.summary import summarize, targets_of

    folders = options.sources[1:]
    if (len(folders) != 1) if options.diff is None else bool(folders):
        raise UsageError("report needs one DATASET, or --diff OLD NEW; see symver-pin survey --help")
    dataset = Dataset(Path(folders[0] if options.diff is None else options.diff[1]))
    difference = None
    if options.diff is not None:
        difference = compare(Dataset(Path(options.diff[0])), dataset, project_of)
    write: Callable[[str], object] = sys.stdout.write
    if difference is not None:
        write(text.render_difference(difference))
    if difference is not None and options.html is None:
        return 0
    maps = maps_of(options)
    summary = summarize(dataset, [maps.target(word) for word in _targets(options) or targets_of(dataset)], maps)
    if options.html is not None:
        write_atomic(Path(options.html), page.render(summary, difference).encode("utf-8", "backslashreplace"))
    else:
        write(text.render(summary))
    return 0
