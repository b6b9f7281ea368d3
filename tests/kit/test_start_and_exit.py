"""What runs before main and after it runs once and in order: crt1.o of new hosts leaves all of it to the new libc."""

import pytest

from pinning import CCS, LINKERS, Pinned

EVERY_LINK = pytest.mark.parametrize("linker", LINKERS)
EVERY_CC = pytest.mark.parametrize("cc", CCS)
PROGRAM_MODES = pytest.mark.parametrize("mode", ["pie", "exec"])

BEFORE_MAIN = """\
.init
constructor 101
constructor 102
static object
constructor 65000
constructor
its argv is right
its envp is right
"""

AFTER_ATEXIT = """\
~static object
destructor
destructor 65000
destructor 102
destructor 101
.fini
"""

AFTER_LIBRARY = """\
destructor
~static object
destructor 65000
destructor 102
destructor 101
.fini
"""

PLUGIN_ROUND = """\
global object
global object
close
destructor
atexit of the library
~global object
~global object
closed
"""


@EVERY_CC
@EVERY_LINK
@PROGRAM_MODES
@pytest.mark.parametrize("how", ["return", "exit", "quick"])
def test_a_program_starts_and_ends_once(pinned: Pinned, cc: str, linker: str, mode: str, how: str) -> None:
    program = pinned.link("constructors.cc", cc=cc, linker=linker, mode=mode)
    after = "at_quick_exit\n" if how == "quick" else f"on_exit\natexit\n{AFTER_ATEXIT}"
    said = pinned.runs(program, "a b", how, env={"PINNED": "1"})
    assert said == f"preinit_array\n{BEFORE_MAIN}main\n{after}"


@EVERY_CC
@EVERY_LINK
def test_a_library_starts_and_ends_once(pinned: Pinned, cc: str, linker: str) -> None:
    flags = ("-DLIBRARY", "-Wl,-soname,libuse.so")
    library = pinned.link("constructors.cc", *flags, cc=cc, linker=linker, mode="shared", output="libuse.so")
    program = pinned.link("uses_library.c", "-L.", "-luse", cc=cc, linker=linker)
    said = pinned.runs(program, "a b", "c", env={"PINNED": "1"}, libraries=[library])
    assert said == f"{BEFORE_MAIN}used\nmain\n{AFTER_LIBRARY}"


@EVERY_LINK
def test_functions_named_to_the_linker_as_init_and_fini_of_a_library_run(pinned: Pinned, linker: str) -> None:
    source = pinned.write(
        "named.c",
        """
        #include <unistd.h>
        void up(void) { if (write(1, "up\\n", 3) < 0) _exit(9); }
        void down(void) { if (write(1, "down\\n", 5) < 0) _exit(9); }
        void use(void) {}
        """,
    )
    main = pinned.write("main.c", "void use(void); int main(void) { use(); return 0; }")
    flags = ("-Wl,-init,up", "-Wl,-fini,down")
    library = pinned.link(source, *flags, "-Wl,-soname,libuse.so", linker=linker, mode="shared", output="libuse.so")
    program = pinned.link(main, "-L.", "-luse", linker=linker)
    assert pinned.runs(program, libraries=[library]) == "up\ndown\n"


@EVERY_CC
@EVERY_LINK
def test_a_library_cleans_up_when_it_is_closed(pinned: Pinned, cc: str, linker: str) -> None:
    library = pinned.link("plugin.cc", cc=cc, linker=linker, mode="shared", output="libplugin.so")
    program = pinned.link("opener.cc", cc=cc, linker=linker)
    assert pinned.runs(program, libraries=[library]) == PLUGIN_ROUND * 2 + "atexit of the program\n"


@EVERY_CC
@EVERY_LINK
def test_thread_local_objects_of_a_library_end_with_their_thread(pinned: Pinned, cc: str, linker: str) -> None:
    library = pinned.link("plugin.cc", "-DTHREAD_LOCAL", cc=cc, linker=linker, mode="shared", output="libplugin.so")
    program = pinned.link("opener.cc", cc=cc, linker=linker)
    here, old = pinned.run_here(program, libraries=[library]), pinned.run_old(program, libraries=[library])
    for said in (here, old):
        lines = said.splitlines()
        assert lines.count("~object of a thread 1") == 2
        assert lines.count("global object") == lines.count("~global object")
        assert lines.index("~object of a thread 1") < lines.index("close")
        assert lines.count("destructor") in (1, 2)
