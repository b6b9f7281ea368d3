"""The verdicts of what an archive holds: its files are a set, in which they find their libraries."""

from symver_pin.errors import ElfError
from symver_pin.verify.files import Files
from symver_pin.verify.inputs import Archive, StaticArchive, open_archive
from symver_pin.verify.judgement import Judgement
from symver_pin.verify.model import FileVerdict
from symver_pin.verify.objects import Object
from symver_pin.verify.static import Objects, judge_archive, notes


def judge_set(found: Archive | StaticArchive, loose: Files, judgement: Judgement) -> list[FileVerdict]:
    """A verdict for each file of an archive, in its order; its files also find the loose ones. Nothing is raised."""
    loose.shelf.rest()  # its content needs the room
    content = list(open_archive(found, judgement)) if isinstance(found, Archive) else [found]
    files = Files([each for each in content if isinstance(each, Object)], loose)
    verdicts = []
    for each in content:
        if isinstance(each, FileVerdict):
            verdicts.append(each)
        elif isinstance(each, Object):
            verdicts.append(judgement.verdict(each, files))
        else:
            verdicts.append(_linked(each, judgement))
    for each in content:
        if isinstance(each, Object):
            each.forget()
    return verdicts


def _linked(archive: StaticArchive, judgement: Judgement) -> FileVerdict:
    try:
        objects = Objects(archive)
        if objects.arch is None:
            return FileVerdict(archive.path, "ok", kind="static archive", findings=tuple(notes(archive, objects, [])))
        knowledge = judgement.knowledge(archive.path, objects.arch)
        verdict = judge_archive(archive, objects, knowledge, judgement.target)
        if judgement.callers:
            from symver_pin.verify.callers import name_wanting

            verdict = name_wanting(verdict, archive)
        return verdict
    except ElfError as error:
        return FileVerdict(archive.path, "error", error=str(error))
