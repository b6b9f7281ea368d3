"""A kit has every symbol of glibc's libc_nonshared.a, which differs by architecture and which the kit replaces."""

from pathlib import Path

import pytest

from cargo.projects import Project
from cargo.test_cross import rustc
from conftest import need_tool, succeeded
from cross import EMULATORS, OLDEST, libraries_of_231
from pinning import check_fits, cross_kit, run
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import parse_release
from symver_pin.kit.scripts import ARCHIVE

from .test_cross import CROSS

EXCEPTIONS = Path(__file__).with_name("nonshared_exceptions.tsv")

COMPILERS = {"x86_64": "gcc", **{arch: f"{triplet}-gcc" for arch, triplet in CROSS.items()}}
"""Debian has no glibc for loongarch64 in the suites of the tests, so there is no archive to compare with."""


def exceptions(arch: str) -> set[str]:
    rows = [line.split("\t") for line in EXCEPTIONS.read_text().splitlines() if not line.startswith("#")]
    assert all(reason for _, _, reason in rows)
    return {symbol for symbol, architectures, _ in rows if arch in architectures.split(",")}


def globals_of(archive: Path, prefix: str) -> set[str]:
    shown = succeeded(run([need_tool(f"{prefix}nm"), "--extern-only", "--defined-only", archive]))
    return {line.split()[-1] for line in shown.splitlines() if len(line.split()) == 3}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for the kits of the tests of this file."""
    return tmp_path_factory.mktemp("nonshared") / "cache"


def kit_of(arch: str, glibc: str, cache: Path) -> Path:
    need_tool(COMPILERS[arch])
    return cross_kit(arch, glibc, cache)


@pytest.mark.parametrize("arch", COMPILERS)
def test_a_kit_has_every_symbol_of_the_real_archive(arch: str, cache: Path) -> None:
    compiler = need_tool(COMPILERS[arch])
    real = Path(succeeded(run([compiler, "-print-file-name=libc_nonshared.a"])).strip())
    prefix = "" if arch == "x86_64" else f"{CROSS[arch]}-"
    glibc = OLDEST.get(CROSS.get(arch, ""), "2.17")
    (archive,) = (kit_of(arch, glibc, cache) / "lib").glob(f"symver-pin-*/{ARCHIVE}")
    exported = set(default_maps().table(arch).view(parse_release(glibc)).default_version)
    wanted = globals_of(real, prefix)
    assert {"atexit", "at_quick_exit", "pthread_atfork", "__stack_chk_fail_local"} <= wanted
    assert wanted - globals_of(archive, prefix) - exported == exceptions(arch)


def run_on_231(program: Path) -> str:
    """What an armhf program prints on glibc 2.31, whose folder has no libgcc_s."""
    libraries = libraries_of_231("armhf")
    emulator = need_tool(EMULATORS["arm-linux-gnueabihf"])
    loader = libraries / "ld-linux-armhf.so.3"
    return succeeded(run([emulator, loader, "--library-path", libraries, program], timeout=60))


READS_THREAD_POINTER = r"""
#include <pthread.h>
#include <stdio.h>
static __thread int own = 41;
/* 1 if r1 to r11 hold the same after the call as before. */
int keeps_registers(void);
__asm__(".text\n.syntax unified\n.arm\n.type keeps_registers, %function\nkeeps_registers: push {r4-r11, lr}\n"
        "mov r1, #1\nmov r2, #2\nmov r3, #3\nmov r4, #4\nmov r5, #5\nmov r6, #6\nmov r7, #7\nmov r8, #8\nmov r9, #9\n"
        "mov r10, #10\nmov r11, #11\nbl __aeabi_read_tp\nmov r0, #0\n"
        "cmp r1, #1\ncmpeq r2, #2\ncmpeq r3, #3\ncmpeq r4, #4\ncmpeq r5, #5\ncmpeq r6, #6\ncmpeq r7, #7\ncmpeq r8, #8\n"
        "cmpeq r9, #9\ncmpeq r10, #10\ncmpeq r11, #11\nmoveq r0, #1\npop {r4-r11, pc}\n");
static void *count(void *unused) { return (void *)(long)++own; }
int main(void)
{
    pthread_t thread;
    void *result;
    own = 1;
    if (pthread_create(&thread, 0, count, 0) != 0 || pthread_join(thread, &result) != 0) return 1;
    printf("%d %d %d\n", own, (int)(long)result, keeps_registers());
    return 0;
}
"""


@pytest.mark.parametrize("mode", ["-marm", "-mthumb"])
def test_a_program_reads_the_arm_thread_pointer_by_a_call(mode: str, cache: Path, tmp_path: Path) -> None:
    (tmp_path / "program.c").write_text(READS_THREAD_POINTER)
    program = tmp_path / "program"
    wrapper = kit_of("arm", "2.17", cache) / "bin/cc"
    flags = ("-O1", "-mtp=soft", mode, "-static-libgcc")
    done = run([wrapper, *flags, tmp_path / "program.c", "-o", program, "-pthread"])
    succeeded(done)
    assert done.stderr == ""
    check_fits(program)
    assert run_on_231(program) == "1 42 1\n"


NUMBERS = ("BUFSIZ", "CLOCKS_PER_SEC", "EDOM", "EILSEQ", "ERANGE", "FILENAME_MAX", "FOPEN_MAX", "IOFBF", "IOLBF",
           "IONBF", "JMP_BUF_SIZE", "LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_MONETARY", "LC_NUMERIC", "LC_TIME",
           "L_tmpnam", "MB_LEN_MAX", "SIGABRT", "SIGFPE", "SIGILL", "SIGINT", "SIGSEGV",
           "SIGTERM", "TMP_MAX")  # fmt: skip
FLOATS = {"HUGE_VAL": "double", "HUGE_VALL": "long double", "HUGE_VALF": "float", "INFINITY": "float", "NAN": "float"}


def test_the_values_of_the_arm_c_library_abi_are_those_of_glibc(cache: Path, tmp_path: Path) -> None:
    lines = [f'extern const int __aeabi_{name}; printf("%d ", __aeabi_{name});' for name in NUMBERS]
    lines += [
        f'extern const {kind} __aeabi_{name}; printf("%g ", (double)__aeabi_{name});' for name, kind in FLOATS.items()
    ]
    (tmp_path / "values.c").write_text("#include <stdio.h>\nint main(void) {" + "\n".join(lines) + " return 0; }\n")
    said = []
    for name, compiler in (("real", need_tool(COMPILERS["arm"])), ("pinned", kit_of("arm", "2.17", cache) / "bin/cc")):
        succeeded(run([compiler, tmp_path / "values.c", "-o", tmp_path / name]))
        sysroot = f"/usr/{CROSS['arm']}"
        said.append(succeeded(run([need_tool("qemu-arm"), "-L", sysroot, tmp_path / name], timeout=60)))
    assert said[0] == said[1] != ""


USES_THREAD_LOCAL = """
use std::cell::Cell;
thread_local! { static OWN: Cell<u32> = const { Cell::new(41) }; }
fn main() {
    OWN.set(1);
    let other = std::thread::spawn(|| { OWN.set(OWN.get() + 1); OWN.get() }).join().unwrap();
    println!("{} {other}", OWN.get());
}
"""


def test_rust_reads_the_arm_thread_pointer_by_a_call(tmp_path: Path) -> None:
    """As upstream's standard library does, which is compiled for processors before ARMv6K too."""
    target = "armv7-unknown-linux-gnueabihf"
    project = Project(tmp_path, main=USES_THREAD_LOCAL)
    flags = {"RUSTFLAGS": "-Ctarget-feature=-read-tp-tpidruro"}
    done = project.cargo("--static-libgcc", "build", "--target", f"{target}.2.17", env={**rustc(target), **flags})
    succeeded(done)
    program = project.program(target=target)
    assert "__aeabi_read_tp" in succeeded(run([need_tool("arm-linux-gnueabihf-nm"), program]))
    assert run_on_231(program) == "1 42\n"
