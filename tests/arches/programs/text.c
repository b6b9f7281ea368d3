/* iconv of the built-in character sets, regcomp, fnmatch, glob, wordexp. */
#define _GNU_SOURCE
#include <fnmatch.h>
#include <glob.h>
#include <iconv.h>
#include <regex.h>
#include <wordexp.h>
#include "expect.h"

int main(void)
{
    char in[] = "caf\xc3\xa9", out[50], *from = in, *to = out;
    size_t left = 5, room = sizeof out;
    iconv_t converter = iconv_open("UCS-4BE", "UTF-8");
    CHECK(converter != (iconv_t)-1);
    SAME(iconv(converter, &from, &left, &to, &room), 0);
    SAME(to - out, 16);
    SAME((unsigned char)out[15], 0xe9);
    SAME(iconv_close(converter), 0);
    converter = iconv_open("ASCII", "UTF-8");
    from = in, left = 5, to = out, room = sizeof out;
    CHECK(iconv(converter, &from, &left, &to, &room) == (size_t)-1);
    SAME(errno, EILSEQ);
    iconv_close(converter);
    regex_t expression;
    regmatch_t matches[3];
    SAME(regcomp(&expression, "^([a-z]+)-([0-9]{2,3})$", REG_EXTENDED), 0);
    SAME(regexec(&expression, "abc-123", 3, matches, 0), 0);
    SAME(matches[2].rm_so, 4);
    SAME(matches[2].rm_eo, 7);
    SAME(regexec(&expression, "abc-1", 0, NULL, 0), REG_NOMATCH);
    regfree(&expression);
    CHECK(regcomp(&expression, "(", REG_EXTENDED) != 0);
    SAME(fnmatch("*.[ch]", "file.c", 0), 0);
    SAME(fnmatch("*.[ch]", "file.o", 0), FNM_NOMATCH);
    SAME(fnmatch("+(a|b)", "abba", FNM_EXTMATCH), 0);
    fclose(fopen("glob.one", "w")), fclose(fopen("glob.two", "w"));
    glob_t found;
    SAME(glob("glob.*", 0, NULL, &found), 0);
    SAME(found.gl_pathc, 2);
    TEXT(found.gl_pathv[1], "glob.two");
    globfree(&found);
    SAME(glob("glob.{one,two}", GLOB_BRACE, NULL, &found), 0);
    SAME(found.gl_pathc, 2);
    globfree(&found);
    SAME(glob("none.*", 0, NULL, &found), GLOB_NOMATCH);
    remove("glob.one"), remove("glob.two");
    wordexp_t words;
    setenv("WORD", "value", 1);
    SAME(wordexp("one \"two three\" $WORD", &words, WRDE_NOCMD), 0);
    SAME(words.we_wordc, 3);
    TEXT(words.we_wordv[1], "two three");
    TEXT(words.we_wordv[2], "value");
    wordfree(&words);
    return faults;
}
