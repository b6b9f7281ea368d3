/* Wide characters and locales: conversions, wide printf and scanf, collation, localeconv, newlocale, nl_langinfo. */
#define _GNU_SOURCE
#include <langinfo.h>
#include <locale.h>
#include <wchar.h>
#include <wctype.h>
#include "expect.h"

int main(void)
{
    wchar_t wide[50];
    char text[50];
    int number = 0;
    double real = 0;
    TEXT(setlocale(LC_ALL, NULL), "C");
    SAME(mbstowcs(wide, "plain", 50), 5);
    SAME(wcscmp(wide, L"plain"), 0);
    SAME(wcstombs(text, L"back", 50), 4);
    TEXT(text, "back");
    SAME(swprintf(wide, 50, L"%ls %d %.2f %s", L"wide", 7, 1.5, "narrow"), 18);
    SAME(wcscmp(wide, L"wide 7 1.50 narrow"), 0);
    SAME(swscanf(L"42 2.5", L"%d %lf", &number, &real), 2);
    SAME(number, 42);
    CHECK(real == 2.5);
    SAME(wcstol(L"0x10", NULL, 0), 16);
    CHECK(wcstod(L"1e3", NULL) == 1000);
    CHECK(wcstold(L"0.5", NULL) == 0.5L);
    SAME(wcslen(wcschr(L"a,b", L',')), 2);
    SAME(towupper(L'q'), L'Q');
    CHECK(iswalpha(L'a') && !iswdigit(L'a') && iswctype(L' ', wctype("space")));
    SAME(wcscoll(L"a", L"b") < 0, 1);
    wchar_t *state;
    wchar_t list[] = L"x y z";
    SAME(wcscmp(wcstok(list, L" ", &state), L"x"), 0);
    SAME(wcscmp(wcstok(NULL, L" ", &state), L"y"), 0);
    TEXT(localeconv()->decimal_point, ".");
    TEXT(nl_langinfo(DAY_2), "Monday");
    locale_t made = newlocale(LC_ALL_MASK, "C", NULL);
    CHECK(made != NULL);
    locale_t used = uselocale(made);
    CHECK(used != NULL);
    SAME(strcoll_l("a", "b", made) < 0, 1);
    uselocale(used);
    freelocale(made);
    mbstate_t shift = {0};
    SAME(mbrtowc(wide, "z", 1, &shift), 1);
    SAME(wcrtomb(text, L'z', &shift), 1);
    SAME(btowc('a'), L'a');
    return faults;
}
