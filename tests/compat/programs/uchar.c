/* Characters in units of 8, 16 and 32 bits, to and from the bytes of the "C" locale and of UTF-8. */

#include <locale.h>
#include <stdint.h>
#include <sys/stat.h>
#include <wchar.h>

#include "check.h"

extern size_t mbrtoc8(unsigned char *, const char *, size_t, mbstate_t *);
extern size_t c8rtomb(char *, unsigned char, mbstate_t *);
extern size_t mbrtoc16(uint16_t *, const char *, size_t, mbstate_t *);
extern size_t c16rtomb(char *, uint16_t, mbstate_t *);
extern size_t mbrtoc32(uint32_t *, const char *, size_t, mbstate_t *);
extern size_t c32rtomb(char *, uint32_t, mbstate_t *);

#define FROM_STATE ((size_t)-3)
#define INCOMPLETE ((size_t)-2)
#define ILLEGAL ((size_t)-1)
#define EXPECT_ILLEGAL(call)                                                                                           \
    do {                                                                                                               \
        errno = 0;                                                                                                     \
        EXPECT(call, ILLEGAL);                                                                                         \
        EXPECT(errno, EILSEQ);                                                                                         \
        memset(&state, 0, sizeof state); /* it is unspecified now */                                                   \
    } while (0)

static mbstate_t state;

static void ascii(void)
{
    unsigned char byte = 1;
    uint16_t unit = 1;
    uint32_t character = 1;
    char to[16];
    EXPECT(mbrtoc8(&byte, "a", 1, &state), 1);
    EXPECT(byte, 'a');
    EXPECT(mbrtoc16(&unit, "a", 1, &state), 1);
    EXPECT(unit, 'a');
    EXPECT(mbrtoc32(&character, "a", 1, &state), 1);
    EXPECT(character, 'a');
    EXPECT(mbrtoc8(&byte, "", 1, &state), 0);
    EXPECT(byte, 0);
    EXPECT(mbrtoc16(&unit, "", 1, &state), 0);
    EXPECT(unit, 0);
    EXPECT(mbrtoc32(&character, "", 1, &state), 0);
    EXPECT(mbrtoc8(&byte, "a", 0, &state), INCOMPLETE);
    EXPECT(mbrtoc16(&unit, "a", 0, &state), INCOMPLETE);
    EXPECT(mbrtoc32(&character, "a", 0, &state), INCOMPLETE);
    EXPECT(mbrtoc8(0, "b", 5, 0), 1);
    EXPECT(mbrtoc16(0, "b", 5, 0), 1);
    EXPECT(mbrtoc8(0, 0, 0, 0), 0);
    EXPECT(mbrtoc16(0, 0, 0, 0), 0);
    EXPECT(mbrtoc32(0, 0, 0, 0), 0);
    EXPECT(c8rtomb(to, 'x', &state), 1);
    EXPECT(to[0], 'x');
    EXPECT(c16rtomb(to, 'y', &state), 1);
    EXPECT(to[0], 'y');
    EXPECT(c32rtomb(to, 'z', &state), 1);
    EXPECT(to[0], 'z');
    EXPECT(c8rtomb(0, 'x', &state), 1);
    EXPECT(c16rtomb(0, 'x', 0), 1);
    EXPECT(c32rtomb(0, 'x', 0), 1);
    EXPECT(c8rtomb(to, 0, &state), 1);
    EXPECT(to[0], 0);
}

/* Units without a character: refused whatever the locale. */
static void illegal_units(void)
{
    static const unsigned char bytes[][5] = {"\x80", "\xbf", "\xc0", "\xc1", "\xf5", "\xff", "\xe0\x9f", "\xed\xa0",
                                             "\xf0\x8f", "\xf4\x90", "\xc3\x29", "\xe2\x82\x41", "\xf0\x90\x80\x7f"};
    char to[16];
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; ++i) {
        size_t length = strlen((const char *)bytes[i]);
        for (size_t k = 0; k + 1 < length; ++k)
            EXPECT(c8rtomb(to, bytes[i][k], &state), 0);
        EXPECT_ILLEGAL(c8rtomb(to, bytes[i][length - 1], &state));
    }
    EXPECT_ILLEGAL(c16rtomb(to, 0xdc00, &state));
    EXPECT(c16rtomb(to, 0xd83d, &state), 0);
    EXPECT(mbsinit(&state), 0);
    EXPECT_ILLEGAL(c16rtomb(to, 'a', &state));
    EXPECT(c16rtomb(to, 0xd83d, &state), 0);
    EXPECT_ILLEGAL(c16rtomb(to, 0xd83d, &state));
}

static void utf8(const char *text, uint32_t character)
{
    size_t length = strlen(text), written = 0;
    unsigned char byte;
    uint16_t unit = 0;
    uint32_t whole = 0;
    char to[16];
    EXPECT(mbrtoc32(&whole, text, length, &state), length);
    EXPECT(whole, character);
    EXPECT(c32rtomb(to, character, &state), length);
    EXPECT(memcmp(to, text, length), 0);

    /* The bytes of UTF-8 are those of the text: all come out after the whole character went in. */
    for (size_t i = 0; i < length; ++i) {
        byte = 0;
        EXPECT(mbrtoc8(&byte, text, length, &state), i ? FROM_STATE : length);
        EXPECT(byte, (unsigned char)text[i]);
        EXPECT(mbsinit(&state) != 0, i + 1 == length);
    }
    for (size_t i = 0; i + 1 < length; ++i)
        EXPECT(mbrtoc8(&byte, text + i, 1, &state), INCOMPLETE);
    EXPECT(mbrtoc8(&byte, text + length - 1, 1, &state), 1);
    for (size_t i = 1; i < length; ++i)
        EXPECT(mbrtoc8(0, "", 0, &state), FROM_STATE);
    EXPECT_TRUE(mbsinit(&state));

    memset(to, 0, sizeof to);
    for (size_t i = 0; i < length; ++i)
        written += c8rtomb(to, (unsigned char)text[i], &state);
    EXPECT(written, length);
    EXPECT(memcmp(to, text, length), 0);
    EXPECT_TRUE(mbsinit(&state));

    EXPECT(mbrtoc16(&unit, text, length, &state), length);
    if (character < 0x10000) {
        EXPECT(unit, character);
        EXPECT(c16rtomb(to, unit, &state), length);
    } else {
        uint16_t second = 0;
        EXPECT(mbsinit(&state), 0);
        EXPECT(mbrtoc16(&second, "", 0, &state), FROM_STATE);
        EXPECT(0x10000 + ((unit - 0xd800u) << 10) + (second - 0xdc00u), character);
        EXPECT(c16rtomb(to, unit, &state), 0);
        EXPECT(c16rtomb(to, second, &state), length);
    }
    EXPECT(memcmp(to, text, length), 0);
    EXPECT_TRUE(mbsinit(&state));
}

int main(void)
{
    char to[16];
    uint16_t unit;
    unsigned char byte;
    ascii();
    illegal_units();
    EXPECT_ILLEGAL(c16rtomb(to, 0x20ac, &state)); /* no such character in ASCII */
    for (const char *lead = "\xe2\x82"; *lead; ++lead)
        EXPECT(c8rtomb(to, (unsigned char)*lead, &state), 0);
    EXPECT_ILLEGAL(c8rtomb(to, 0xac, &state));

    EXPECT(mkdir("C.utf8", 0700), 0); /* where libc looks for the locale; its file came along with this program */
    EXPECT(rename("LC_CTYPE", "C.utf8/LC_CTYPE"), 0);
    EXPECT(setenv("LOCPATH", ".", 1), 0);
    EXPECT_TRUE(setlocale(LC_CTYPE, "C.UTF-8"));
    ascii();
    illegal_units();
    utf8("\xc3\xa9", 0xe9);
    utf8("\xe2\x82\xac", 0x20ac);
    utf8("\xed\x9f\xbf", 0xd7ff);
    utf8("\xef\xbf\xbd", 0xfffd);
    utf8("\xf0\x90\x80\x80", 0x10000);
    utf8("\xf0\x9f\x98\x80", 0x1f600);
    utf8("\xf4\x8f\xbf\xbf", 0x10ffff);
    EXPECT_ILLEGAL(mbrtoc8(&byte, "\xff", 1, &state));
    EXPECT_ILLEGAL(mbrtoc16(&unit, "\xe2\x28", 2, &state));
    return faults;
}
