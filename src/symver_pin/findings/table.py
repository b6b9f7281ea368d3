"""The kinds of findings: one table, from which messages, the JSON schema, SARIF rules and the tables in docs/verify.md
are made.

To add a kind, add a row here and a rule that yields it (``loader/rules``), then run ``make docs``.
"""

from __future__ import annotations

from symver_pin.findings.kind import FindingKind

KIT = "link it with the kit (`symver-pin cc`, `symver-pin kit`)"
"""The advice for most findings."""
REPAIR = "or rewrite it (`symver-pin repair`)"
"""The advice where a repair can help too."""
BESIDE = "or ship a newer library beside the file (`symver-pin repair` does)"
"""The advice on runtime libraries of GCC."""

KINDS: dict[str, FindingKind] = {
    # These fail, in the order in which a start meets them.
    "interpreter": FindingKind(
        "fails",
        "Loader's path",
        "PT_INTERP is not where glibc of the architecture installs its loader: the kernel finds no loader, or musl's.",
        "its PT_INTERP is {library}; glibc's loader is {detail}",
        "build it for glibc, or set the standard path with `patchelf --set-interpreter`",
    ),
    "header-refused": FindingKind(
        "fails",
        "Header refused",
        "A library's ELF header: another operating system's ABI or a version of GNU's that the release does not know, "
        "padding that is not zero, on Arm floating point outside of registers; or it is a program. (The kernel, which "
        "loads the program itself, looks at none of it.)",
        "the loader refuses its ELF header: {detail}",
        "build it as a shared library for GNU/Linux, with the target's compiler or an older linker",
    ),
    "program-headers": FindingKind(
        "fails",
        "Program headers refused",
        "The kernel cannot map the program, or the loader the library: segments whose address, offset and alignment do "
        "not fit together, that share a page, are out of order or go beyond the end of the file; a PT_INTERP without a "
        "zero byte at its end. Loaders before 2.35 also demand that `p_align` is a multiple of the page (made by "
        "`-z max-page-size=1024`, `-n`, `-N`, and by `strip` after `patchelf --set-rpath`).",
        "{detail}: refused, or it dies when it is mapped",
        "link it again with the linker's defaults for pages; strip before patchelf, not after it",
    ),
    "program-as-library": FindingKind(
        "fails",
        "Program as a library",
        "A library that is a program: from 2.30 on loaders refuse DF_1_PIE, in dlopen and in DT_NEEDED. Or a library "
        "with DF_1_NOOPEN, which dlopen refuses.",
        "{detail}: the loader does not load it as a library",
        "link it as a shared library (-shared)",
    ),
    "dynamic-section": FindingKind(
        "fails",
        "Broken dynamic section",
        "The dynamic section is not as the loader assumes or asserts: no string or symbol table, another size of "
        "relocations, version records without DT_VERSYM or the reverse, no hash table. From 2.16 to 2.22: binding at "
        "once (`-z now`), and relocations of the PLT that do not follow the others.",
        "{detail}: the loader stops or crashes",
        "link it again; a tool that edits ELF files has broken it",
    ),
    "relocation-type": FindingKind(
        "fails",
        "Unknown relocation",
        "The file has relocations of a type that the loader does not apply: on x86_64 before 2.18, SIZE32 and SIZE64; "
        "on aarch64 before 2.19, IRELATIVE (IFUNC).",
        "has relocations of type {detail}, which the loader of {target} does not know",
        "compile it as position-independent code (-fPIC), with a linker that is not newer than the target's loader",
    ),
    "version-record": FindingKind(
        "fails",
        "Unknown version record",
        "A record of VERNEED or VERDEF is of another version of the format than 1.",
        "{detail}: the loader stops",
        "link it again; a tool that edits ELF files has broken it",
    ),
    "library-not-found": FindingKind(
        "fails",
        "Library not on the search path",
        "No search path of the file that needs it leads to a library: DT_RUNPATH counts for the file itself alone, "
        "DT_RPATH for what it loads as well. Or the search ends early, at a folder, a loop of links or a file that is "
        "no ELF file; or a filter's library (DT_FILTER) is absent; or `-z nodefaultlib` forbids the loader's folders.",
        "does not find {library}: {detail}",
        "link with -Wl,-rpath,'$ORIGIN/...' or run `patchelf --set-rpath`; a library that loads it can also be loaded "
        "by a program that has it already",
    ),
    "missing-library": FindingKind(
        "fails",
        "Missing library",
        "DT_NEEDED names a library of glibc that this release does not have yet (libmvec before 2.22).",
        "{target} has no {library}",
        "link without {library}; compile without what calls for it (libmvec: -fno-tree-vectorize)",
    ),
    "other-libc": FindingKind(
        "fails",
        "Another C library",
        "DT_NEEDED names a C library that is not glibc (musl's `libc.musl-x86_64.so.1` or `libc.so`, Android's, "
        "uClibc's). A system with glibc does not have it; were it there, the process would have two C libraries.",
        "its C library is {library}, {detail}, not glibc",
        "build it for glibc, or take the glibc build of it (wheels: manylinux, not musllinux; npm: -linux-x64-gnu)",
    ),
    "broken-library": FindingKind(
        "fails",
        "Broken library",
        "A library found beside the file is not an ELF file, or is truncated.",
        "loads {library}, which is broken: {detail}",
        "build or copy that library again",
    ),
    "dt-relr": FindingKind(
        "fails",
        "Packed relative relocations",
        "The file has packed relative relocations: loaders before 2.36 do not know them; later ones refuse them "
        "without the node `GLIBC_ABI_DT_RELR`.",
        "has packed relative relocations (DT_RELR), which {target} does not understand",
        f"link with -Wl,-z,nopack-relative-relocs (lld: --pack-dyn-relocs=none); the kit's flags do so; {REPAIR}",
    ),
    "signed-returns": FindingKind(
        "fails",
        "Signed return addresses",
        "The functions of the file sign return addresses (AArch64, `-mbranch-protection=standard`), which unwinders "
        "(libgcc_s.so.1) before GCC 7 take for something else: an exception ends the program.",
        "throws or catches exceptions in functions that sign return addresses, which {library} of {target} does not "
        "know: they end the program",
        f"link with -static-libgcc (the kit does so), or compile with -mbranch-protection=none, {BESIDE}",
    ),
    "missing-version": FindingKind(
        "fails",
        "Missing version node",
        "VERNEED names a version node that the library does not define. Weak references to its symbols do not help; "
        "only the flag VER_FLG_WEAK on the node does. Nodes that no symbol carries (`GLIBC_ABI_GNU2_TLS`) count.",
        "{library} of {target} does not define the version {version}",
    ),
    "library-not-loaded": FindingKind(
        "fails",
        "Library not loaded",
        "VERNEED names a library that nothing loads: the loader ends with a failed assertion.",
        "needs version {version} of {library}, which nothing loads",
        "name the library on the link line, so that DT_NEEDED has it, and link again",
    ),
    "glibc-private": FindingKind(
        "fails",
        "glibc's private interface",
        "The file uses `GLIBC_PRIVATE`, which changes with every build of glibc. A finding on every release, also on "
        "the one where it happens to load.",
        "uses {version}, glibc's internal interface, from {library}",
        "it uses glibc's own internals, which change with every release; it runs on no glibc but its own",
    ),
    "link-time-reference": FindingKind(
        "fails",
        "Symbol in another library",
        "Up to 2.29: the library that VERNEED names is loaded and defines the node, but not the symbol. The look-up "
        "stops there, weak reference or not, even if a later library has the symbol.",
        "needs {name} from {library}, which does not export {them} on {target}",
        f"{KIT}, {REPAIR}: each symbol is then bound to the library that exports it on the target",
    ),
    "versions-lost": FindingKind(
        "fails",
        "Library without its versions",
        "Up to 2.40: the symbol is in the library that VERNEED names, which has no versions any more. An "
        "assertion fails.",
        "{library} has lost its version {version}; loaders before 2.41 stop with a failed assertion",
        "build the library with the version script that it had when this file was linked",
    ),
    "missing-symbol": FindingKind(
        "fails",
        "Missing symbol",
        "No library in the search scope has a symbol that a relocation names, with its version. With lazy binding the "
        "program dies at the first call, otherwise at start.",
        "no library that it loads has {name} on {target}",
    ),
    "thread-local-mismatch": FindingKind(
        "fails",
        "Thread-local reference to a plain symbol",
        "A reference to a thread-local variable is bound to a symbol of a library that has no thread-local variables: "
        "the loader dies by SIGFPE.",
        "needs {name} as a thread-local variable; in {library} it is none",
        "build both with the same declaration of it",
    ),
    "protected-symbol": FindingKind(
        "fails",
        "Direct access to a protected symbol",
        "From 2.35 on: the library is compiled with `-mno-direct-extern-access`, and the program copies one of its "
        "protected variables or takes the address of one of its protected functions.",
        "accesses {name} of {library} directly, which the library forbids",
        "compile the program with -mno-direct-extern-access, or as position-independent code (-fPIE)",
    ),
    "constructors-not-run": FindingKind(
        "fails",
        "Constructors do not run",
        "Before 2.34, a program whose start-up code hands no `init` function to `__libc_start_main` starts and "
        "silently leaves its constructors out.",
        "its constructors will not run: its start-up code leaves them to {since} or later",
        f"{KIT}: its start-up code hands the constructors to the old libc",
    ),
    "missing-at-link": FindingKind(
        "fails",
        "Missing for a link",
        "A static archive's member calls a function that no library of the target has.",
    ),
    # These violate a policy.
    "above-maximum": FindingKind(
        "violates",
        "Version above the maximum",
        "The file needs a version node above the highest that is allowed.",
        advice="build for an older target (`symver-pin cc --glibc`, `symver-pin c++`), or link that library statically",
    ),
    "library-not-allowed": FindingKind(
        "violates",
        "Library not allowed",
        "The file needs a library that the policy does not list.",
        advice="link without it, link it statically, or ship it beside the file",
    ),
    "library-denied": FindingKind(
        "violates",
        "Library denied",
        "The file needs a library that the policy forbids.",
        advice="link without it, link it statically, or ship it beside the file",
    ),
    "symbol-denied": FindingKind(
        "violates",
        "Symbol denied",
        "The file uses a symbol that the policy forbids.",
        advice="it is private to that library, or missing in its old builds: link it statically, or do without",
    ),
    "architecture-not-allowed": FindingKind(
        "violates",
        "Architecture not covered",
        "The policy has no rules for this architecture.",
    ),
    "promise-broken": FindingKind(
        "violates",
        "Promise of the package",
        "The file does not load on the oldest glibc that its package promises, by a wheel's tag or by metadata.",
        "{library} promises {target}, and the file loads {detail}",
        "build it for the promised release (`symver-pin wheel`, `symver-pin cc`), or correct what the package promises",
    ),
    # These are notes.
    "provided-by-system": FindingKind(
        "note",
        "Left to the system",
        "A library that is neither given nor in the tables must be there on the target. Its exports are not seen.",
        "the target system must provide {library}",
    ),
    "not-installed": FindingKind(
        "note",
        "Library in another package",
        "Some platforms have the library in a package that a standard installation leaves out "
        "(`platform_libraries.tsv`): libcrypt.so.1 from Fedora 30 and RHEL 9 on.",
        "{library} is not in a standard installation of {detail}",
        "name the package as a dependency, or ship the library beside the file",
    ),
    "found-conditionally": FindingKind(
        "note",
        "Found on a condition",
        "A library is found only on a condition: DT_NEEDED or a search path is relative, and is read from the folder "
        "in which the program is started; or it is an absolute path of the system; or it contains `$LIB`, which is "
        "`lib64`, and on Debian and Ubuntu `lib/x86_64-linux-gnu`.",
        "finds {library} {detail}",
        "write $ORIGIN in front of the path",
    ),
    "needs-program": FindingKind(
        "note",
        "Loads in other programs",
        "The library does not load in a program that names libc.so.6 only, as its verdict says; it does in one that "
        "names another library of glibc before libc.so.6 (up to 2.29 for functions of libpthread).",
        "would load in a program that itself names {library} before libc.so.6",
    ),
    "unjudged-library": FindingKind(
        "note",
        "Library not judged",
        "VERNEED names a library that no DT_NEEDED names. Where nothing loads it the loader ends with a failed "
        "assertion; a library of the system, which is not seen, may load it.",
        "needs version {version} of {library}, which only a library of the system could load",
        "name the library on the link line, so that DT_NEEDED has it, and link again",
    ),
    "unjudged-symbols": FindingKind(
        "note",
        "Symbols not judged",
        "Unversioned undefined symbols that such a library, or the program that loads a library, may have.",
        "undefined symbols without a version: what loads it, or a library of the system, must define them",
    ),
    "unjudged-start-up": FindingKind(
        "note",
        "Start-up not judged",
        "An old `__libc_start_main`, constructors, and start-up code of an unknown kind.",
        "its start-up code is unknown; it is not known whether constructors run before {since}",
        "run it on the target to see that its constructors run",
    ),
    "older-meaning": FindingKind(
        "note",
        "Older function",
        "A reference to a function that behaves differently on the target from what newer headers say: an older "
        "version, or one that changed without a new version (`docs/semantics.md`). Right in a file compiled on an old "
        "system, a fault in one that was compiled with newer headers.",
        "is bound to {name}@{version}; if it was compiled for a newer glibc: {detail}",
    ),
    "exported-runtime": FindingKind(
        "note",
        "Exported C++ library",
        "The file exports the symbols of a C++ library that is linked into it statically. In a process with an older "
        "libstdc++.so.6 that library's functions are called instead of its own, or its own by others: crashes, "
        "exceptions that are not caught.",
        "exports {detail} symbols of a static C++ library; an older libstdc++.so.6 in the process replaces them",
        "link with -Wl,--exclude-libs,libstdc++.a (`symver-pin c++` does)",
    ),
    "executable-stack": FindingKind(
        "note",
        "Executable stack",
        "The library asks for an executable stack (PT_GNU_STACK, or none where that is the default). From 2.41 on "
        "`dlopen` refuses it; loaded with its program it works.",
        "asks for an executable stack: {target} refuses it when it is opened by dlopen",
        'link with -Wl,-z,noexecstack; in assembly files add .section .note.GNU-stack,"",%progbits',
    ),
    "static-tls": FindingKind(
        "note",
        "Much static TLS",
        "The library needs static TLS (DF_STATIC_TLS) for much thread-local memory. glibc reserves some 1,600 bytes "
        "for all libraries that are opened after the start: `dlopen` may fail with `cannot allocate memory in static "
        "TLS block`.",
        "needs {detail} bytes of static TLS; dlopen has some 1,600 bytes for all libraries together",
        "compile without -ftls-model=initial-exec, or name the library on the program's link line",
    ),
    "text-relocations": FindingKind(
        "note",
        "Text relocations",
        "The file has relocations in its code (DT_TEXTREL), which the loader makes writable for them. SELinux refuses "
        "this to confined processes.",
        "has relocations in its code (DT_TEXTREL), which SELinux refuses to confined processes",
        "compile all of it with -fPIC; -Wl,-z,text names the places",
    ),
    "static-glibc": FindingKind(
        "note",
        "Static glibc that loads libraries",
        "A program that is linked statically with glibc has functions which load libraries of the system's glibc at "
        "run time (NSS, iconv). They work with the glibc that the program was linked with; another one may end it with "
        "a failed assertion.",
        "is linked statically with glibc and has {detail}, which loads libraries of the system's glibc and may abort "
        "on any but its own",
        "link it dynamically with the kit (`symver-pin cc`), or avoid these functions",
    ),
    "x86-level": FindingKind(
        "note",
        "Processor level",
        "`.note.gnu.property` requires x86-64-v2 or higher. ld.so of 2.33 and later refuses the file on a lesser "
        "processor.",
        "needs a processor of the level {detail}",
        "compile without -march=x86-64-v2 or higher (-march=haswell ...) to run on every processor",
    ),
    "kernel-version": FindingKind(
        "note",
        "Kernel version",
        "`.note.ABI-tag` requires a kernel younger than that of the oldest platform with this glibc.",
        "needs Linux {detail} or later; {target} may run on Linux {library}",
        "link with start files (crt1.o) of a glibc that was configured for older kernels",
    ),
    "no-promise": FindingKind(
        "note",
        "No promise",
        "The package does not say which glibc the file needs (`linux_x86_64`): it is installed on any.",
        "its package names no glibc release ({detail})",
    ),
    "for-musl": FindingKind(
        "note",
        "Built for musl",
        "The package is for musl (`musllinux_1_2_x86_64`). Its files are passed over: only glibc is modelled.",
        "is for musl ({detail}); only files for glibc are verified; passed over",
    ),
    "not-an-archive": FindingKind(
        "note",
        "Not an archive",
        "A file in a folder or in an archive has the first bytes of an archive and is none. It is passed over. (A file "
        "that is named on the command line must be one: that is an error.)",
        "begins like {detail} and is none; passed over",
    ),
    "known-findings": FindingKind(
        "note",
        "Known findings",
        "Findings that an earlier report has (`--baseline`) are left out. If no other one fails, the verdict is `ok`.",
        "{detail} of the baseline left out",
    ),
    # There is no verdict: the exit status is 2.
    "not-judged": FindingKind(
        "unjudged",
        "Not looked into",
        "A file, or a part of it, was not looked into: an encrypted member, a container that cannot be read here, data "
        "of an unknown kind that a program or script carries, a limit. There may be programs in it that fail on the "
        "target.",
    ),
}
