"""Judge one file: apply all rules to its scope, then answer for the target release and for all others at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from symver_pin.errors import ElfError
from symver_pin.findings import NOTES
from symver_pin.glibc.platform_index import PlatformIndex
from symver_pin.glibc.release import node_sort_key
from symver_pin.loader.explain import explain
from symver_pin.loader.facts import FactsCache, FileFacts
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.problem import Problem
from symver_pin.loader.rules.bindings import check_bindings
from symver_pin.loader.rules.exported_runtime import check_exported_runtime
from symver_pin.loader.rules.header import check_header
from symver_pin.loader.rules.interpreter import check_interpreter
from symver_pin.loader.rules.libraries import check_libraries
from symver_pin.loader.rules.meanings import check_meanings
from symver_pin.loader.rules.memory import check_memory
from symver_pin.loader.rules.platform import check_platform
from symver_pin.loader.rules.startup import check_startup
from symver_pin.loader.rules.static_program import check_static_program
from symver_pin.loader.rules.structure import check_structure
from symver_pin.loader.rules.symbols import check_symbols
from symver_pin.loader.rules.unwinding import check_unwinding, unwinder_node
from symver_pin.loader.rules.versions import check_versions
from symver_pin.loader.scope import GivenFiles, Scope, build_scope
from symver_pin.loader.target_system import TargetSystem
from symver_pin.loader.verdict import FileVerdict

Rule = Callable[[Scope, TargetSystem], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    check_interpreter,
    check_structure,
    check_header,
    check_libraries,
    check_versions,
    check_startup,
    check_symbols,
    check_bindings,
    check_unwinding,
    check_platform,
    check_memory,
    check_meanings,
    check_exported_runtime,
)
"""In the order in which a start meets them."""

_Identity = tuple[str, str | None, str | None, str]
"""(kind, library, version, detail) of a problem."""


class Judge:
    """Makes the verdicts of one architecture; it keeps the facts about files between them."""

    def __init__(self, system: TargetSystem, platforms: PlatformIndex) -> None:
        self.system = system
        self.facts = FactsCache(system)
        self._platforms = platforms
        self._own_problems: dict[LoadedObject, frozenset[_Identity]] = {}

    def verdict(self, file: LoadedObject, given: GivenFiles) -> FileVerdict:
        """The verdict on one file. A broken file yields the verdict ``error``; nothing is raised for it."""
        try:
            return self._static_verdict(file) if file.kind == "static executable" else self._verdict(file, given)
        except ElfError as error:
            return FileVerdict(file.path, "error", file.arch.name, error=str(error))

    def _static_verdict(self, file: LoadedObject) -> FileVerdict:
        axis = self.system.axis
        return FileVerdict(
            file.path,
            "ok",
            file.arch.name,
            file.kind,
            lowest_glibc=axis.releases[0],
            findings=explain(check_static_program(file, self.system), self.system, lambda _problem: False),
            releases=axis.releases,
            loads=axis.everything,
            runs_on=self._platforms.platforms,
        )

    def _verdict(self, file: LoadedObject, given: GivenFiles) -> FileVerdict:
        system = self.system
        scope, problems = self._apply_rules(file, given)
        loads = system.everything
        for facts in scope.facts:
            loads &= ~facts.lacking
        for problem in problems:
            if problem.kind not in NOTES and problem.by_glibc:
                loads &= ~problem.releases
        findings = explain(problems, system, lambda problem: self._is_reported_by_dependency(problem, file, given))
        for loaded in scope.files:
            loaded.close()
        highest_of = tuple(sorted(_highest_nodes(scope.facts[:1]).items()))
        lowest = system.axis.first(loads)
        return FileVerdict(
            file.path,
            "fails" if any(finding.fails for finding in findings) else "ok",
            file.arch.name,
            file.kind,
            highest=dict(highest_of).get("GLIBC"),
            highest_of=highest_of,
            lowest_glibc=lowest,
            findings=findings,
            releases=system.axis.releases,
            loads=loads,
            runs_on=self._platforms.running(
                loads, system.axis, _nodes_of_the_system(scope), _libraries_of_the_system(scope)
            ),
        )

    def _apply_rules(self, file: LoadedObject, given: GivenFiles) -> tuple[Scope, list[Problem]]:
        scope = build_scope(file, given, self.system, self.facts)
        return scope, [problem for rule in RULES for problem in rule(scope, self.system)]

    def _is_reported_by_dependency(self, problem: Problem, root: LoadedObject, given: GivenFiles) -> bool:
        """True if the library's own verdict already reports this problem. A library can also fail only in combination
        with the program that loads it.
        """
        library = problem.file
        if library is root or not library.is_verified:
            return False
        if library not in self._own_problems:
            self._own_problems[library] = self._problems_alone(library, given.home(library))
        return _identity(problem) in self._own_problems[library]

    def _problems_alone(self, library: LoadedObject, given: GivenFiles) -> frozenset[_Identity]:
        """The problems that a library's own verdict reports of it at the target release."""
        try:
            _scope, problems = self._apply_rules(library, given)
        except ElfError:
            return frozenset()
        target = self.system.target
        return frozenset(_identity(each) for each in problems if each.file is library and each.releases & target)

    def forget(self, file: LoadedObject) -> None:
        """Drop everything about a file: the verdicts on it and on everything that loads it are made."""
        self.facts.forget(file)
        self._own_problems.pop(file, None)
        file.release_content()


def _identity(problem: Problem) -> _Identity:
    return problem.kind, problem.library, problem.version, problem.detail


def _highest_nodes(facts: Iterable[FileFacts], counts: Callable[[str], bool] = lambda library: True) -> dict[str, str]:
    """Family -> the highest numbered node of it that some files need, of the libraries that count."""
    found: dict[str, str] = {}
    for each in facts:
        for (library, family), node in each.highest_nodes.items():
            if counts(library) and (family not in found or node_sort_key(found[family]) < node_sort_key(node)):
                found[family] = node
    return found


def _nodes_of_the_system(scope: Scope) -> tuple[str, ...]:
    """The highest node of each family that the files of a scope need of libraries which do not come with them."""

    def is_of_the_system(library: str) -> bool:
        entry = scope.find(library)
        return entry is None or entry.file is None

    return (*sorted(_highest_nodes(scope.facts, is_of_the_system).values()), *unwinder_node(scope))


def _libraries_of_the_system(scope: Scope) -> tuple[str, ...]:
    """The sonames of the libraries in a scope that do not come with the files."""
    return tuple(sorted(entry.name for entry in scope.entries if entry.file is None))
