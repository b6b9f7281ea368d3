#!/usr/bin/env bash
# Everything that `make test` needs and that pip cannot give: compilers, linkers, bubblewrap, npm, and the old runtimes.
#
# Tests fail, never skip, when a tool is missing, so this comes first. What is there already is left alone (then this
# takes a second or two); what is missing is installed by apt as root or through a sudo that asks no password; otherwise
# one line names the missing packages and the exit status is 2.
set -euo pipefail
cd "$(dirname "$0")/.."

# command : Debian package
needed=(
    gcc:gcc g++:g++ clang:clang ld.bfd:binutils ld.gold:binutils-gold ld.lld:lld mold:mold
    sccache:sccache qemu-aarch64:qemu-user
    aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu arm-linux-gnueabihf-gcc:gcc-arm-linux-gnueabihf
    i686-linux-gnu-gcc:gcc-i686-linux-gnu mips64el-linux-gnuabi64-gcc:gcc-mips64el-linux-gnuabi64
    powerpc64le-linux-gnu-gcc:gcc-powerpc64le-linux-gnu
    riscv64-linux-gnu-gcc:gcc-riscv64-linux-gnu s390x-linux-gnu-gcc:gcc-s390x-linux-gnu
    bwrap:bubblewrap npm:npm patchelf:patchelf cargo:cargo make:make cmake:cmake strace:strace rpmbuild:rpm unshare:util-linux
    chromium:chromium
)

missing=()
for pair in "${needed[@]}"; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
done
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
# the headers that the reader in C is built with
[ -e "$(python3 -c 'import sysconfig; print(sysconfig.get_paths()["include"])')/Python.h" ] || missing+=(python3-dev)
# clang's own start files, which one test links with
[ -e "$(clang --print-resource-dir 2>/dev/null)/lib/linux/clang_rt.crtbegin-x86_64.o" ] || missing+=(libclang-rt-dev)
# a compiler without the C library's headers links nothing, nor a cross compiler without its C library
for cross in aarch64:arm64 arm:armhf i686:i386 mips64el:mips64el powerpc64le:ppc64el riscv64:riscv64 s390x:s390x; do
    ls -d /usr/"${cross%%:*}"-linux-gnu*/include/stdlib.h >/dev/null 2>&1 || missing+=("libc6-dev-${cross#*:}-cross")
done
[ -e /usr/include/stdlib.h ] || missing+=(libc6-dev)

if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ]; then
        as_root=(env)
    elif sudo -n true 2>/dev/null; then
        as_root=(sudo -n env)
    else
        as_root=()
    fi
    if ! command -v apt-get >/dev/null || [ ${#as_root[@]} = 0 ]; then
        echo "setup_test_env.sh: missing, and not installable from here: ${missing[*]}; install them (Debian's names)" >&2
        exit 2
    fi
    echo "installing ${missing[*]}"
    "${as_root[@]}" apt-get -qq update
    # gold has its own package since Debian 13; before that it comes with binutils
    apt-cache show binutils-gold >/dev/null 2>&1 || missing=("${missing[@]/#binutils-gold/binutils}")
    "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${missing[@]}"
fi

{ python3 tools/runtimes.py get 2.17 2.31 2.36 2.41 2.43 && python3 tools/newer_tools.py && python3 tools/map_sources.py; } >/dev/null || {
    echo "setup_test_env.sh: the tests that need what is named above will fail" >&2
    exit 2
}
