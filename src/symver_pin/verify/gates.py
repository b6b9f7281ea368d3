"""Gates: a file held against a policy. They look at what the file wants, not at whether the loader would find it.

Only what comes from *outside* of the judged set counts: a wheel may bring along what it likes.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from symver_pin.errors import ElfError
from symver_pin.verify.files import Files
from symver_pin.verify.model import FileVerdict, Finding, Guilty, Kind
from symver_pin.verify.objects import Object
from symver_pin.verify.policy import Limits, Policy, split_node

_ADVICE_LIBRARY = "link without it, link it statically, or ship it beside the file"
_ADVICE_NODE = "build for an older target (`symver-pin cc --glibc`, `symver-pin c++`), or link that library statically"
_ADVICE_SYMBOL = "it is private to that library, or missing in its old builds: link it statically, or do without"


def hold_against(policy: Policy, verdict: FileVerdict, file: Object, files: Files) -> FileVerdict:
    """The verdict with the findings of a policy added; ``files`` is the set that brings libraries along."""
    if verdict.kind == "static executable":
        return verdict
    limits = policy.limits(file.arch.name)
    if limits is None:
        text = f"{policy.name} does not hold for {file.arch.name}"
        found: tuple[Finding, ...] = (_finding("architecture-not-allowed", file, text, "", None, None, ()),)
    else:
        try:
            found = tuple(_violations(policy.name, limits, file, files))
        except ElfError as error:
            return FileVerdict(file.path, "error", file.arch.name, error=str(error))
        file.close()
    return verdict._replace(verdict="fails", findings=(*verdict.findings, *found)) if found else verdict


def _violations(name: str, limits: Limits, file: Object, files: Files) -> Iterator[Finding]:
    outside = {
        soname
        for soname in {*file.needed, *(need.library for need in file.needs)}
        if not _comes_along(soname, file, files)
    }
    for soname in file.needed:
        if soname not in outside:
            continue
        if any(fnmatchcase(soname, glob) for glob in limits.denied):
            yield _finding("library-denied", file, f"{name} forbids {soname}", _ADVICE_LIBRARY, soname, None, ())
        elif (
            limits.allowed is not None
            and soname != file.arch.loader
            and not any(fnmatchcase(soname, glob) for glob in limits.allowed)
        ):
            text = f"{name} does not allow {soname}"
            yield _finding("library-not-allowed", file, text, _ADVICE_LIBRARY, soname, None, ())
    for need in file.needs:
        if need.library not in outside:
            continue
        family, number = split_node(need.version)
        over = [ceiling for ceiling in limits.ceilings if number > ceiling.number and ceiling.family == family]
        if over:
            lowest = min(over, key=lambda ceiling: ceiling.number)
            text = f"{need.version} of {need.library} is above {lowest.node}, the highest that {name} allows"
            symbols = tuple(sorted(wanted.name for wanted in file.bound_to(need.library, need.version)))
            yield _finding("above-maximum", file, text, _ADVICE_NODE, need.library, need.version, symbols)
    for glob, private in limits.denied_symbols:
        # Libraries without versions leave the name of the library open: then having asked for the library counts.
        sonames = sorted(soname for soname in outside if fnmatchcase(soname, glob))
        wanted = (item for item in file.imports() if item.name in private)
        used = sorted({item.name for item in wanted if item.library is None or item.library in sonames})
        if sonames and used:
            text = f"{name} forbids {', '.join(used[:3])}{' ...' if len(used) > 3 else ''} of {sonames[0]}"
            yield _finding("symbol-denied", file, text, _ADVICE_SYMBOL, sonames[0], None, tuple(used))


def _comes_along(soname: str, file: Object, files: Files) -> bool:
    try:
        return files.resolve(soname, (file,)) is not None
    except ElfError:
        return True  # it is there, and broken: the loader's rules tell


def _finding(
    kind: Kind, file: Object, text: str, advice: str, library: str | None, version: str | None, symbols: tuple[str, ...]
) -> Finding:
    guilty = tuple(Guilty(name, None, None, None, None) for name in symbols)
    return Finding(kind, file.path, text, advice, library, version, None, guilty)
