"""What all verdicts of one run share: the target, its tables, the gates."""

from __future__ import annotations

from symver_pin.errors import ElfError, UsageError
from symver_pin.verify.check import judge
from symver_pin.verify.knowledge import open_knowledge
from symver_pin.verify.model import FileVerdict
from symver_pin.verify.objects import Object
from symver_pin.verify.review import review_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from symver_pin.elf.source import Source
    from symver_pin.maps.platforms import Target
    from symver_pin.verify.files import Files
    from symver_pin.verify.knowledge import Knowledge
    from symver_pin.verify.link_map import LinkMap
    from symver_pin.verify.policy import Policy


class Judgement:
    """The judge of one run."""

    def __init__(
        self,
        target: Target,
        arch: str | None,
        policy: Policy | None,
        callers: bool,
        link_maps: Mapping[str, LinkMap],
        for_many: bool = False,
    ) -> None:
        self.target, self._arch, self._policy = target, arch, policy
        self.callers, self._link_maps = callers, link_maps
        self._for_many = for_many
        self._known: dict[str, Knowledge | None] = {}
        self._refused: list[UsageError] = []
        """Why an architecture's table does not do."""

    def open_tables(self, arch: str) -> Knowledge | None:
        """The tables of an architecture; None when there are none for the target."""
        if arch not in self._known:
            self._known[arch] = None
            try:
                self._known[arch] = open_knowledge(arch, self.target.glibc, self.target.gcc, self._for_many)
            except UsageError as error:
                self._refused.append(error)
        return self._known[arch]

    def knowledge(self, path: str, arch: str) -> Knowledge:
        """The tables of a file's architecture. Raises ElfError when there are none for the target, or another one was
        asked for.
        """
        if self._arch not in (None, arch):
            raise ElfError(f"{path}: is for {arch}, not for {self._arch}; choose the architecture with --arch")
        found = self.open_tables(arch)
        if found is None:
            raise ElfError(f"{path}: no symbol table for its architecture {arch} that has glibc {self.target.glibc}")
        return found

    def check_tables(self) -> None:
        """Raises UsageError when tables were looked for, and none has the target."""
        if self._refused and not any(self._known.values()):
            raise self._refused[0]

    def check_maps(self, inputs: Iterable[object]) -> None:
        """Raises UsageError when there is a link map of something that is no program or library among the files."""
        if not self._link_maps:
            return
        paths = {found.path for found in inputs if isinstance(found, Object | FileVerdict)}
        for path in self._link_maps:
            if path not in paths:
                raise UsageError(f"{path}: has a link map, and is not among the programs and libraries to judge")

    def open(self, source: Source) -> Object | FileVerdict:
        """A program or library, read for what others ask of it. Raises ElfError for what is none."""
        found = Object(source)
        found.is_judged = True
        try:
            knowledge = self.knowledge(found.path, found.arch.name)
            if found.kind != "static executable":
                review_of(found, knowledge)
        except ElfError as error:
            return FileVerdict(found.path, "error", found.arch.name, error=str(error))
        found.close()
        return found

    def verdict(self, found: Object, files: Files) -> FileVerdict:
        """The verdict of one file, which finds its libraries among others."""
        try:
            knowledge = self.knowledge(found.path, found.arch.name)
        except ElfError as error:
            return FileVerdict(found.path, "error", found.arch.name, error=str(error))
        verdict = judge(found, files, knowledge, self.target)
        link_map = self._link_maps.get(found.path)
        if (self.callers or link_map is not None) and verdict.verdict == "fails":
            from symver_pin.verify.callers import name_callers

            verdict = name_callers(verdict, found, link_map)
            found.close()
        if self._policy is None or verdict.verdict == "error":
            return verdict
        from symver_pin.verify.gates import hold_against

        return hold_against(self._policy, verdict, found, files)
