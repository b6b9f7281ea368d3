/* Says, a word each, where fmemopen's two implementations part ways. */
#include <stdio.h>
#include <string.h>

static FILE *open_unbuffered(void *buffer, size_t size, const char *mode)
{
    FILE *stream = fmemopen(buffer, size, mode);
    if (stream)
        setvbuf(stream, NULL, _IONBF, 0);
    return stream;
}

int main(void)
{
    char full[5], text[10] = "abcdef", more[10] = "abc", kept[10] = "abc";

    FILE *stream = open_unbuffered(full, sizeof full, "wb");
    fwrite("hello", 1, 5, stream);
    fclose(stream);
    printf("binary:%s ", full[4] == 'o' ? "whole" : "NUL");

    stream = open_unbuffered(text, sizeof text, "r");
    fseek(stream, -1, SEEK_END);
    printf("end-1:%ld ", ftell(stream));
    fclose(stream);

    stream = open_unbuffered(more, sizeof more, "a+");
    fseek(stream, 0, SEEK_SET);
    fputs("X", stream);
    fclose(stream);
    printf("append:%s ", more);

    fclose(open_unbuffered(kept, sizeof kept, "w"));
    printf("opened:%s ", *kept ? "kept" : "emptied");

    stream = open_unbuffered(text, 0, "r");
    puts(stream ? "size0:opened" : "size0:refused");
    return 0;
}
