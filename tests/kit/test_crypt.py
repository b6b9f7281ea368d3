"""A password is hashed within the caller's structure, whichever library the header and the target are of."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import succeeded
from pinning import LINKERS, Pinned, dynamic_of, run, symver_pin_command

HOST = Path(succeeded(run(["gcc", "-print-file-name=libcrypt.so"])).strip()).resolve().parent
"""Where this machine keeps libcrypt."""

GUARDED = """
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#ifdef OF_GLIBC /* the layout of glibc's own header */
struct crypt_data {
    char keysched[128], tables[4][32768], result[14], salt[2];
    long saltbits;
    int direction, initialized;
};
extern char *crypt_r(const char *, const char *, struct crypt_data *);
#else
struct crypt_data { char output[384], rest[1663], initialized, internal[30720]; };
extern char *crypt_r(const char *, const char *, struct crypt_data *);
#endif
static void *hash_often(void *wrong)
{
    static const struct { const char *phrase, *setting, *hash; } known[] = {
        {"x", "ab", "abiQ6Ep3EYTHc"},
        {"secret", "$1$salt$", "$1$salt$ez2vlPGdaLYkJam5pWs/Y1"},
        {"x", "$5$ab", "$5$ab$"},
        {"x", "$6$ab", "$6$ab$jnZj29NS/hK2Ga"},
    };
    struct { struct crypt_data data; unsigned char after[200000]; } *own = wrong;
    for (int turn = 0; turn < 3; ++turn)
        for (unsigned i = 0; i < sizeof known / sizeof *known; ++i) {
            own->data.initialized = 0; /* all that the header asks for; the rest is what was there */
            char *hash = crypt_r(known[i].phrase, known[i].setting, &own->data);
            if (!hash || strncmp(hash, known[i].hash, strlen(known[i].hash)) || hash < (char *)&own->data ||
                hash >= (char *)&own->data + sizeof own->data)
                return wrong;
        }
    for (unsigned i = 0; i < sizeof own->after; ++i)
        if (own->after[i] != 0x5a)
            return wrong;
    return 0;
}
static unsigned char storage[4][400000] __attribute__((aligned(16)));
int main(void)
{
    pthread_t threads[4];
    void *wrong, *any = 0;
    memset(storage, 0x5a, sizeof storage);
    for (int i = 0; i < 4; ++i)
        pthread_create(&threads[i], 0, hash_often, storage[i]);
    for (int i = 0; i < 4; ++i) {
        pthread_join(threads[i], &wrong);
        any = wrong ? wrong : any;
    }
    errno = 0;
    const char *refused = crypt_r("x", "*0", (struct crypt_data *)storage[0]);
    int is_refused = (!refused || *refused == '*') && errno == EINVAL;
    printf("%s %s\\n", any ? "wrong" : "right", is_refused ? "EINVAL" : "accepted");
    return 0;
}
"""


@pytest.mark.parametrize("linker", LINKERS)
@pytest.mark.parametrize("header", ["libxcrypt", "glibc"])
def test_crypt_r_stays_within_the_structure_of_either_header(header: str, linker: str, pinned: Pinned) -> None:
    source = pinned.write("guarded.c", GUARDED)
    flags = ("-DOF_GLIBC",) if header == "glibc" else ()
    program = pinned.link(source, *flags, "-Wl,--as-needed", "-lcrypt", "-pthread", linker=linker)
    assert "libcrypt.so.1" in dynamic_of(program).needed
    assert pinned.runs(program) == "right EINVAL\n"


@pytest.mark.parametrize("word", ["-l:libcrypt.so.1", f"{HOST}/libcrypt.so", f"{HOST}/libcrypt.so.1"])
def test_a_line_that_names_the_file_of_libcrypt_gets_the_objects_too(word: str, pinned: Pinned) -> None:
    source = pinned.write("guarded.c", GUARDED)
    program = pinned.link(source, "-Wl,--as-needed", word, "-pthread")
    assert pinned.runs(program) == "right EINVAL\n"


def test_a_library_takes_its_own_crypt_r(pinned: Pinned) -> None:
    source = pinned.write("library.c", '#include <crypt.h>\nchar *get(void *d) { return crypt_r("x", "ab", d); }\n')
    library = pinned.link(source, "-lcrypt", mode="shared", output="libget.so")
    assert library.read_bytes().count(b"crypt_r\0") >= 1 and "libcrypt.so.1" in dynamic_of(library).needed


def test_a_function_of_libxcrypt_alone_is_named_by_the_linker(tmp_path: Path) -> None:
    """glibc's libcrypt has no crypt_gensalt, whatever the header declares: better said here than on the target."""
    source = tmp_path / "salt.c"
    source.write_text("#include <crypt.h>\nint main(void) { return !crypt_gensalt(0, 0, 0, 0); }\n")
    done = symver_pin_command("cc", "--glibc", "2.17", source, "-o", tmp_path / "salt", "-lcrypt")
    assert done.returncode != 0 and "crypt_gensalt" in done.stderr
