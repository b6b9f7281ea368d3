"""Repair the files of one set in memory: judge, plan, add libraries, rewrite, judge the results.

A set is closed: each of its files finds its libraries among the others. So all are planned together, since a library
that is added for one serves all. Two kinds are added, in the folder that is the ``home`` of the file that needs it:
the compat library, and runtime libraries of GCC that the target has in an older version. A process loads one library
of a soname, the first one that it meets; so every file that needs an added library gets the way to it, whether or not
it must be repaired itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from symver_pin.compat.archive import Progress
from symver_pin.errors import ElfError, RepairError, ToolError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.kit.command import CompilerCommand, default_cc, find_command
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.target_system import TargetSystem
from symver_pin.loader.verdict import FileVerdict
from symver_pin.machine.arch import Arch
from symver_pin.repairer.check import Checked, fails_as_before, note_on, reason_of
from symver_pin.repairer.compat_library import SONAME, CompatLibrary, ensure_compat_library
from symver_pin.repairer.decide import Decider
from symver_pin.repairer.embedding.members import Members, ensure_members
from symver_pin.repairer.host_runtimes import find_runtime, without_runtime
from symver_pin.repairer.members import Member
from symver_pin.repairer.outcome import RepairedFile, Status
from symver_pin.repairer.plan import FilePlan, as_embedded, plan_file, search_path, way_to
from symver_pin.repairer.rewriting.change import Change
from symver_pin.repairer.rewriting.rewrite import rewrite
from symver_pin.verifier.carried import carried_behind
from symver_pin.verifier.session import Session


class Settings(NamedTuple):
    """How a set is repaired."""

    target: Target
    maps: Maps
    bundles: bool = True
    """True to ship runtime libraries of GCC that are too old on the target."""
    runtime_folders: tuple[Path, ...] = ()
    """Where these are taken from; empty for the host's."""
    compiler: str | None = None
    """The C compiler for the compat library, as ``--cc`` names it."""
    progress: Progress | None = None
    embeds: bool = False
    """True to put the needed members into each file, instead of a compat library beside it."""


class Result(NamedTuple):
    """The result of one file."""

    file: RepairedFile
    member: Member
    """With the content of the result."""


class Batch:
    """The tools that sets of one repair share: a decider and a compat library for each architecture."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._deciders: dict[str, Decider] = {}
        self._libraries: dict[str, CompatLibrary] = {}
        self._members: dict[str, Members] = {}

    @cached_property
    def session(self) -> Session:
        """The verification of all sets."""
        return Session(self.settings.target, self.settings.maps)

    def compiler(self, arch: Arch) -> CompilerCommand:
        """The compiler for an architecture. Raises ToolError if there is none."""
        return find_command(self.settings.compiler or default_cc(arch))

    def library(self, arch: Arch) -> CompatLibrary:
        """The compat library. Raises as ``ensure_compat_library`` does."""
        if arch.name not in self._libraries:
            settings = self.settings
            self._libraries[arch.name] = ensure_compat_library(
                settings.target, arch, self.compiler(arch), settings.maps, settings.progress
            )
        return self._libraries[arch.name]

    def members(self, arch: Arch) -> Members:
        """The members that are embedded. Raises as ``ensure_members`` does."""
        if arch.name not in self._members:
            settings = self.settings
            self._members[arch.name] = ensure_members(
                settings.target, arch, self.compiler(arch), settings.maps, settings.progress
            )
        return self._members[arch.name]

    def decider(self, arch: Arch) -> Decider:
        """The decisions for an architecture."""
        if arch.name not in self._deciders:
            system = TargetSystem(arch, self.settings.target, self.settings.maps)
            self._deciders[arch.name] = Decider(system, self.settings.maps, lambda: self.library(arch))
        return self._deciders[arch.name]

    def repair(self, members: Sequence[Member]) -> list[Result]:
        """Repair one set. A file that cannot be read, or cannot be repaired, raises nothing: its result says why.

        Raises ToolError, CompatError or OutputError if the compat library is needed and cannot be made.
        """
        return _Set(self, members).results()


class _Set:
    """One set: its files as they were given, the plans, and the libraries that are added."""

    def __init__(self, batch: Batch, members: Sequence[Member]) -> None:
        self._batch = batch
        self._members = {member.path: member for member in members}
        self._given = list(self._members)
        self._plans: dict[str, FilePlan] = {}
        self._verdicts: dict[str, FileVerdict] = {}
        """The verdicts on the given files as they were."""
        self._reasons: dict[str, str] = {}
        """Path -> why the file is refused, where that is not a decision on a symbol."""
        self._added: dict[str, set[str]] = {}
        """Folder -> the names of the libraries that are added there."""
        self._arch_of_home: dict[str, Arch] = {}
        self._before = Checked(self._members.values(), batch.session)
        self._replace_compat_libraries()

    def _replace_compat_libraries(self) -> None:
        """Put the target's compat library in the place of another one, which an earlier repair left in the set."""
        own = [path for path, file in self._before.files.items() if file.names[0] == SONAME]
        for path in own:
            data = self._batch.library(self._before.files[path].arch).data
            if data != self._members[path].data:
                self._members[path] = self._members[path]._replace(data=data)
                self._given.remove(path)
        if own:
            self._before = Checked(self._members.values(), self._batch.session)

    def results(self) -> list[Result]:
        """The results of all files, then those of the libraries that are added."""
        self._plan()
        self._add_compat_libraries()
        rewritten = self._rewrite()
        after = Checked([rewritten.get(path, member) for path, member in self._members.items()], self._batch.session)
        results = [
            Result(self._report(path, path in rewritten, after), rewritten.get(path, member))
            for path, member in self._members.items()
            if path in after.files or path in after.errors or path in self._before.errors
        ]
        after.close()
        self._before.close()
        return results

    def _plan(self) -> None:
        """Plan all files that fail, and the runtime libraries that these bring in."""
        checked, left = self._before, list(self._before.files)
        while left:
            names = self._names()
            for path in left:
                file = checked.files[path]
                if file.kind == "static executable" or (path in self._given and self._loads(checked, path)):
                    continue
                try:
                    self._plans[path] = plan_file(file, self._batch.decider(file.arch), names)
                except ElfError as error:
                    self._reasons[path] = str(error)
                file.close()
            left = self._add_runtimes()
            if left:
                checked = self._before = Checked(self._members.values(), self._batch.session)

    def _loads(self, checked: Checked, path: str) -> bool:
        self._verdicts[path] = checked.verdict(path)
        return self._verdicts[path].verdict == "ok"

    def _home(self, path: str) -> str:
        """The folder for the libraries that are added for a file. If files of several architectures share a home, all
        but the first one get folders in it, named as Debian's.
        """
        home, arch = self._members[path].home, self._before.files[path].arch
        if self._arch_of_home.setdefault(home, arch) is arch:
            return home
        return f"{home}/{arch.triplet}"

    def _names(self) -> frozenset[str]:
        """The names of all libraries of the set."""
        return frozenset(name for file in self._before.files.values() for name in file.names)

    def _add_runtimes(self) -> list[str]:
        """Add the runtime libraries that plans ask for. Returns the paths of those that are new."""
        found: list[str] = []
        settings = self._batch.settings
        for path, plan in self._plans.items():
            home, file = self._home(path), self._before.files[path]
            for soname in plan.runtimes:
                if soname in self._added.get(home, ()):
                    continue
                library = None
                if settings.bundles:
                    library = find_runtime(soname, file.arch, settings.runtime_folders, self._compiler_or_none(file))
                if library is None:
                    self._reasons.setdefault(path, without_runtime(soname, settings.bundles))
                    continue
                source, image = library
                place = f"{home}/{soname}"
                content = memoryview(image.data)
                self._members[place] = Member(place, content, str(source), self._members[path].home, False)
                self._added.setdefault(home, set()).add(soname)
                found.append(place)
        return found

    def _compiler_or_none(self, file: LoadedObject) -> CompilerCommand | None:
        try:
            return self._batch.compiler(file.arch)
        except ToolError:
            return None

    def _add_compat_libraries(self) -> None:
        for path, plan in self._plans.items():
            if plan.change is None or not plan.uses_compat_library or self._batch.settings.embeds:
                continue
            home = self._home(path)
            place = f"{home}/{SONAME}"
            library = self._batch.library(self._before.files[path].arch)
            self._members[place] = Member(place, library.data, str(library.path), self._members[path].home, False)
            self._added.setdefault(home, set()).add(SONAME)

    def _rewrite(self) -> dict[str, Member]:
        """Path -> the rewritten member, for the files with a plan, and those that need an added library."""
        found: dict[str, Member] = {}
        for path, file in self._before.files.items():
            member = self._members[path]
            if path in self._reasons or file.kind == "static executable":
                continue
            try:
                change = self._change(member, file)
                if change is None:
                    continue
                behind = carried_behind(file.image)
                if behind:
                    what = behind[0].what or f"a {behind[0].kind} archive"
                    raise RepairError(
                        f"carries {what} behind its end, which is found by its distance from there; unpack it, and "
                        "repair the files in it"
                    )
                data = rewrite(file.dynamic, file.arch, change).data
                found[path] = member._replace(data=data)
            except (ElfError, RepairError) as error:
                self._reasons[path] = str(error).removeprefix(f"{path}: ")
            finally:
                file.close()
        return found

    def _change(self, member: Member, file: LoadedObject) -> Change | None:
        """The change of a file, with the way to the libraries that are added for it; None for no change."""
        plan = self._plans.get(member.path)
        if plan is not None and plan.change is None:
            return None
        change = plan.change if plan is not None else None
        if change is not None and plan is not None and plan.uses_compat_library and self._batch.settings.embeds:
            change = self._batch.members(file.arch).embed(file, change)
        needed = file.needed if change is None else change.needed
        home = self._home(member.path)
        wanted = self._added.get(home, set()).intersection(needed)
        way = search_path(file, [way_to(home, member.path)]) if wanted else None
        if change is None:
            return Change(needed, {}, search_path=way) if way is not None else None
        return change._replace(search_path=way)

    def _report(self, path: str, is_rewritten: bool, after: Checked) -> RepairedFile:
        error = self._before.errors.get(path) or after.errors.get(path)
        plan = self._plans.get(path)
        decisions = plan.decisions if plan is not None else ()
        if self._batch.settings.embeds:
            decisions = as_embedded(decisions)
        if error is not None:
            return RepairedFile(path, "error", reason=error)
        file = after.files[path]
        if file.kind == "static executable":
            return RepairedFile(path, "static", note="a static program needs no library: nothing to repair")
        if path in self._reasons or (plan is not None and plan.refused):
            return RepairedFile(path, "refused", decisions, None, self._reasons.get(path, ""))
        verdict = after.verdict(path)
        note = note_on(verdict)
        if verdict.verdict != "ok":
            before = self._verdicts.get(path)
            if before is None or not fails_as_before(verdict, before):
                return RepairedFile(path, "refused", decisions, verdict, reason_of(verdict))
            note = f"as before the repair, it {reason_of(verdict)}"
        status: Status = "added" if path not in self._given else "repaired" if is_rewritten else "fine"
        return RepairedFile(path, status, decisions, verdict, note=note)
