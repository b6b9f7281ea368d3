/* strlcpy, strlcat, their wide and fortified forms, explicit_bzero. */

#include <wchar.h>

#include "check.h"

extern size_t strlcpy(char *, const char *, size_t);
extern size_t strlcat(char *, const char *, size_t);
extern size_t wcslcpy(wchar_t *, const wchar_t *, size_t);
extern size_t wcslcat(wchar_t *, const wchar_t *, size_t);
extern size_t __strlcpy_chk(char *, const char *, size_t, size_t);
extern size_t __strlcat_chk(char *, const char *, size_t, size_t);
extern size_t __wcslcpy_chk(wchar_t *, const wchar_t *, size_t, size_t);
extern size_t __wcslcat_chk(wchar_t *, const wchar_t *, size_t, size_t);
extern void explicit_bzero(void *, size_t);
extern void __explicit_bzero_chk(void *, size_t, size_t);

static char text[8];
static wchar_t wide[8];

static void narrow(void)
{
    memset(text, '#', sizeof text);
    EXPECT(strlcpy(text, "abc", 8), 3);
    EXPECT(memcmp(text, "abc\0####", 8), 0);
    EXPECT(strlcpy(text, "abcdefghij", 8), 10);
    EXPECT(strcmp(text, "abcdefg"), 0);
    EXPECT(strlcpy(text, "xyz", 1), 3);
    EXPECT(text[0], 0);
    text[0] = '!';
    EXPECT(strlcpy(text, "xyz", 0), 3);
    EXPECT(text[0], '!');
    EXPECT(strlcpy(text, "1234567", 8), 7);
    EXPECT(strcmp(text, "1234567"), 0);

    strcpy(text, "ab");
    EXPECT(strlcat(text, "cd", 8), 4);
    EXPECT(strcmp(text, "abcd"), 0);
    EXPECT(strlcat(text, "efghij", 8), 10);
    EXPECT(strcmp(text, "abcdefg"), 0);
    EXPECT(strlcat(text, "z", 3), 4); /* no terminator within 3 */
    EXPECT(strcmp(text, "abcdefg"), 0);
    EXPECT(strlcat(text, "z", 0), 1);

    EXPECT(__strlcpy_chk(text, "abc", 8, 8), 3);
    EXPECT(__strlcat_chk(text, "def", 8, sizeof text), 6);
    EXPECT(strcmp(text, "abcdef"), 0);
    DIES(__strlcpy_chk(text, "abc", 9, 8));
    DIES(__strlcat_chk(text, "abc", 9, 8));
}

static void wides(void)
{
    wmemset(wide, L'#', 8);
    EXPECT(wcslcpy(wide, L"abc", 8), 3);
    EXPECT(wmemcmp(wide, L"abc\0####", 8), 0);
    EXPECT(wcslcpy(wide, L"abcdefghij", 8), 10);
    EXPECT(wcscmp(wide, L"abcdefg"), 0);
    EXPECT(wcslcpy(wide, L"xyz", 0), 3);
    EXPECT(wcscmp(wide, L"abcdefg"), 0);
    wcscpy(wide, L"ab");
    EXPECT(wcslcat(wide, L"cdefghij", 8), 10);
    EXPECT(wcscmp(wide, L"abcdefg"), 0);
    EXPECT(wcslcat(wide, L"z", 3), 4);
    EXPECT(__wcslcpy_chk(wide, L"abc", 8, 8), 3);
    EXPECT(__wcslcat_chk(wide, L"def", 8, 8), 6);
    EXPECT(wcscmp(wide, L"abcdef"), 0);
    DIES(__wcslcpy_chk(wide, L"abc", 9, 8));
    DIES(__wcslcat_chk(wide, L"abc", 9, 8));
}

int main(void)
{
    narrow();
    wides();
    memset(text, '#', sizeof text);
    explicit_bzero(text + 1, 6);
    EXPECT(memcmp(text, "#\0\0\0\0\0\0#", 8), 0);
    memset(text, '#', sizeof text);
    __explicit_bzero_chk(text, 3, 8);
    EXPECT(memcmp(text, "\0\0\0#####", 8), 0);
    DIES(__explicit_bzero_chk(text, 9, 8));
    return faults;
}
