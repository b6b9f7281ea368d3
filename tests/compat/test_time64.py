"""The functions with 64-bit times on i386 and 32-bit Arm, to which headers turn with -D_TIME_BITS=64.

One program a family checks itself: with a new libc's own functions, then with the compat objects on that libc (which
they call) and on glibc 2.31, which has none of these functions. On i386, which this machine's kernel runs itself, the
programs run again while the kernel refuses the system calls with 64-bit times. The programs are compiled against the
headers of the cross compilers, so the types are the caller's own.
"""

import subprocess
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from cross import EMULATORS, libraries_of_231, start
from pinning import check_fits, cross_kit, run
from served import EMULATED, count
from symver_pin.compat.absent import load_absent
from symver_pin.compat.archive import SOURCES
from symver_pin.compat.safety import load_safety, safety_of
from symver_pin.compat.table import load
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import Release
from symver_pin.machine.architectures import ARCHES

from .conftest import PROGRAMS
from .time64_layouts import LAYOUTS

TRIPLETS = {"i386": "i686-linux-gnu", "arm": "arm-linux-gnueabihf"}
DEBIAN = {"i386": "i386", "arm": "armhf"}
LOADERS = {"i386": "ld-linux.so.2", "arm": "ld-linux-armhf.so.3"}

FAMILIES = sorted(path.name for path in (PROGRAMS / "time64").glob("*.c"))
WITH_FALLBACKS = ("clocks.c", "files.c", "polls.c", "sockets.c")
"""Programs with members that make a system call with 64-bit times."""

FLAGS = ("-D_TIME_BITS=64", "-D_FILE_OFFSET_BITS=64", "-D_GNU_SOURCE", "-U_FORTIFY_SOURCE", "-O1", "-g")

ROWS = [row for row in load() if row.file.startswith("time64") and row.kind != "engine"]

ZONES = (  # rules, zones with a file where tzdata has it, and what is neither
    "CET-1CEST,M3.5.0,M10.5.0/3", "NZST-12NZDT,M9.5.0,M4.1.0/3", "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "XST5XDT,J60,J300",
    "XST5XDT4:30,59/26,300/-3:30", "EST5EDT", "UTC0", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
    "Africa/Casablanca", "Asia/Tehran", "Europe/Dublin", "America/Godthab", "Asia/Gaza", "Pacific/Apia",
    "", ":", "Nowhere/City", "/nowhere", "AB", "ABC", "<+03", "<+03>", "EST24:59:59",
)  # fmt: skip


@pytest.fixture(scope="module")
def wrapper(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`wrapper("arm")`: the compiler of a kit for glibc 2.17, made once for this file."""
    folder = tmp_path_factory.mktemp("kits")

    @cache
    def get(arch: str) -> Path:
        need_tool(f"{TRIPLETS[arch]}-gcc")
        return cross_kit(arch, "2.17", folder) / "bin" / "cc"

    return get


def compile_program(compiler: str | Path, source: Path, program: Path, arch: str = "i386") -> Path:
    assert link_program(compiler, source, program, arch) == ""
    return program


def link_program(compiler: str | Path, source: Path, program: Path, arch: str, *flags: str) -> str:
    """Compile and link; the warnings."""
    if source.name == "sockets.c" and not message_queues_work(arch, program.parent):
        flags += ("-DNO_MESSAGE_QUEUES",)
    done = run([compiler, *FLAGS, *flags, source, "-o", program, "-pthread", "-lm"])
    succeeded(done)
    return done.stderr


def run_with(arch: str, libraries: Sequence[Path], program: Path, *arguments: str) -> str:
    """What a program prints with the loader and the libraries of these folders."""
    emulator = EMULATORS[TRIPLETS[arch]]
    words = [need_tool(emulator)] if emulator else []
    path = ":".join(map(str, libraries))
    return succeeded(run([*words, libraries[0] / LOADERS[arch], "--library-path", path, program, *arguments]))


def message_queues_work(arch: str, folder: Path) -> bool:
    """Whether a plain program gets message queues right; qemu 10.0 for Arm fills another structure than Linux does."""
    emulator = EMULATORS[TRIPLETS[arch]]
    if not emulator:
        return True
    probe = folder / "probe"
    source = Path(__file__).with_name("message_queue.c")
    succeeded(run([need_tool(f"{TRIPLETS[arch]}-gcc"), "-w", source, "-o", probe]))
    status = run([*start(TRIPLETS[arch]), probe]).returncode
    assert status in (0, 1)
    count(EMULATED, f"{emulator}: msgctl", "fills another structure than Linux" if status else "")
    return status == 0


def newest(arch: str) -> list[Path]:
    return [Path(f"/usr/{TRIPLETS[arch]}/lib")]


def old(arch: str) -> list[Path]:
    return [libraries_of_231(DEBIAN[arch])]


def arguments_of(family: str) -> list[tuple[str, ...]]:
    """The command lines of a program."""
    return [
        (),
        *([("fallbacks",)] if family in WITH_FALLBACKS else []),
        *([("zones",)] if family == "calendar.c" else []),
    ]


@pytest.mark.parametrize("family", FAMILIES)
def test_libc_itself_meets_the_expectations(family: str, tmp_path: Path) -> None:
    compiler = need_tool("i686-linux-gnu-gcc")
    program = compile_program(compiler, PROGRAMS / "time64" / family, tmp_path / "program")
    for arguments in arguments_of(family):
        assert run_with("i386", newest("i386"), program, *arguments) == ""


@pytest.mark.parametrize("arch", TRIPLETS)
@pytest.mark.parametrize("family", FAMILIES)
def test_members_do_the_same_on_a_new_libc_and_on_231(
    family: str, arch: str, wrapper: Callable[[str], Path], tmp_path: Path
) -> None:
    program = compile_program(wrapper(arch), PROGRAMS / "time64" / family, tmp_path / "program", arch)
    check_fits(program)
    for libraries in (newest(arch), old(arch)):
        for arguments in arguments_of(family):
            if arguments != ("fallbacks",) or not EMULATORS[TRIPLETS[arch]]:  # the emulator filters no system calls
                assert run_with(arch, libraries, program, *arguments) == ""


@pytest.mark.parametrize("arch", TRIPLETS)
@pytest.mark.parametrize("linker", ["gold", "lld", "mold"])
def test_members_work_with_other_linkers(
    linker: str, arch: str, wrapper: Callable[[str], Path], tmp_path: Path
) -> None:
    tools = tmp_path / "tools"  # a cross compiler has only GNU's linkers of its own
    tools.mkdir()
    flags = [f"-fuse-ld={linker}"]
    if linker != "gold":
        (tools / f"ld.{linker}").symlink_to(need_tool("ld.lld" if linker == "lld" else "mold"))
        flags.append(f"-B{tools}")
    for family in FAMILIES:
        program = tmp_path / "program"
        # (An lld that the kit has not seen warns of an option of newer ones.)
        warnings = link_program(wrapper(arch), PROGRAMS / "time64" / family, program, arch, *flags)
        assert "error" not in warnings and "undefined" not in warnings
        check_fits(program)
        assert run_with(arch, old(arch), program) == ""


def test_local_times_are_those_of_a_new_libc(wrapper: Callable[[str], Path], tmp_path: Path) -> None:
    program = compile_program(wrapper("i386"), Path(__file__).with_name("time64_dates.c"), tmp_path / "program")
    expected = run_with("i386", newest("i386"), program, *ZONES)
    assert expected.count("\n") == 1200 * len(ZONES)
    assert run_with("i386", old("i386"), program, *ZONES) == expected


def test_waits_for_the_wall_clock_end_with_an_error_after_2038(wrapper: Callable[[str], Path], tmp_path: Path) -> None:
    program = compile_program(wrapper("i386"), Path(__file__).with_name("time64_late.c"), tmp_path / "program")
    assert run_with("i386", old("i386"), program) == ""


REFUSED = r"""
#include <sys/stat.h>
#include <sys/timerfd.h>
#include "programs/time64/time64.h"
int main(void)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 383 /* statx */, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 403, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof rules / sizeof *rules, rules};
    struct timespec time;
    struct itimerspec timer = {{0, 0}, {100, 0}}, left;
    struct stat status;
    EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    EXPECT(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
    EXPECT(clock_gettime(CLOCK_REALTIME, &time), 0);
    EXPECT_TRUE(time.tv_sec > 1700000000);
    EXPECT(stat("/", &status), 0);
    EXPECT_TRUE(S_ISDIR(status.st_mode));
    EXPECT(fstat(1, &status), 0);
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    EXPECT(timerfd_settime(fd, 0, &timer, 0), 0);
    EXPECT(timerfd_gettime(fd, &left), 0);
    EXPECT(left.it_value.tv_sec, 99);
    EXPECT(clock_nanosleep(CLOCK_REALTIME, 0, &(struct timespec){BEYOND, 0}, 0), EPERM);
    return faults;
}
"""


def test_a_filter_that_does_not_know_the_system_calls_is_an_old_kernel(
    wrapper: Callable[[str], Path], tmp_path: Path
) -> None:
    """Filters of containers, before 2020, refuse an unknown system call with EPERM."""
    (tmp_path / "refused.c").write_text(REFUSED.replace("programs/", f"{PROGRAMS}/"))
    program = compile_program(wrapper("i386"), tmp_path / "refused.c", tmp_path / "program")
    assert run_with("i386", old("i386"), program) == ""


SOUND = {
    "calendar.c": "address,undefined",
    "clocks.c": "undefined",
    "sockets.c": "address,undefined",
    "waits.c": "undefined",
}
"""Program -> sanitisers: the address sanitiser's runtime fails where a thread is cancelled. (Not files.c: a new libc's
ftw with 32-bit times, which the member calls here, refuses later ones.)"""


@pytest.mark.parametrize("family", SOUND)
def test_members_are_sound_under_the_sanitisers(family: str, tmp_path: Path) -> None:
    """The members' sources, without the search for libc's own functions."""
    members = tmp_path / "members.c"
    sources = sorted({row.file for row in load() if row.file.startswith("time64")})
    members.write_text(
        "".join(f'#include "{SOURCES / name}"\n' for name in sources)
        + "void *symver_pin_running_function(const char *name) { (void)name; return 0; }\n"
    )
    compiler, sanitisers = need_tool("i686-linux-gnu-gcc"), f"-fsanitize={SOUND[family]}"
    flags = ("-std=gnu11", "-O1", "-g", "-D_GNU_SOURCE", "-fno-builtin", "-w", sanitisers, "-fno-sanitize-recover")
    succeeded(run([compiler, *flags, "-c", members, "-o", tmp_path / "members.o"]))
    words = [compiler, *FLAGS, "-w", sanitisers, "-static-libubsan", "-pthread"]
    words += ["-static-libasan"] if "address" in sanitisers else []
    program = tmp_path / "program"
    succeeded(run([*words, PROGRAMS / "time64" / family, tmp_path / "members.o", "-o", program]))
    assert run_with("i386", newest("i386"), program, *(["zones"] if family == "calendar.c" else [])) == ""


def undefined_in(source: Path, arch: str, folder: Path) -> set[str]:
    output = folder / "object.o"
    succeeded(run([need_tool(f"{TRIPLETS[arch]}-gcc"), *FLAGS, "-c", source, "-o", output]))
    shown = succeeded(run([need_tool(f"{TRIPLETS[arch]}-nm"), "--undefined-only", output]))
    return {line.split()[-1] for line in shown.splitlines()}


@pytest.mark.parametrize("arch", TRIPLETS)
def test_the_programs_call_every_function_through_the_headers(arch: str, tmp_path: Path) -> None:
    called = set().union(*(undefined_in(PROGRAMS / "time64" / family, arch, tmp_path) for family in FAMILIES))
    assert {row.symbol for row in ROWS} - called == set()


def test_each_family_is_shown_by_its_program(wrapper: Callable[[str], Path], tmp_path: Path) -> None:
    for line, members in safety_of(load_safety(), load()):
        if not line.file.startswith("time64"):
            continue
        defined: set[str] = set()
        for name in line.tests:
            program = compile_program(wrapper("i386"), PROGRAMS / name, tmp_path / "program")
            shown = succeeded(run(["nm", "--defined-only", program]))
            defined |= {entry.split()[-1] for entry in shown.splitlines()}
        assert {member.symbol for member in members} - defined - {"__ppoll64_chk"} == set(), line.file


def new_in_234(arch: str) -> set[str]:
    """The symbols of an architecture that no release before 2.34 has."""
    rows = [row for row in default_maps().reference(arch).rows if row.default]
    return {row.symbol for row in rows} - {row.symbol for row in rows if row.span.first < Release(2, 34)}


@pytest.mark.parametrize("arch", TRIPLETS)
def test_every_function_with_64_bit_times_has_a_member(arch: str) -> None:
    of_32_bits = new_in_234(arch) - new_in_234("x86_64") - new_in_234("aarch64")
    named = {row.symbol for row in ROWS if arch in row.where} | {item.symbol for item in load_absent(ARCHES[arch])}
    assert len(of_32_bits) == 92
    assert of_32_bits - named == set()
    assert {row.symbol for row in ROWS} - of_32_bits == set()


def layout_program(headers: str, names: Sequence[tuple[str, Sequence[str]]]) -> str:
    lines = [f'printf("%d", (int)sizeof({kind}));' for kind, _ in names]
    lines += [f'printf(" %d", (int)offsetof({kind}, {field}));' for kind, fields in names for field in fields]
    return headers + "#include <stdio.h>\nint main(void)\n{\n" + "\n".join(lines) + "\nreturn 0;\n}\n"


HEADERS = "".join(
    f"#include <{name}.h>\n"
    for name in ("fts", "stddef", "sys/msg", "sys/resource", "sys/sem", "sys/shm", "sys/stat", "sys/time", "sys/timex",
                 "time", "utime")
)  # fmt: skip


@pytest.mark.parametrize("arch", TRIPLETS)
def test_layouts_are_those_of_the_headers(arch: str, tmp_path: Path) -> None:
    theirs = [(kind, list(fields)) for kind, (_, fields) in LAYOUTS.items()]
    ours = [(kind, list(fields.values())) for kind, fields in LAYOUTS.values()]
    said = []
    for headers, names, name in (
        (HEADERS, theirs, "theirs"),
        (f'#include "{SOURCES / "time64_layouts.h"}"\n', ours, "ours"),
    ):
        (tmp_path / f"{name}.c").write_text(layout_program(headers, names))
        program = compile_program(f"{TRIPLETS[arch]}-gcc", tmp_path / f"{name}.c", tmp_path / name)
        said.append(run_with(arch, newest(arch), program))
    assert said[0] == said[1] != ""


def test_a_program_with_32_bit_times_gets_no_member(wrapper: Callable[[str], Path], tmp_path: Path) -> None:
    (tmp_path / "plain.c").write_text("#include <time.h>\nint main(void) { return time(0) < 0; }\n")
    succeeded(run([wrapper("i386"), tmp_path / "plain.c", "-o", tmp_path / "plain"]))
    assert "time64" not in succeeded(subprocess.run(["nm", tmp_path / "plain"], capture_output=True, text=True))
