"""What all verdicts of one verification share: the target and its tables, the policy, the link maps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from symver_pin.elf.digest import sha256_of
from symver_pin.elf.image import Content, Source
from symver_pin.errors import ElfError, UsageError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platform_index import PlatformIndex
from symver_pin.glibc.platforms import Target
from symver_pin.loader.judge import Judge
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.target_system import TargetSystem
from symver_pin.loader.verdict import FileVerdict
from symver_pin.machine.arch import Arch
from symver_pin.promises.check import apply_promise
from symver_pin.promises.promise import Promise
from symver_pin.verifier.carried import Carried, carried_by_program
from symver_pin.verifier.discovery.candidates import StaticArchive
from symver_pin.verifier.discovery.excluded import Excluded
from symver_pin.verifier.given_files import FileSet, open_object
from symver_pin.verifier.needed import NeededLibraries
from symver_pin.verifier.policies.check import apply_policy
from symver_pin.verifier.policies.policy import Policy
from symver_pin.verifier.policies.table import named_policy
from symver_pin.verifier.references.callers import add_callers, add_callers_in_members
from symver_pin.verifier.references.link_map import LinkMap
from symver_pin.verifier.static_archive import Objects, check_static_archive, notes


class Opened(NamedTuple):
    """A file that was opened to be verified."""

    file: LoadedObject | FileVerdict
    carried: tuple[Carried, ...]
    """The data that it carries behind its end or in a section."""


class PromiseRules(NamedTuple):
    """What becomes of the promises of packages (``symver_pin.promises``)."""

    are_checked: bool = True
    """True to compare each file with the promise of its package, by the policy of a wheel's tag too."""
    are_targets: bool = False
    """True to verify each package for the release that it promises, if it promises one."""


NO_PROMISES = PromiseRules(are_checked=False)


def promised_target(promise: Promise, maps: Maps) -> Target | None:
    """The target that a package promises; None if it names no release. Raises UsageError for an impossible one."""
    policy = named_policy(promise.policy, maps) if promise.policy else None
    promised = policy.target if policy is not None else None
    return maps.target(promised or promise.target) if promise.target else None


class Session:
    """One verification: it makes the verdicts of single files."""

    def __init__(
        self,
        target: Target,
        maps: Maps,
        arch: Arch | None = None,
        policy: Policy | None = None,
        callers: bool = False,
        link_maps: Mapping[str, LinkMap] | None = None,
        excluded: Excluded | None = None,
        promises: PromiseRules = NO_PROMISES,
        digests: bool = False,
    ) -> None:
        """``arch`` refuses files of any other architecture; ``link_maps`` are by the path of the linked file;
        ``excluded`` is passed over in folders and archives; ``promises`` is how those of packages count; ``digests``
        adds the SHA-256 of each file.
        """
        self._digests = digests
        self.excluded = excluded or Excluded()
        self.target, self.maps, self.policy, self.callers = target, maps, policy, callers
        self._arch, self._link_maps = arch, link_maps or {}
        self._rules = promises
        self._promise: Promise | None = None
        self._promised_policy: Policy | None = None
        self._own_target: Target | None = None
        self._packages: dict[Promise, Session] = {}
        self.platforms = PlatformIndex(
            maps.platforms, maps.runtime_nodes, maps.platform_libraries, maps.platform_openssl
        )
        self._needs = NeededLibraries(maps)
        self._judges: dict[str, Judge | UsageError] = {}
        self._judges_of = {target: self._judges}
        """The judges of each target: those of packages may promise others."""

    def _open_tables(self, arch: Arch) -> Judge | UsageError:
        if arch.name not in self._judges:
            try:
                self._judges[arch.name] = Judge(TargetSystem(arch, self.target, self.maps), self.platforms)
            except UsageError as error:
                self._judges[arch.name] = error
        return self._judges[arch.name]

    def judge(self, path: str, arch: Arch) -> Judge:
        """The judge of an architecture. Raises ElfError, naming the file, when there is no table for the target, or the
        session is for another architecture.
        """
        if self._arch not in (None, arch):
            only = self._arch.name if self._arch is not None else ""
            raise ElfError(f"{path}: is for {arch.name}; only files for {only} are verified here")
        found = self._open_tables(arch)
        if isinstance(found, UsageError):
            raise ElfError(
                f"{path}: no symbol table for its architecture {arch.name} that has glibc {self.target.glibc}"
            )
        return found

    def check_tables(self) -> None:
        """Raises UsageError when tables were opened and none covers the target."""
        refused = [found for found in self._judges.values() if isinstance(found, UsageError)]
        if refused and len(refused) == len(self._judges):
            raise refused[0]

    def check_link_maps(self, inputs: Iterable[object]) -> None:
        """Raises UsageError when a link map is of a file that is not a program or library among the inputs."""
        paths = {found.path for found in inputs if isinstance(found, LoadedObject | FileVerdict)}
        for path in self._link_maps:
            if path not in paths:
                raise UsageError(f"{path}: has a link map, and is not among the programs and libraries to verify")

    def open(self, source: Source, keep_facts: bool, load: Callable[[], Content] | None = None) -> Opened:
        """A program or library to verify, closed; the verdict ``error`` when there is no table for it. ``load`` is as
        for ``open_object``.

        With ``keep_facts`` all that a verdict needs is read now, while the file is open; the verdict is ``error`` when
        that is broken. Raises ElfError for a file that is neither, or whose headers are broken.
        """
        found = open_object(source, load)
        found.is_verified = True
        carried = tuple(carried_by_program(found.image))
        try:
            judge = self.judge(found.path, found.arch)
            if keep_facts and found.kind != "static executable":
                judge.facts.of(found)
        except ElfError as error:
            return Opened(FileVerdict(found.path, "error", found.arch.name, error=str(error)), carried)
        found.close()
        return Opened(found, carried)

    def forget(self, file: LoadedObject) -> None:
        """Drop everything about a file: the verdicts on it and on everything that loads it are made."""
        for judges in self._judges_of.values():
            judge = judges.get(file.arch.name)
            if isinstance(judge, Judge):
                judge.forget(file)

    @property
    def checks_promises(self) -> bool:
        """True if the promises of packages count."""
        return self._rules.are_checked

    def mark(self, verdict: FileVerdict) -> FileVerdict:
        """The verdict with the target that the package promises, if that is not the target of the verification."""
        return verdict if self._own_target is None else verdict._replace(target=self._own_target)

    def for_package(self, promise: Promise | None) -> Session:
        """The session for the files of a package with a promise: it has the same options, and the promised target if
        ``PromiseRules.are_targets``.
        """
        if promise is None or not self._rules.are_checked:
            return self
        if promise not in self._packages:
            policy = named_policy(promise.policy, self.maps) if promise.policy else None
            target = (promised_target(promise, self.maps) if self._rules.are_targets else None) or self.target
            made = Session(
                target,
                self.maps,
                self._arch,
                self.policy,
                self.callers,
                self._link_maps,
                self.excluded,
                digests=self._digests,
            )
            made._promise, made._promised_policy = promise, policy
            made._judges = self._judges_of.setdefault(target, {})
            made._own_target = None if target == self.target else target
            self._packages[promise] = made
        return self._packages[promise]

    def verdict(self, found: LoadedObject, files: FileSet) -> FileVerdict:
        """The verdict on one file, which finds its libraries in ``files``."""
        verdict = self.judge(found.path, found.arch).verdict(found, files)
        link_map = self._link_maps.get(found.path)
        if (self.callers or link_map is not None) and verdict.verdict == "fails":
            verdict = add_callers(verdict, found, link_map)
        if verdict.verdict != "error":
            verdict = verdict._replace(needed=self._needs.of(found, files))
        if self.policy is not None and verdict.verdict != "error":
            verdict = apply_policy(self.policy, verdict, found, files)
        if self._promise is not None:
            if verdict.verdict != "error" and self._promised_policy is not None:
                verdict = apply_policy(self._promised_policy, verdict, found, files)
            verdict = apply_promise(self._promise, verdict)
        if self._digests and verdict.verdict != "error":
            verdict = verdict._replace(sha256=sha256_of(found.image))
        found.close()
        return self.mark(verdict)

    def static_verdict(self, archive: StaticArchive) -> FileVerdict:
        """The verdict on a static archive, or a single object."""
        try:
            objects = Objects(archive)
            if objects.arch is None:
                findings = tuple(notes(archive.path, objects, []))
                return FileVerdict(archive.path, "ok", kind="static archive", findings=findings)
            system = self.judge(archive.path, objects.arch).system
            verdict = self.mark(check_static_archive(archive.path, objects, system))
            verdict = verdict._replace(runs_on=self.platforms.running(verdict.loads, system.axis))
            return add_callers_in_members(verdict, archive) if self.callers else verdict
        except ElfError as error:
            return FileVerdict(archive.path, "error", error=str(error))
