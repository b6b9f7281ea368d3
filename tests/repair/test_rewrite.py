"""The rewritten file: what changes in it and what does not, where the new tables go, and every architecture's form."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from cross import EMULATORS, OLDEST, start
from pinning import LINKERS, dynamic_of, run
from symver_pin import repair
from symver_pin.elf.constants import PT_DYNAMIC, PT_LOAD, PT_PHDR
from symver_pin.elf.image import Image, load_image
from symver_pin.errors import RepairError
from symver_pin.machine.architectures import arch_of
from symver_pin.repairer.rewriting.change import Change, Version
from symver_pin.repairer.rewriting.rewrite import rewrite
from symver_pin.verifier.given_files import open_object

from .conftest import Plain

MOVED = {".dynstr", ".gnu.version_r", ".dynamic", ".rela.dyn", ".rel.dyn"}
IN_PLACE = {".gnu.version", ".symtab"}

HEADERS = r"""
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/random.h>
static char large[300000];
static int seen(struct dl_phdr_info *info, size_t size, void *given) {
    (void)size;
    return (const void *)info->dlpi_phdr == given && info->dlpi_phnum == getauxval(AT_PHNUM);
}
int main(void) {
    char byte;
    large[getauxval(AT_PHNUM)] = 1;
    printf("%d %d\n", dl_iterate_phdr(seen, (void *)getauxval(AT_PHDR)), (int)getrandom(&byte, 1, 0));
}
"""


def sections_of(file: Path) -> dict[str, tuple[int, bytes]]:
    """Name -> (address, content) of the sections of a file that are in it."""
    from elftools.elf.elffile import ELFFile

    with file.open("rb") as stream:
        return {
            section.name: (section["sh_addr"], section.data())
            for section in ELFFile(stream).iter_sections()
            if section["sh_type"] not in ("SHT_NULL", "SHT_NOBITS")
        }


@pytest.mark.parametrize("linker", LINKERS)
@pytest.mark.parametrize("mode", ["pie", "exec", "shared"])
def test_nothing_but_the_named_tables_changes(plain: Plain, linker: str, mode: str) -> None:
    source = plain.write("headers.c", HEADERS)
    flags = ("-g", "-Wl,--build-id")
    program = plain.build(source, *flags, linker=linker, mode=mode)
    plain.repair(program)
    before, after = sections_of(program), sections_of(plain.out / "program")
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} <= MOVED | IN_PLACE
    old, new = program.read_bytes(), (plain.out / "program").read_bytes()
    assert len(new) > len(old)
    image = load_image(program)
    for segment in image.segments:
        if segment.type == PT_LOAD and segment.flags & 1:  # code, byte for byte where it was
            end = segment.offset + segment.file_size
            if segment.offset:
                assert old[segment.offset : end] == new[segment.offset : end]


@pytest.mark.parametrize("linker", LINKERS)
@pytest.mark.parametrize("mode", ["pie", "exec"])
def test_the_program_finds_its_headers_where_kernels_say_they_are(plain: Plain, linker: str, mode: str) -> None:
    plain.repair(plain.build(plain.write("headers.c", HEADERS), linker=linker, mode=mode))
    image = load_image(plain.out / "program")
    loads = [segment for segment in image.segments if segment.type == PT_LOAD]
    assert [segment.vaddr for segment in loads] == sorted(segment.vaddr for segment in loads)
    (offset,) = image.unpack("Q", 32, "e_phoff")
    header = image.first(PT_PHDR)
    if header is not None:
        # Kernels before 5.18 compute AT_PHDR from the first segment and e_phoff, later ones take PT_PHDR.
        assert header.offset == offset
        assert header.vaddr == loads[0].vaddr - loads[0].offset + offset
        assert image.segments.index(header) < image.segments.index(loads[0])
    assert plain.runs("program") == "1 1\n"


def test_a_dynamic_section_without_spare_entries_moves(plain: Plain) -> None:
    program = plain.build(plain.write("headers.c", HEADERS), "-Wl,-z,relro", linker="lld")
    plain.repair(program)
    old, new = (load_image(path).first(PT_DYNAMIC) for path in (program, plain.out / "program"))
    assert old is not None and new is not None and new.vaddr > old.vaddr
    assert plain.runs("program") == "1 1\n"


def test_a_file_without_section_headers_is_repaired(plain: Plain) -> None:
    program = plain.build(plain.write("headers.c", HEADERS))
    data = bytearray(program.read_bytes())
    data[40:48] = bytes(8)  # e_shoff
    data[58:64] = bytes(6)  # e_shentsize, e_shnum, e_shstrndx
    program.write_bytes(data)
    plain.repair(program)
    assert plain.runs("program") == "1 1\n"


def test_readelf_and_elflint_find_no_more_to_say(plain: Plain) -> None:
    for tool in ("readelf", "eu-elflint"):
        need_tool(tool)
    for linker in LINKERS:
        program = plain.build(plain.write("headers.c", HEADERS), "-g", linker=linker, output=f"p-{linker}")
        plain.repair(program)
        for command in (["readelf", "-aW"], ["eu-elflint", "--gnu-ld"]):
            before, after = (run([*command, path]) for path in (program, plain.out / program.name))
            assert len(after.stderr.splitlines()) <= len(before.stderr.splitlines())
            if command[0] != "readelf":
                assert len(after.stdout.splitlines()) <= len(before.stdout.splitlines()), after.stdout


def test_no_room_is_an_error_in_one_line(plain: Plain) -> None:
    text = "char big[2000000000u];\nint main(int count, char **words) { return big[count] = **words; }\n"
    program = plain.build(plain.write("big.c", text))
    file = open_object(program)
    with pytest.raises(RepairError, match="hole"):
        rewrite(file.dynamic, file.arch, Change(file.needed, {}, search_path="/a"))


def test_versions_that_nothing_uses_any_more_go(plain: Plain) -> None:
    program = plain.build(plain.write("headers.c", HEADERS))
    file = open_object(program)
    old = {Version(need.library, need.version) for need in file.needs}
    young = [imported for imported in file.imports() if imported.version == "GLIBC_2.25"]
    change = Change(file.needed, {imported.number: None for imported in young})
    image = Image(rewrite(file.dynamic, file.arch, change).data, "new")
    program.write_bytes(bytes(image.data))
    new = {Version(need.library, need.version) for need in dynamic_of(program).needs}
    assert new == old - {Version("libc.so.6", "GLIBC_2.25")}


CROSS = r"""
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
static int before;
__attribute__((constructor)) static void up(void) { ++before; }
static void *work(void *given) { return given; }
int main(void) {
    char byte;
    struct stat status;
    pthread_t thread;
    void *result;
    if (pthread_create(&thread, 0, work, &byte) || pthread_join(thread, &result)) return 1;
    printf("%d %d %d %d %d\n", before, (int)getrandom(&byte, 1, 0), stat("/", &status), result == &byte,
           sysconf(_SC_SIGSTKSZ) > 1000);
}
"""


@pytest.mark.parametrize("mode", ["pie", "exec"])
@pytest.mark.parametrize("triplet", EMULATORS)
def test_programs_of_every_architecture_are_repaired(triplet: str, mode: str, tmp_path: Path) -> None:
    compiler = need_tool(f"{triplet}-gcc")
    source = tmp_path / "program.c"
    source.write_text(CROSS)
    program, flags = tmp_path / "program", {"pie": ("-fPIE", "-pie"), "exec": ("-fno-pie", "-no-pie")}[mode]
    succeeded(run([compiler, "-O1", *flags, source, "-o", program]))
    outcome = repair([program], OLDEST[triplet], tmp_path / "out")
    assert outcome.exit_status == 0, [(file.reason, file.decisions) for file in outcome.files]
    assert any(file.status == "repaired" for file in outcome.files)
    image = load_image(tmp_path / "out/program")
    assert arch_of(image) is not None
    warned = subprocess.run(["readelf", "-aW", tmp_path / "out/program"], capture_output=True, text=True).stderr
    assert warned == subprocess.run(["readelf", "-aW", program], capture_output=True, text=True).stderr
    # The emulators' C library is newer than the target: it has all functions itself, and the order of libraries counts.
    assert succeeded(run([*start(triplet), tmp_path / "out/program"])) == "1 1 0 1 1\n"
