"""Run cargo with the kits, and prove what it made.

A build is one run of cargo whose messages tell its artifacts. ``run``, ``test``, ``bench`` and ``nextest`` start
programs that own the terminal, so there cargo runs twice: once only to build, quietly, and after the proof once more
as the user wrote it, with all its output; nothing is compiled again. Every other command gets the environment and is
left to cargo.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, NoReturn

from symver_pin.errors import ToolError
from symver_pin.toolchain.cargo.command_line import CommandLine, RustTarget, parse_command_line
from symver_pin.toolchain.cargo.environment import additions_for
from symver_pin.toolchain.cargo.kits import Pin, Wish, pin_targets
from symver_pin.toolchain.cargo.messages import Artifact, artifacts_in, json_format
from symver_pin.toolchain.cargo.settings import Settings, read_settings
from symver_pin.toolchain.run import become

#: Options of ``cargo nextest run`` that mean the same to ``cargo test``, with a value and without.
_NEXTEST_VALUES = frozenset({
    "-p", "--package", "--exclude", "--bin", "--example", "--test", "--bench", "-F", "--features", "--target",
    "--target-dir", "--manifest-path", "--config", "-Z", "--build-jobs", "--cargo-profile",
})  # fmt: skip
_NEXTEST_FLAGS = frozenset({
    "--workspace", "--all", "--lib", "--bins", "--examples", "--tests", "--benches", "--all-targets", "--all-features",
    "--no-default-features", "-r", "--release", "--frozen", "--locked", "--offline", "--ignore-rust-version",
})  # fmt: skip
_NEXTEST_NAMES = {"--build-jobs": "--jobs", "--cargo-profile": "--profile"}


class Build(NamedTuple):
    """One cargo command, ready to run."""

    cargo: str
    command: CommandLine
    targets: Sequence[RustTarget]
    pins: Sequence[Pin]
    environment: Mapping[str, str]
    settings: Settings


def run_cargo(words: Sequence[str], wish: Wish) -> int:
    """Run cargo with ``words``; the exit status is cargo's own, or 1 when what it made would not start on the target.

    Raises ToolError when there is no cargo or it cannot tell its configuration, and what ``pin_targets`` raises.
    """
    build = _prepare(words, wish)
    step = _STEPS.get(build.command.subcommand)
    if step is None or build.command.has("-h", "--help", "--list"):
        _go_on(build, build.command)
    return step(build)


def _prepare(words: Sequence[str], wish: Wish) -> Build:
    command = parse_command_line(words)
    cargo = _find_cargo(command)
    settings = read_settings(cargo, command, os.environ)
    command = _expanded(command, settings)
    targets = settings.targets(command)
    if wish.arch is not None and not any(command.values("--target")):
        targets = [RustTarget(wish.arch.rust_target)]
        if command.subcommand in _TAKES_TARGET:
            command = command._replace(options=(*command.options, "--target", wish.arch.rust_target))
    pins = pin_targets(targets, settings, wish)
    additions = additions_for(pins, settings)
    environment = {**os.environ, **additions.environment}
    if "CARGO_BUILD_TARGET" in environment:
        environment["CARGO_BUILD_TARGET"] = targets[0].triple
    command = command.plain_targets()
    command = command._replace(globals=(*command.globals, *additions.options))
    return Build(cargo, command, targets, pins, environment, settings)


def _find_cargo(command: CommandLine) -> str:
    """The cargo that started us, if one did; only rustup's can change the toolchain, and that is the one on the
    PATH."""
    named = None if command.toolchain else os.environ.get("CARGO")
    found = shutil.which(named or "cargo")
    if found is None:
        raise ToolError("no cargo on the PATH; install Rust first")
    return found


def _expanded(command: CommandLine, settings: Settings) -> CommandLine:
    """The command with the user's own names of commands replaced by what they stand for."""
    seen: set[str] = set()
    while command.subcommand not in seen and (words := settings.alias(command.subcommand)):
        seen.add(command.subcommand)
        rest = [*words, *command.options, *command.arguments]
        inner = parse_command_line(rest)
        command = inner._replace(toolchain=command.toolchain, globals=(*command.globals, *inner.globals))
    return command


def _build(build: Build) -> int:
    """``build``, ``rustc``: the messages are read from the one run."""
    status, artifacts = _artifacts(build)
    return status or _prove(build, artifacts)


def _install(build: Build) -> int:
    """``install``: what it builds in a folder of its own is moved, so the installed programs are looked at."""
    status, artifacts = _artifacts(build)
    folder = build.settings.install_root(build.command) / "bin"
    moved = [
        item._replace(programs=tuple(folder / path.name for path in item.programs if path.suffix != ".so"))
        for item in artifacts
    ]
    return status or _prove(build, moved)


def _artifacts(build: Build) -> tuple[int, list[Artifact]]:
    """Run cargo with all its output: its exit status, and what it made."""
    wanted = next(build.command.values("--message-format"), None)
    as_json = wanted is not None and wanted.startswith("json")
    command = build.command.without("--message-format").words("--message-format", json_format(wanted))
    with _lines(build, command, build.environment) as output:
        lines = _echoed(output.lines, sys.stdout.write) if as_json else output.lines
        artifacts = list(artifacts_in(lines, _silent if as_json else sys.stdout.write))
        sys.stdout.flush()
    return output.status(), artifacts


def _run(build: Build) -> int:
    """``run``: in the first run, ``true`` stands in for the program."""
    command = build.command._replace(arguments=())
    runners = {target.variable("RUNNER"): "true" for target in build.targets}
    return _rehearse(build, command, {**build.environment, **runners})


def _test(build: Build) -> int:
    """``test``, ``bench``."""
    if build.command.has("--no-run"):
        return _build(build)
    if build.command.has("--doc"):  # makes nothing that stays
        _go_on(build, build.command)
    options = (*build.command.options, "--no-run")
    return _rehearse(build, build.command._replace(options=options, arguments=()), build.environment)


def _nextest(build: Build) -> int:
    """``nextest run`` builds by ``cargo test --no-run``."""
    if build.command.options[:1] != ("run",):
        _go_on(build, build.command)
    options = (*_nextest_options(build.command.options), "--no-run")
    command = build.command._replace(subcommand="test", options=options, arguments=())
    return _rehearse(build, command, build.environment)


def _nextest_options(options: Sequence[str]) -> Iterator[str]:
    words = iter(options)
    for word in words:
        name, equals, value = word.partition("=")
        if name in _NEXTEST_VALUES:
            yield _NEXTEST_NAMES.get(name, name)
            yield value if equals else next(words, "")
        elif word in _NEXTEST_FLAGS:
            yield word


_TAKES_TARGET = frozenset({"build", "rustc", "install", "run", "test", "bench", "nextest", "check", "clippy", "doc"})

_STEPS: dict[str, Callable[[Build], int]] = {
    "build": _build,
    "rustc": _build,
    "install": _install,
    "run": _run,
    "test": _test,
    "bench": _test,
    "nextest": _nextest,
}


def _rehearse(build: Build, command: CommandLine, environment: Mapping[str, str]) -> int:
    """Build only, prove, then become cargo with the user's own words.

    The second run repeats every warning, so the first one's are kept back and told only when it is the last.
    """
    wanted = next(command.values("--message-format"), None) or "human"
    as_json = wanted.startswith("json")
    look = ",json-diagnostic-rendered-ansi" if sys.stderr.isatty() and wanted == "human" else ""
    chosen = wanted if as_json else f"json,json-diagnostic-short{look}" if wanted == "short" else f"json{look}"
    words = command.without("--message-format").words("--message-format", chosen)
    with _lines(build, words, environment) as output:
        lines = list(output.lines)
    artifacts = list(artifacts_in(lines, _silent))
    status = output.status()
    if status:
        for line in lines:
            sys.stdout.write(line) if as_json else sys.stderr.write(_rendered(line))
        return status
    status = _prove(build, artifacts)
    if status == 0:
        _go_on(build, build.command)
    return status


def _go_on(build: Build, command: CommandLine) -> NoReturn:
    """Become cargo."""
    become([build.cargo, *command.words()], build.environment)


def _prove(build: Build, artifacts: Sequence[Artifact]) -> int:
    from symver_pin.toolchain.cargo.proof import prove

    quiet = build.command.has("-q", "--quiet")
    return max((prove(pin, _artifacts_of(pin, build, artifacts), quiet) for pin in build.pins), default=0)


def _artifacts_of(pin: Pin, build: Build, artifacts: Sequence[Artifact]) -> list[Artifact]:
    """What was made for one of several targets: cargo gives each a folder of its triple."""
    if len(set(build.targets)) == 1:
        return list(artifacts)
    return [
        item for item in artifacts if any(pin.rust.triple in path.parts for path in (*item.programs, *item.archives))
    ]


class _Output(NamedTuple):
    """A running cargo."""

    process: "subprocess.Popen[str]"
    lines: Iterator[str]

    def status(self) -> int:
        """Its exit status, as a shell tells it; it has ended."""
        return self.process.returncode if self.process.returncode >= 0 else 128 - self.process.returncode


@contextlib.contextmanager
def _lines(build: Build, words: Sequence[str], environment: Mapping[str, str]) -> Iterator[_Output]:
    """Run cargo and read its standard output. A jobserver's open files are passed on."""
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
        import symver_pin.toolchain.cargo.proof  # noqa: F401  (while cargo works)

        assert process.stdout is not None
        yield _Output(process, iter(process.stdout))


def _echoed(lines: Iterator[str], write: Callable[[str], object]) -> Iterator[str]:
    for line in lines:
        write(line)
        yield line


def _silent(_line: str) -> None:
    pass


def _rendered(line: str) -> str:
    """What a line of JSON messages says to people: a diagnostic as rustc would print it, else nothing."""
    if not line.startswith('{"reason":"compiler-message"'):
        return "" if line.startswith('{"reason":') else line
    return str(json.loads(line)["message"]["rendered"] or "")
