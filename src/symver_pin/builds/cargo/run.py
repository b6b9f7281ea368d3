"""Run cargo with the kits, and verify the files that it makes.

``build``, ``rustc`` and ``install`` are one run of cargo, whose JSON messages name the artifacts. ``run``, ``test``,
``bench`` and ``nextest`` start programs that use the terminal, so cargo runs twice. The first run only builds, without
output. After the verification the second run executes the user's command with all its output; nothing is compiled
again. For every other command this process is replaced by cargo, with the kits in the environment.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, NoReturn

from symver_pin.builds.cargo.command_line import CommandLine, RustTarget, parse_command_line
from symver_pin.builds.cargo.environment import additions_for
from symver_pin.builds.cargo.kits import PinnedTarget, pin_targets
from symver_pin.builds.cargo.messages import artifacts_in, json_format
from symver_pin.builds.cargo.settings import Settings, read_settings
from symver_pin.builds.environment import unpinned
from symver_pin.builds.products import verify_artifacts
from symver_pin.builds.references import Artifact
from symver_pin.builds.run import replace_process
from symver_pin.builds.system import KitRequest
from symver_pin.errors import ToolError

_NEXTEST_VALUES = frozenset({
    "-p", "--package", "--exclude", "--bin", "--example", "--test", "--bench", "-F", "--features", "--target",
    "--target-dir", "--manifest-path", "--config", "-Z", "--build-jobs", "--cargo-profile",
})  # fmt: skip
"""Options of ``cargo nextest run`` with a value that ``cargo test`` has too, perhaps under another name."""
_NEXTEST_FLAGS = frozenset({
    "--workspace", "--all", "--lib", "--bins", "--examples", "--tests", "--benches", "--all-targets", "--all-features",
    "--no-default-features", "-r", "--release", "--frozen", "--locked", "--offline", "--ignore-rust-version",
})  # fmt: skip
"""Options of ``cargo nextest run`` without a value that ``cargo test`` has too."""
_NEXTEST_NAMES = {"--build-jobs": "--jobs", "--cargo-profile": "--profile"}
"""An option of ``cargo nextest run`` -> its name in ``cargo test``."""


class Build(NamedTuple):
    """One cargo command, with everything that is needed to run it."""

    cargo: str
    """The path of cargo."""
    command: CommandLine
    targets: Sequence[RustTarget]
    """All targets of the build."""
    pins: Sequence[PinnedTarget]
    """The targets that use glibc."""
    environment: Mapping[str, str]
    """The environment variables that cargo gets."""
    settings: Settings


def run_cargo(words: Sequence[str], request: KitRequest) -> int:
    """Run cargo with the command line ``words``.

    Returns cargo's exit status, or 1 if a file that it made does not load on the target release. Raises ToolError if
    cargo is not installed or cannot print its configuration, and what ``pin_targets`` raises.
    """
    build = _prepare(words, request)
    handler = _HANDLERS.get(build.command.subcommand)
    if handler is None or build.command.has("-h", "--help", "--list"):
        _replace_by_cargo(build, build.command)
    return handler(build)


def _prepare(words: Sequence[str], request: KitRequest) -> Build:
    command = parse_command_line(words)
    cargo = _find_cargo(command)
    settings = read_settings(cargo, command, os.environ)
    command = _expanded(command, settings)
    targets = settings.targets(command)
    if request.arch is not None and not any(command.values("--target")):
        targets = [RustTarget(request.arch.rust_target)]
        if command.subcommand in _TAKES_TARGET:
            command = command._replace(options=(*command.options, "--target", request.arch.rust_target))
    pins = pin_targets(targets, settings, request)
    additions = additions_for(pins, settings)
    environment = {**unpinned(os.environ), **additions.environment}
    if "CARGO_BUILD_TARGET" in environment:
        environment["CARGO_BUILD_TARGET"] = targets[0].triple
    command = command.plain_targets()
    command = command._replace(globals=(*command.globals, *additions.options))
    return Build(cargo, command, targets, pins, environment, settings)


def _find_cargo(command: CommandLine) -> str:
    """The path of cargo: the one that started this process (``cargo symver-pin``), else the one on the PATH.

    For a command line with ``+toolchain`` it is always the one on the PATH: only rustup's proxy selects a toolchain.
    """
    named = None if command.toolchain else os.environ.get("CARGO")
    found = shutil.which(named or "cargo")
    if found is None:
        raise ToolError("no cargo on the PATH; install Rust first")
    return found


def _expanded(command: CommandLine, settings: Settings) -> CommandLine:
    """The command with the user's aliases expanded."""
    seen: set[str] = set()
    while command.subcommand not in seen and (words := settings.alias(command.subcommand)):
        seen.add(command.subcommand)
        rest = [*words, *command.options, *command.arguments]
        inner = parse_command_line(rest)
        command = inner._replace(toolchain=command.toolchain, globals=(*command.globals, *inner.globals))
    return command


def _build(build: Build) -> int:
    """``build`` and ``rustc``: run cargo once, then verify."""
    status, artifacts = _run_for_artifacts(build)
    return status or _verify(build, artifacts)


def _install(build: Build) -> int:
    """``install``: cargo moves the programs from its build folder, so the installed programs are verified."""
    status, artifacts = _run_for_artifacts(build)
    folder = build.settings.install_root(build.command) / "bin"
    moved = [
        item._replace(programs=tuple(folder / path.name for path in item.programs if path.suffix != ".so"))
        for item in artifacts
    ]
    return status or _verify(build, moved)


def _run_for_artifacts(build: Build) -> tuple[int, list[Artifact]]:
    """Run cargo with all its output. Returns its exit status and the artifacts."""
    requested = next(build.command.values("--message-format"), None)
    as_json = requested is not None and requested.startswith("json")
    command = build.command.without("--message-format").words("--message-format", json_format(requested))
    with _running_cargo(build, command, build.environment) as cargo:
        lines = _echoed(cargo.lines, sys.stdout.write) if as_json else cargo.lines
        artifacts = list(artifacts_in(lines, _discard if as_json else sys.stdout.write))
        sys.stdout.flush()
    return cargo.status(), artifacts


def _run(build: Build) -> int:
    """``run``: the first run of cargo executes ``true`` instead of the program."""
    command = build.command._replace(arguments=())
    runners = {target.variable("RUNNER"): "true" for target in build.targets}
    return _build_then_run(build, command, {**build.environment, **runners})


def _test(build: Build) -> int:
    """``test`` and ``bench``: the first run of cargo has the option ``--no-run``."""
    if build.command.has("--no-run"):
        return _build(build)
    if build.command.has("--doc"):  # the programs of doc tests are deleted before they could be verified
        _replace_by_cargo(build, build.command)
    options = (*build.command.options, "--no-run")
    return _build_then_run(build, build.command._replace(options=options, arguments=()), build.environment)


def _nextest(build: Build) -> int:
    """``nextest run``: the first run is ``cargo test --no-run``, which builds the same programs."""
    if build.command.options[:1] != ("run",):
        _replace_by_cargo(build, build.command)
    options = (*_nextest_options(build.command.options), "--no-run")
    command = build.command._replace(subcommand="test", options=options, arguments=())
    return _build_then_run(build, command, build.environment)


def _nextest_options(options: Sequence[str]) -> Iterator[str]:
    """The options of ``cargo test`` that build what ``cargo nextest`` with ``options`` builds."""
    words = iter(options)
    for word in words:
        name, equals, value = word.partition("=")
        if name in _NEXTEST_VALUES:
            yield _NEXTEST_NAMES.get(name, name)
            yield value if equals else next(words, "")
        elif word in _NEXTEST_FLAGS:
            yield word


_TAKES_TARGET = frozenset({"build", "rustc", "install", "run", "test", "bench", "nextest", "check", "clippy", "doc"})
"""Subcommands with an option ``--target``."""

_HANDLERS: dict[str, Callable[[Build], int]] = {
    "build": _build,
    "rustc": _build,
    "install": _install,
    "run": _run,
    "test": _test,
    "bench": _test,
    "nextest": _nextest,
}


def _build_then_run(build: Build, command: CommandLine, environment: Mapping[str, str]) -> int:
    """Build with ``command``, verify the artifacts, then replace this process by cargo with the user's command.

    The second run prints every diagnostic again. So the diagnostics of the first run are printed only if it fails and
    no second run follows.
    """
    requested = next(command.values("--message-format"), None) or "human"
    as_json = requested.startswith("json")
    colour = ",json-diagnostic-rendered-ansi" if sys.stderr.isatty() and requested == "human" else ""
    plain = f"json,json-diagnostic-short{colour}" if requested == "short" else f"json{colour}"
    words = command.without("--message-format").words("--message-format", requested if as_json else plain)
    with _running_cargo(build, words, environment) as cargo:
        lines = list(cargo.lines)
    artifacts = list(artifacts_in(lines, _discard))
    status = cargo.status()
    if status:
        for line in lines:
            sys.stdout.write(line) if as_json else sys.stderr.write(_diagnostic_text(line))
        return status
    status = _verify(build, artifacts)
    if status == 0:
        _replace_by_cargo(build, build.command)
    return status


def _replace_by_cargo(build: Build, command: CommandLine) -> NoReturn:
    replace_process([build.cargo, *command.words()], build.environment)


def _verify(build: Build, artifacts: Sequence[Artifact]) -> int:
    """Verify the artifacts of each pinned target: 0 if all of them load, else 1."""
    quiet = build.command.has("-q", "--quiet")
    return max(
        (
            verify_artifacts(pin.glibc, pin.request.maps, _artifacts_of(pin, build, artifacts), quiet)
            for pin in build.pins
        ),
        default=0,
    )


def _artifacts_of(pin: PinnedTarget, build: Build, artifacts: Sequence[Artifact]) -> list[Artifact]:
    """The artifacts of one target.

    In a build for several targets, cargo puts each one's files below a folder TRIPLE.
    """
    if len(set(build.targets)) == 1:
        return list(artifacts)
    return [
        item for item in artifacts if any(pin.rust.triple in path.parts for path in (*item.programs, *item.archives))
    ]


class _RunningCargo(NamedTuple):
    """A cargo process, and the lines of its standard output."""

    process: "subprocess.Popen[str]"
    lines: Iterator[str]

    def status(self) -> int:
        """The exit status of the process, which has ended: 128 + N after signal N, as in a shell."""
        return self.process.returncode if self.process.returncode >= 0 else 128 - self.process.returncode


@contextlib.contextmanager
def _running_cargo(build: Build, words: Sequence[str], environment: Mapping[str, str]) -> Iterator[_RunningCargo]:
    """Run cargo and read its standard output. It inherits open files, among them those of make's jobserver."""
    try:
        process = subprocess.Popen(
            [build.cargo, *words],
            env=dict(environment),
            stdout=subprocess.PIPE,
            text=True,
            errors="replace",
            close_fds=False,
        )
    except OSError as error:
        raise ToolError(f"cannot run {build.cargo}: {error.strerror}") from error
    with process:
        assert process.stdout is not None
        yield _RunningCargo(process, iter(process.stdout))


def _echoed(lines: Iterator[str], write: Callable[[str], object]) -> Iterator[str]:
    """Yield ``lines``, and call ``write`` with each of them."""
    for line in lines:
        write(line)
        yield line


def _discard(_line: str) -> None:
    pass


def _diagnostic_text(line: str) -> str:
    """The text of a diagnostic in a line of JSON messages, as rustc prints it; "" for other messages."""
    if not line.startswith('{"reason":"compiler-message"'):
        return "" if line.startswith('{"reason":') else line
    return str(json.loads(line)["message"]["rendered"] or "")
