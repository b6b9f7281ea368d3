"""Judge one file: all rules over what it loads, then the answer for the asked release and for all others at once."""

from __future__ import annotations

from symver_pin.errors import ElfError
from symver_pin.maps.release import node_sort_key
from symver_pin.verify.header import check_header
from symver_pin.verify.interpreter import check_interpreter
from symver_pin.verify.libraries import check_libraries
from symver_pin.verify.model import NOTES, FileVerdict, Finding
from symver_pin.verify.platform import check_platform
from symver_pin.verify.review import review_of
from symver_pin.verify.scope import build_scope
from symver_pin.verify.symbols import check_symbols
from symver_pin.verify.versions import check_versions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from symver_pin.maps.platforms import Target
    from symver_pin.verify.files import Files
    from symver_pin.verify.knowledge import Knowledge
    from symver_pin.verify.model import Verdict
    from symver_pin.verify.objects import Object
    from symver_pin.verify.problems import Problem
    from symver_pin.verify.scope import Scope

    Rule = Callable[[Scope, Knowledge], Iterator[Problem]]


def check_older(scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    """References of the judged file to an older function of another meaning."""
    if scope.reviews[0].differing:
        from symver_pin.verify.meanings import check_meanings

        yield from check_meanings(scope.reviews[0], knowledge)


#: In the order in which a start meets them; the start-up code itself is looked at with the versions.
RULES: tuple[Rule, ...] = (
    check_interpreter, check_header, check_libraries, check_versions, check_symbols, check_platform, check_older,
)  # fmt: skip


def judge(file: Object, files: Files, knowledge: Knowledge, target: Target) -> FileVerdict:
    """The verdict of one file. A broken file yields the verdict ``error``; nothing is raised for it."""
    try:
        return _judge(file, files, knowledge, target)
    except ElfError as error:
        return FileVerdict(file.path, "error", file.arch.name, error=str(error))


def _judge(file: Object, files: Files, knowledge: Knowledge, target: Target) -> FileVerdict:
    kind = file.kind
    axis = knowledge.glibc.axis
    if kind == "static executable":
        first, loads = axis.releases[0], knowledge.glibc.everything
        return FileVerdict(file.path, "ok", file.arch.name, kind, None, None, (), first, (), axis.releases, loads)
    scope, problems = _look_at(file, files, knowledge)
    loads = knowledge.glibc.everything
    for review in scope.reviews:
        loads &= ~review.lacking
    at_target = False
    for problem in problems:
        if problem.kind not in NOTES and problem.by_glibc:
            loads &= ~problem.releases
        at_target = at_target or bool(problem.releases & knowledge.target)
    findings: tuple[Finding, ...] = ()
    if at_target:
        from symver_pin.verify.explain import explain

        findings = explain(
            problems, knowledge, target.glibc, target.gcc, lambda each: _is_told_there(each, file, files, knowledge)
        )
    for review in scope.reviews:
        review.file.close()
    verdict: Verdict = "ok" if NOTES.issuperset([finding.kind for finding in findings]) else "fails"
    highest = _highest(file)
    return FileVerdict(
        file.path,
        verdict,
        file.arch.name,
        kind,
        None,
        highest.get("GLIBC"),
        tuple(sorted(highest.items())),
        axis.first(loads),
        findings,
        axis.releases,
        loads,
    )


def _look_at(file: Object, files: Files, knowledge: Knowledge) -> tuple[Scope, list[Problem]]:
    """What is loaded for a file, and what the rules find wrong with it."""
    scope = build_scope(file, files, knowledge, lambda found: review_of(found, knowledge))
    return scope, [problem for rule in RULES for problem in rule(scope, knowledge)]


def _is_told_there(problem: Problem, root: Object, files: Files, knowledge: Knowledge) -> bool:
    """Whether a problem of a library is one of its own verdict too: it may be one only in what this file loads."""
    library = problem.file
    if library is root or not library.is_judged:
        return False
    if library.told is None:
        library.told = _problems_alone(library, files.home(library), knowledge)
    return (problem.kind, problem.library, problem.version, problem.detail) in library.told


def _problems_alone(library: Object, files: Files, knowledge: Knowledge) -> frozenset[tuple[object, ...]]:
    """The problems of a library itself, at the target, when it is judged: kind, library, version and detail."""
    try:
        _scope, problems = _look_at(library, files, knowledge)
    except ElfError:
        return frozenset()
    at_target = [each for each in problems if each.file is library and each.releases & knowledge.target]
    return frozenset([(each.kind, each.library, each.version, each.detail) for each in at_target])


#: Version node -> its family and sort key; None for one without a number.
_numbered: dict[str, tuple[str, tuple[str, tuple[int, ...]]] | None] = {}


def _highest(file: Object) -> dict[str, str]:
    """The highest numbered node of each family that the file itself wants."""
    found: dict[str, tuple[tuple[str, tuple[int, ...]], str]] = {}
    for _library, version, _weak, _index in file.needs:
        if version not in _numbered:
            family, _, number = version.rpartition("_")
            is_number = family and number.replace(".", "").isdecimal()
            _numbered[version] = (family, node_sort_key(version)) if is_number else None
        numbered = _numbered[version]
        if numbered is not None:
            family, key = numbered
            if family not in found or found[family][0] < key:
                found[family] = key, version
    return {family: version for family, (_key, version) in found.items()}
