"""Files of special forms: with separate debug information, with data behind their end, prelinked."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from pinning import dynamic_of, run
from symver_pin import repair
from symver_pin.elf.constants import PT_DYNAMIC

from .conftest import Plain
from .test_rewrite import sections_of
from .test_traps import HOST, PLUGIN, SIGNAL_STACK

GNU_PRELINKED, CHECKSUM, GNU_CONFLICT = 0x6FFFFDF5, 0x6FFFFDF8, 0x6FFFFEF8


def with_tags(file: Path, *tags: int) -> None:
    """Use spare entries of a file's dynamic section for tags, with a value of 1."""
    image = dynamic_of(file).image
    segment = image.first(PT_DYNAMIC)
    assert segment is not None
    data = bytearray(image.data)
    entries = range(segment.offset, segment.offset + segment.file_size, 16)
    first = next(at for at in entries if not any(data[at : at + 16]))
    added = b"".join(struct.pack("<QQ", tag, 1) for tag in tags)
    assert not any(data[first : first + len(added) + 16])
    data[first : first + len(added)] = added
    file.write_bytes(data)


@pytest.mark.parametrize("linker", ["bfd", "lld"])
def test_a_separate_debug_file_still_belongs_to_the_program(plain: Plain, linker: str) -> None:
    source = plain.write("sizes.c", SIGNAL_STACK)
    program = plain.build(source, "-g", "-Wl,--build-id", linker=linker)
    debug = plain.folder / "program.debug"
    objcopy = need_tool("objcopy")
    succeeded(run([objcopy, "--only-keep-debug", program, debug]))
    succeeded(run([objcopy, "--strip-debug", f"--add-gnu-debuglink={debug}", program]))
    plain.repair(program)
    before, after = sections_of(program), sections_of(plain.out / "program")
    for name in (".note.gnu.build-id", ".gnu_debuglink", ".text", ".eh_frame"):
        assert before[name] == after[name]
    debug.rename(plain.out / debug.name)
    address = next(
        line.split()[1] for line in succeeded(run(["readelf", "-sW", debug.name], cwd=plain.out)).splitlines()
        if line.endswith(" main")
    )  # fmt: skip
    said = succeeded(run(["addr2line", "-e", "program", f"0x{address}"], cwd=plain.out))
    assert said.startswith(f"{source}:") and not said.strip().endswith("?")
    assert plain.runs("program") == "1 1\n"


@pytest.mark.parametrize("kind", ["zip", "text"])
def test_a_program_that_finds_data_from_its_end_is_refused(plain: Plain, kind: str) -> None:
    program = plain.build(plain.write("sizes.c", SIGNAL_STACK))
    if kind == "zip":
        with zipfile.ZipFile(program, "a") as archive:
            archive.writestr("data", "x" * 1000)
    else:
        with program.open("ab") as stream:
            stream.write(b"payload " * 1000)
    outcome = repair([program], "2.17", plain.out)
    (file,) = (file for file in outcome.files if file.status == "refused")
    assert "distance" in file.reason and outcome.exit_status == 1 and not plain.out.exists()


def test_a_prelinked_program_is_refused(plain: Plain) -> None:
    program = plain.build(plain.write("sizes.c", SIGNAL_STACK))
    with_tags(program, GNU_CONFLICT)
    outcome = repair([program], "2.17", plain.out)
    assert outcome.exit_status == 1 and "prelink -u" in outcome.files[0].decisions[0].note


def test_a_repaired_library_is_prelinked_no_more(plain: Plain) -> None:
    plugin = plain.build(plain.write("plugin.c", PLUGIN), mode="shared", output="plugin.so")
    with_tags(plugin, GNU_PRELINKED, CHECKSUM)
    plain.repair(plain.build(plain.write("host.c", HOST)), plugin)
    assert not {GNU_PRELINKED, CHECKSUM} & dynamic_of(plain.out / "plugin.so").tags.keys()
    assert plain.runs("program") == "42\n"
