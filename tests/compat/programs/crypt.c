/* crypt_r, setkey_r and encrypt_r with a structure that is long enough for glibc's own functions.
   tests/kit/test_crypt.py is about the shorter one. */

#include "check.h"

extern char *crypt_r(const char *, const char *, void *);
extern void setkey_r(const char *, void *);
extern void encrypt_r(char *, int, void *);

static char data[131232] __attribute__((aligned(16))), other[131232] __attribute__((aligned(16)));

static void as_bits(char *bits, unsigned long long number)
{
    for (int i = 0; i < 64; ++i)
        bits[i] = number >> (63 - i) & 1;
}

static unsigned long long as_number(const char *bits)
{
    unsigned long long number = 0;
    for (int i = 0; i < 64; ++i)
        number = number << 1 | (unsigned)(bits[i] & 1);
    return number;
}

static int is_refused(const char *hash)
{
    return !hash || *hash == '*'; /* glibc since 2.17, and libxcrypt */
}

int main(void)
{
    const char *hash = crypt_r("secret", "ab", data);
    EXPECT_TRUE(hash && strcmp(hash, "abNANd1rDfiNc") == 0);
    EXPECT_TRUE(hash >= data && hash < data + sizeof data);
    hash = crypt_r("secret", "$1$salt$", other);
    EXPECT_TRUE(hash && strcmp(hash, "$1$salt$ez2vlPGdaLYkJam5pWs/Y1") == 0);
    hash = crypt_r("secret", "$6$rounds=1000$0123456789abcdef", data);
    EXPECT_TRUE(hash && strncmp(hash, "$6$rounds=1000$0123456789abcdef$", 32) == 0 && strlen(hash) == 118);
    EXPECT_TRUE(is_refused(crypt_r("secret", "::", data)));
    hash = crypt_r("another", "ab", data); /* after a failure */
    EXPECT_TRUE(hash && strncmp(hash, "ab", 2) == 0 && strlen(hash) == 13);

    /* The example of FIPS 46 that everybody quotes; two keys at a time, both directions. */
    char key[64], zero[64] = {0}, block[64], second[64] = {0};
    memset(data, 0, sizeof data);
    memset(other, 0, sizeof other);
    as_bits(key, 0x133457799BBCDFF1);
    setkey_r(key, data);
    setkey_r(zero, other);
    as_bits(block, 0x0123456789ABCDEF);
    errno = 0;
    encrypt_r(block, 0, data);
    if (errno != ENOSYS) { /* some libxcrypt refuse it */
        EXPECT(as_number(block), 0x85E813540F0AB405);
        encrypt_r(second, 0, other);
        EXPECT(as_number(second), 0x8CA64DE9C1B123A7);
        encrypt_r(block, 1, data);
        EXPECT(as_number(block), 0x0123456789ABCDEF);
        encrypt_r(block, 0, data);
        EXPECT(as_number(block), 0x85E813540F0AB405);
    }
    return faults;
}
