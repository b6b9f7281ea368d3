/* String functions, the young ones among them: strlcpy, wcslcat, memccpy, explicit_bzero, reallocarray, strverscmp. */
#define _GNU_SOURCE
#include <ctype.h>
#include <search.h>
#include <unistd.h>
#include <strings.h>
#include <wchar.h>
#include "expect.h"

size_t strlcpy(char *, const char *, size_t);
size_t strlcat(char *, const char *, size_t);
size_t wcslcpy(wchar_t *, const wchar_t *, size_t);
static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
static int compare_by(const void *a, const void *b, void *sign) { return compare(a, b) * *(int *)sign; }

int main(void)
{
    char text[10] = "", *state, list[] = "a:b::c", *rest = list, copied[20];
    wchar_t wide[4];
    SAME(strlcpy(text, "truncated text", sizeof text), 14);
    TEXT(text, "truncated");
    SAME(strlcpy(text, "ab", sizeof text), 2);
    SAME(strlcat(text, "cdefghijkl", sizeof text), 12);
    TEXT(text, "abcdefghi");
    SAME(wcslcpy(wide, L"wide", 4), 4);
    SAME(wide[3], 0);
    CHECK(memccpy(copied, "stop,here", ',', 9) == copied + 5);
    explicit_bzero(text, sizeof text);
    for (size_t i = 0; i < sizeof text; i++)
        SAME(text[i], 0);
    int *numbers = reallocarray(NULL, 5, sizeof(int));
    CHECK(numbers != NULL);
    volatile size_t too_many = (size_t)-1 / 2;
    CHECK(reallocarray(NULL, too_many, 4) == NULL);
    SAME(errno, ENOMEM);
    memcpy(numbers, (int[]){5, 3, 1, 4, 2}, 20);
    qsort(numbers, 5, sizeof(int), compare);
    SAME(numbers[0] * 10 + numbers[4], 15);
    int sign = -1, wanted = 3;
    qsort_r(numbers, 5, sizeof(int), compare_by, &sign);
    SAME(numbers[0], 5);
    qsort(numbers, 5, sizeof(int), compare);
    CHECK(bsearch(&wanted, numbers, 5, sizeof(int), compare) == numbers + 2);
    free(numbers);
    TEXT(strsep(&rest, ":"), "a");
    TEXT(strsep(&rest, ":"), "b");
    TEXT(strsep(&rest, ":"), "");
    char other[] = "x y";
    TEXT(strtok_r(other, " ", &state), "x");
    TEXT(strtok_r(NULL, " ", &state), "y");
    CHECK(strverscmp("a9", "a10") < 0 && strcasecmp("ABC", "abc") == 0 && strncasecmp("ABx", "aby", 2) == 0);
    TEXT(strcasestr("Hello World", "WORLD"), "World");
    TEXT(strchrnul("abc", 'z'), "");
    TEXT((char *)memmem("haystack", 8, "st", 2), "stack");
    TEXT((char *)memrchr("abab", 'a', 4), "ab");
    SAME(mempcpy(text, "xy", 3) == text + 3, 1);
    SAME(stpcpy(text, "xyz") - text, 3);
    TEXT(strpbrk("value=3", "=:"), "=3");
    SAME(strspn("aabbc", "ab"), 5 - 1);
    SAME(ffsll(1LL << 40), 41);
    CHECK(isalpha('q') && !isdigit('q') && toupper('q') == 'Q');
    CHECK(strerror_r(ENOENT, text, sizeof text) != NULL);
    TEXT(strerror(ENOENT), "No such file or directory");
    char *twin = strndup("duplicate", 3);
    TEXT(twin, "dup");
    free(twin);
    hcreate(10);
    CHECK(hsearch((ENTRY){"key", "value"}, ENTER) != NULL);
    TEXT((char *)hsearch((ENTRY){"key", NULL}, FIND)->data, "value");
    hdestroy();
    swab("badc", copied, 4);
    SAME(memcmp(copied, "abcd", 4), 0);
    SAME(l64a(64) != NULL && a64l("./") == 64, 1);
    return faults;
}
