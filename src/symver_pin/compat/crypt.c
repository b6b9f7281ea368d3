/* crypt_r and its relatives for a structure of either size.

   libxcrypt, the libcrypt of distributions since about 2018, declares a struct crypt_data of 32,768 bytes. glibc's own
   libcrypt has one of 131,232 bytes (131,228 where a long has 32 bits) and writes to all of it. A program compiled with
   the header of libxcrypt gives glibc's function a structure that is too short.

   The members call the target's function with a structure of glibc's size that they allocate, and never write to more
   than the shorter one of the caller. Of crypt_r's work the caller's structure gets the result alone, at its start,
   where both libraries may put it. setkey_r and encrypt_r share a key schedule through the caller's structure: glibc
   keeps it in the first 128 bytes, libxcrypt in the last 30,720, so the whole shorter structure is carried over. The
   rest of glibc's structure are tables, which the function computes anew for a structure that is zero at its end, and
   the direction of the schedule, which zero names right: what encrypt_r turns round is its copy. */

#include <errno.h>
#include <stddef.h>

#include "compat.h"

#define GLIBC_CRYPT_DATA 131232
#define SHORTER_CRYPT_DATA 32768
#define CRYPT_OUTPUT 384 /* the length of the field `output` of libxcrypt, with its NUL; a hash of glibc has up to 124 */

COMPAT_PLAIN(void *, calloc, (size_t, size_t));
COMPAT_PLAIN(void, free, (void *));
COMPAT_PLAIN(void *, memcpy, (void *, const void *, size_t));
COMPAT_PLAIN(void *, memset, (void *, int, size_t));
COMPAT_PLAIN(size_t, strlen, (const char *));

static char *new_crypt_data(void)
{
    return plain_calloc(1, GLIBC_CRYPT_DATA);
}

/* Wipe the structure, which a key can be computed from, and free it. errno stays. */
static void end_crypt_data(char *data)
{
    int before = errno;
    plain_memset(data, 0, GLIBC_CRYPT_DATA);
    __asm__ volatile("" : : "r"(data) : "memory"); /* the memory counts as read: the memset must remain */
    plain_free(data); /* preserves errno only since 2.33 */
    errno = before;
}

#ifdef SYMVER_PIN_OLD_crypt_r

COMPAT_OLD(char *, crypt_r, SYMVER_PIN_OLD_crypt_r, (const char *, const char *, void *));

COMPAT_DEFINE(char *, crypt_r, (const char *phrase, const char *setting, char *data))
{
    char *own = new_crypt_data(), *result = 0;
    const char *hash = own ? old_crypt_r(phrase, setting, own) : 0;
    size_t size = hash ? plain_strlen(hash) + 1 : 0;
    if (size > 0 && size <= CRYPT_OUTPUT)
        result = plain_memcpy(data, hash, size);
    else /* no hash, and not the setting: what libxcrypt leaves there for a caller that does not look at the result */
        plain_memcpy(data, setting[0] == '*' && setting[1] == '0' ? "*1" : "*0", 3);
    if (own)
        end_crypt_data(own);
    return result;
}

#endif

#ifdef SYMVER_PIN_OLD_setkey_r

COMPAT_OLD(void, setkey_r, SYMVER_PIN_OLD_setkey_r, (const char *, void *));

COMPAT_DEFINE(void, setkey_r, (const char *key, char *data))
{
    char *own = new_crypt_data();
    if (own) {
        old_setkey_r(key, own);
        plain_memcpy(data, own, SHORTER_CRYPT_DATA);
        end_crypt_data(own);
    }
}

#endif

#ifdef SYMVER_PIN_OLD_encrypt_r

COMPAT_OLD(void, encrypt_r, SYMVER_PIN_OLD_encrypt_r, (char *, int, void *));

COMPAT_DEFINE(void, encrypt_r, (char *block, int decrypt, char *data))
{
    char *own = new_crypt_data();
    if (own) {
        plain_memcpy(own, data, SHORTER_CRYPT_DATA);
        old_encrypt_r(block, decrypt, own);
        end_crypt_data(own);
    }
}

#endif
