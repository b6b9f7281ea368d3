"""A kit of each architecture for which there is a cross compiler: a C program links, fits the target, and runs."""

from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from cross import OLDEST, start
from pinning import GCC_OF_TARGET, check_fits, cross_kit, run, symver_pin_command
from symver_pin.glibc.release import parse_release

PROGRAM = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

size_t strlcpy(char *, const char *, size_t);
float fadd(double, double);

static int constructed;
__attribute__((constructor)) static void construct(void) { constructed++; }

/* What stat says of the program and of a node made here, against what other functions say. */
static int files(const char *path)
{
    char node[4096];
    struct stat status, open_status, own;
    int fd = open(path, O_RDONLY);
    snprintf(node, sizeof node, "%s.node", path);
    int good = fd >= 0 && stat(path, &status) == 0 && fstat(fd, &open_status) == 0 && S_ISREG(status.st_mode)
               && status.st_size == lseek(fd, 0, SEEK_END) && status.st_ino == open_status.st_ino
               && status.st_nlink == 1 && status.st_uid == getuid() && status.st_mtime == open_status.st_mtime;
    good = good && mknod(node, S_IFIFO | 0600, 0) == 0 && lstat(node, &own) == 0 && S_ISFIFO(own.st_mode);
    unlink(node);
    return good;
}

static void *work(void *argument) { *(double *)argument = pow(*(double *)argument, 2); return argument; }

int main(int argc, char **argv)
{
    char name[4], *end;
    double number = argc + 4;
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, &number) != 0 || pthread_join(thread, NULL) != 0) return 1;
    size_t length = strlcpy(name, "truncated", sizeof name);
    if (getrandom(&end, sizeof end, 0) != sizeof end) return 2;
    long value = strtol("0x1fz", &end, 0);
    printf("%d %g %s %zu %ld%s %g %d\n", constructed, number, name, length, value, end, (double)fadd(0.5, 0.25),
           files(argv[0]));
    return 0;
}
"""

#: Architecture -> Debian's triplet.
CROSS = {
    "aarch64": "aarch64-linux-gnu",
    "arm": "arm-linux-gnueabihf",
    "i386": "i686-linux-gnu",
    "mips64": "mips64el-linux-gnuabi64",
    "powerpc64le": "powerpc64le-linux-gnu",
    "riscv64": "riscv64-linux-gnu",
    "s390x": "s390x-linux-gnu",
}


#: A time_t of 64 bits, the default of Debian's compilers for armhf since Debian 13; and the older long double of
#: PowerPC, because that of newer compilers (gcc 15), IEEE's, has no compat objects yet.
TIME64 = ("-D_TIME_BITS=64", "-D_FILE_OFFSET_BITS=64")
ABI = {"arm": TIME64, "i386": TIME64, "powerpc64le": ("-mabi=ibmlongdouble",)}


@pytest.mark.parametrize("arch", CROSS)
def test_a_program_links_and_runs(arch: str, tmp_path: Path) -> None:
    triplet = CROSS[arch]
    glibc = OLDEST[triplet]
    need_tool(f"{triplet}-gcc")
    kit = cross_kit(arch, glibc, tmp_path / "cache")
    (tmp_path / "program.c").write_text(PROGRAM)
    program = tmp_path / "program"
    flags = ("-O1", *ABI.get(arch, ()))
    done = run([kit / "bin/cc", *flags, tmp_path / "program.c", "-o", program, "-pthread", "-lm"])
    succeeded(done)
    assert done.stderr == ""
    check_fits(program, parse_release(glibc), GCC_OF_TARGET)
    verdict = succeeded(symver_pin_command("verify", "--glibc", glibc, program))
    assert "ok on" in verdict
    assert "start-up code" not in verdict
    assert succeeded(run([*start(triplet), program], timeout=60)) == "1 25 tru 9 31z 0.75 1\n"
