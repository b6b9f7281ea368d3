/* Number formats of printf and scanf, positions in files, buffering, ungetc. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include "expect.h"

static char text[300];
static const char *format(const char *how, ...)
{
    va_list arguments;
    va_start(arguments, how);
    vsnprintf(text, sizeof text, how, arguments);
    va_end(arguments);
    return text;
}

int main(void)
{
    int whole = 0, count = 0;
    long long wide = 0;
    double real = 0;
    char word[20] = "", letters[20] = "";
    TEXT(format("%d %+5d|%-6d|%06d %x %#o %u", -7, 42, 42, -42, 0xbeefu, 8u, 4294967295u), "-7   +42|42    |-00042 beef 010 4294967295");
    TEXT(format("%lld %zu %jd %td %hhd", -9000000000000000000LL, sizeof(int), (intmax_t)-1, (ptrdiff_t)12, 300), "-9000000000000000000 4 -1 12 44");
    TEXT(format("%" PRId64 " %" PRIx64, INT64_MIN, UINT64_MAX), "-9223372036854775808 ffffffffffffffff");
    TEXT(format("%.3f %e %g %G %a", 3.14159, 12345.678, 1e-5, 1e20, 1.0), "3.142 1.234568e+04 1e-05 1E+20 0x1p+0");
    TEXT(format("%s %.2s %5c %% %n|", "abc", "xyz", 'q', &count), "abc xy     q % |");
    SAME(count, 15);
    TEXT(format("%2$s %1$s %3$*4$d", "one", "two", 5, 4), "two one    5");
    TEXT(format("%f %F %g", (double)INFINITY, -(double)INFINITY, 0.1 + 0.2), "inf -INF 0.3");
    TEXT(format("%.17g %.0f %.0f", 0.1 + 0.2, 0.5, 1.5), "0.30000000000000004 0 2");
    SAME(sscanf("12 0x1f -8 3.5e2 word abcdef", "%d %lli %*d %lf %19s %19[a-d]", &whole, &wide, &real, word, letters), 5);
    SAME(whole, 12);
    SAME(wide, 31);
    SAME(real, 350);
    TEXT(word, "word");
    TEXT(letters, "abcd");
    FILE *file = tmpfile();
    CHECK(file != NULL);
    SAME(fprintf(file, "line one\nline two\n"), 18);
    SAME(fseek(file, 5, SEEK_SET), 0);
    CHECK(fgets(word, sizeof word, file) != NULL);
    TEXT(word, "one\n");
    SAME(ftell(file), 9);
    fpos_t here;
    SAME(fgetpos(file, &here), 0);
    SAME(fgetc(file), 'l');
    SAME(ungetc('L', file), 'L');
    SAME(fgetc(file), 'L');
    SAME(fsetpos(file, &here), 0);
    char *line = NULL;
    size_t size = 0;
    SAME(getline(&line, &size, file), 9);
    TEXT(line, "line two\n");
    SAME(getline(&line, &size, file), -1);
    CHECK(feof(file));
    free(line);
    rewind(file);
    SAME(fread(word, 1, 4, file), 4);
    SAME(setvbuf(file, NULL, _IONBF, 0), 0);
    SAME(fclose(file), 0);
    char *made = NULL;
    SAME(asprintf(&made, "%d-%s", 5, "x"), 3);
    TEXT(made, "5-x");
    free(made);
    return faults;
}
