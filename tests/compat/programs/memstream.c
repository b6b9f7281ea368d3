/* open_memstream keeps what stands behind the position, and seeks to every place. */

#include "check.h"

static char *text;
static size_t size;

static void flushed(FILE *stream, const char *expected, size_t expected_size, int line)
{
    EXPECT(fflush(stream), 0);
    if (size != expected_size || memcmp(text, expected, strlen(expected) + 1) != 0) {
        printf("line %d: %zu %s\n", line, size, text);
        faults = 1;
    }
}

#define FLUSHED(stream, expected, size) flushed(stream, expected, size, __LINE__)

int main(void)
{
    FILE *stream = open_memstream(&text, &size);
    EXPECT_TRUE(stream != NULL);
    FLUSHED(stream, "", 0);
    fputs("abcdef", stream);
    FLUSHED(stream, "abcdef", 6);
    EXPECT(fseek(stream, 2, SEEK_SET), 0);
    EXPECT(ftell(stream), 2);
    FLUSHED(stream, "abcdef", 2);
    EXPECT(fputc('C', stream), 'C');
    FLUSHED(stream, "abCdef", 3);
    EXPECT(fseek(stream, -1, SEEK_CUR), 0);
    EXPECT(ftell(stream), 2);
    EXPECT_ERROR(fseek(stream, -3, SEEK_CUR), EINVAL);
    EXPECT_ERROR(fseek(stream, -1, SEEK_SET), EINVAL);
    EXPECT(ftell(stream), 2);
    EXPECT(fseek(stream, -1, SEEK_END), 0); /* the position is the end */
    EXPECT(ftell(stream), 1);
    rewind(stream);
    EXPECT(fseek(stream, 0, SEEK_END), 0); /* except at the start */
    EXPECT(ftell(stream), 1);
    fputs("FG", stream);
    FLUSHED(stream, "aFGdef", 3);
    EXPECT(fseek(stream, 10, SEEK_SET), 0);
    fputc('x', stream);
    FLUSHED(stream, "aFGdef", 11);
    EXPECT(text[6] | text[7] | text[8] | text[9], 0);
    EXPECT(text[10], 'x');
    EXPECT(fprintf(stream, "%05d", 42), 5);
    EXPECT(fclose(stream), 0);
    EXPECT(size, 16);
    EXPECT(memcmp(text + 10, "x00042", 7), 0);
    free(text);

    /* closed at a place before the end, the text ends there */
    stream = open_memstream(&text, &size);
    fputs("abcdef", stream);
    EXPECT(fseek(stream, 3, SEEK_SET), 0);
    EXPECT(fclose(stream), 0);
    EXPECT(size, 3);
    EXPECT(strcmp(text, "abc"), 0);
    free(text);

    /* more than any buffer, in pieces */
    stream = open_memstream(&text, &size);
    for (int i = 0; i < 100000; ++i)
        fputs("0123456789", stream);
    rewind(stream);
    fputs("first", stream);
    EXPECT(fseek(stream, 1000000, SEEK_SET), 0);
    EXPECT(fclose(stream), 0);
    EXPECT(size, 1000000);
    EXPECT(memcmp(text, "first56789", 10), 0);
    EXPECT(strlen(text), 1000000);
    free(text);

    /* nothing written */
    stream = open_memstream(&text, &size);
    EXPECT(fclose(stream), 0);
    EXPECT(size, 0);
    EXPECT(*text, 0);
    free(text);
    return faults;
}
