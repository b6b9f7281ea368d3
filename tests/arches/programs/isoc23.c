/* strtol, scanf and their relatives in the form of C23 headers, which read binary numbers.
   flags: -std=gnu17 */
#include <inttypes.h>
#include <stdarg.h>
#include <wchar.h>
#include "expect.h"

long isoc23_strtol(const char *, char **, int) __asm__("__isoc23_strtol");
unsigned long isoc23_strtoul(const char *, char **, int) __asm__("__isoc23_strtoul");
long long isoc23_strtoll(const char *, char **, int) __asm__("__isoc23_strtoll");
unsigned long long isoc23_strtoull(const char *, char **, int) __asm__("__isoc23_strtoull");
intmax_t isoc23_strtoimax(const char *, char **, int) __asm__("__isoc23_strtoimax");
long isoc23_wcstol(const wchar_t *, wchar_t **, int) __asm__("__isoc23_wcstol");
int isoc23_sscanf(const char *, const char *, ...) __asm__("__isoc23_sscanf");
int isoc23_fscanf(FILE *, const char *, ...) __asm__("__isoc23_fscanf");
int isoc23_vsscanf(const char *, const char *, va_list) __asm__("__isoc23_vsscanf");

static int scan(const char *text, const char *how, ...)
{
    va_list arguments;
    va_start(arguments, how);
    int count = isoc23_vsscanf(text, how, arguments);
    va_end(arguments);
    return count;
}

int main(void)
{
    char *end;
    int number = 0, other = 0;
    long double real = 0;
    SAME(isoc23_strtol("0b101z", &end, 0), 5);
    TEXT(end, "z");
    SAME(isoc23_strtol("-0B11", NULL, 2), -3);
    SAME(strtol("0b101", &end, 0), 0);
    SAME(isoc23_strtoul("0b11111111", NULL, 0), 255);
    SAME(isoc23_strtoll("9223372036854775807", NULL, 10), 9223372036854775807LL);
    CHECK(isoc23_strtoull("18446744073709551615", NULL, 10) == 18446744073709551615ULL);
    SAME(isoc23_strtoimax("0x7f", NULL, 16), 127);
    SAME(isoc23_wcstol(L"0b11", NULL, 0), 3);
    SAME(isoc23_sscanf("0b110 0x1f", "%i %i", &number, &other), 2);
    SAME(number, 6);
    SAME(other, 31);
    SAME(scan("7 2.25", "%d %Lf", &number, &real), 2);
    SAME(number, 7);
    CHECK(real == 2.25L);
    FILE *file = tmpfile();
    fputs("0b1000 end", file);
    rewind(file);
    SAME(isoc23_fscanf(file, "%i", &number), 1);
    SAME(number, 8);
    fclose(file);
    return faults;
}
