/* open_memstream, open_wmemstream, fmemopen, fopencookie, popen's absence of leaks, unlocked functions, freopen. */
#define _GNU_SOURCE
#include <stdio_ext.h>
#include <wchar.h>
#include "expect.h"

static char stored[100];
static ssize_t store(void *cookie, const char *text, size_t size)
{
    strncat(cookie, text, size);
    return (ssize_t)size;
}
static ssize_t fetch(void *cookie, char *text, size_t size)
{
    size_t left = strlen(cookie);
    size = size < left ? size : left;
    memcpy(text, cookie, size);
    memmove(cookie, (char *)cookie + size, left - size + 1);
    return (ssize_t)size;
}
static int closed;
static int end(void *cookie) { (void)cookie; closed++; return 0; }

int main(void)
{
    char *text = NULL, line[50] = "", fixed[] = "in memory\nsecond";
    wchar_t *wide = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    fprintf(file, "%s %d", "grown", 1);
    fflush(file);
    SAME(size, 7);
    for (int i = 0; i < 10000; i++)
        putc_unlocked('x', file);
    fclose(file);
    SAME(size, 10007);
    SAME(strlen(text), 10007);
    free(text);
    file = open_wmemstream(&wide, &size);
    fwprintf(file, L"%ls", L"wide");
    fclose(file);
    SAME(size, 4);
    SAME(wcscmp(wide, L"wide"), 0);
    free(wide);
    file = fmemopen(fixed, sizeof fixed - 1, "r");
    CHECK(fgets(line, sizeof line, file) != NULL);
    TEXT(line, "in memory\n");
    SAME(fread(line, 1, 50, file), 6);
    CHECK(feof_unlocked(file));
    fclose(file);
    cookie_io_functions_t functions = {.read = fetch, .write = store, .close = end};
    file = fopencookie(stored, "r+", functions);
    fputs("through the cookie\n", file);
    fflush(file);
    TEXT(stored, "through the cookie\n");
    CHECK(fgets(line, sizeof line, file) != NULL);
    TEXT(line, "through the cookie\n");
    SAME(__fbufsize(file) > 0, 1);
    fclose(file);
    SAME(closed, 1);
    file = fopen("streams.data", "w+");
    SAME(fputws(L"wide text", file) >= 0, 1);
    SAME(fwide(file, 0) > 0, 1);
    file = freopen("streams.data", "r", file);
    CHECK(fgets(line, sizeof line, file) != NULL);
    TEXT(line, "wide text");
    fclose(file);
    remove("streams.data");
    return faults;
}
