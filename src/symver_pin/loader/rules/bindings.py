"""Rule: a reference and the symbol that it is bound to must be of one kind.

* A place in each thread's block (TPOFF, a TLS descriptor) is asked of a file without thread-local variables: the loader
  divides by the alignment of a block that does not exist, and dies by SIGFPE.
* From 2.35 on: a library that is compiled with ``-mno-direct-extern-access`` says so in a property
  (GNU_PROPERTY_1_NEEDED_INDIRECT_EXTERN_ACCESS); a program that copies one of its protected variables, or that has the
  address of one of its protected functions in its own code, is refused (``_dl_check_protected_symbol`` of glibc's
  sysdeps/generic/dl-protected.h).
"""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.elf.constants import PT_TLS
from symver_pin.elf.notes import needs_indirect_access
from symver_pin.glibc.release import Release
from symver_pin.loader.facts import FileFacts
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.problem import Problem
from symver_pin.loader.scope import Scope
from symver_pin.loader.target_system import TargetSystem

_CHECKS_PROTECTED = Release(2, 35)


def check_bindings(scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """References of given files that are bound to a symbol of another kind in a given file."""
    for facts in scope.facts:
        if facts.thread_offsets:
            yield from _check_thread_offsets(facts, scope, system)
    direct = scope.facts[_root_place(scope)].direct_references
    if scope.root.kind == "executable" and direct:
        yield from _check_protected(direct, scope, system)


def _root_place(scope: Scope) -> int:
    return next(place for place, facts in enumerate(scope.facts) if facts.file is scope.root)


def _check_thread_offsets(facts: FileFacts, scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    for name in sorted(facts.thread_offsets):
        for library in scope.files:
            if scope.given.exports.of(library).found_unversioned(frozenset((name,))):
                block = library.image.first(PT_TLS)
                if block is None or not block.mem_size or not block.align:
                    yield _problem("thread-local-mismatch", facts.file, library, name, system.everything)
                library.close()
                break


def _check_protected(direct: frozenset[bytes], scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    later = system.everything & ~system.axis.before(_CHECKS_PROTECTED)
    for library in scope.files:
        if library is scope.root or not library.has_properties:
            continue
        if needs_indirect_access(library.image):
            for name in sorted(direct & library.dynamic.protected_names()):
                yield _problem("protected-symbol", scope.root, library, name, later)
        library.close()


def _problem(kind: str, file: LoadedObject, library: LoadedObject, name: bytes, releases: int) -> Problem:
    return Problem(kind, file, releases, library.names[0], unversioned=frozenset((name,)))
