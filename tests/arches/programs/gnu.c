/* obstack, argp, error, envz, tsearch, insque, and lists of numbers with getsubopt. */
#define _GNU_SOURCE
#include <argp.h>
#include <argz.h>
#include <envz.h>
#include <obstack.h>
#include <search.h>
#include "expect.h"

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

static int verbose, number;
static error_t parse(int key, char *argument, struct argp_state *state)
{
    (void)state;
    if (key == 'v')
        verbose++;
    else if (key == 'n')
        number = atoi(argument);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}
static int compare(const void *a, const void *b) { return strcmp(a, b); }
static char walked[10];
static void walk(const void *node, VISIT visit, int depth)
{
    (void)depth;
    if (visit == postorder || visit == leaf)
        strncat(walked, *(char *const *)node, 1);
}
static void release(void *node) { (void)node; }

int main(void)
{
    struct obstack stack;
    obstack_init(&stack);
    for (int i = 0; i < 10000; i++)
        obstack_1grow(&stack, (char)('a' + i % 26));
    obstack_1grow(&stack, 0);
    char *text = obstack_finish(&stack);
    SAME(strlen(text), 10000);
    SAME(text[25], 'z');
    SAME(obstack_printf(&stack, "%d-%s", 5, "x"), 3);
    obstack_free(&stack, NULL);
    const struct argp_option options[] = {
        {"verbose", 'v', NULL, 0, "more", 0}, {"number", 'n', "N", 0, "a number", 0}, {0}};
    struct argp parser = {options, parse, NULL, NULL, NULL, NULL, NULL};
    char *words[] = {(char *)"gnu", (char *)"-v", (char *)"--number=12", NULL};
    SAME(argp_parse(&parser, 3, words, 0, NULL, NULL), 0);
    SAME(verbose, 1);
    SAME(number, 12);
    char *list = NULL;
    size_t length = 0;
    SAME(argz_create_sep("a=1,b=2", ',', &list, &length), 0);
    SAME(argz_count(list, length), 2);
    TEXT(envz_get(list, length, "b"), "2");
    free(list);
    void *tree = NULL;
    const char *names[] = {"m", "c", "x"};
    for (int i = 0; i < 3; i++)
        CHECK(tsearch(names[i], &tree, compare) != NULL);
    CHECK(tfind("c", &tree, compare) != NULL && tfind("z", &tree, compare) == NULL);
    twalk(tree, walk);
    TEXT(walked, "cmx");
    tdestroy(tree, release);
    char *const tokens[] = {(char *)"ro", (char *)"size", NULL};
    char line[] = "size=5,ro", *rest = line, *value;
    SAME(getsubopt(&rest, tokens, &value), 1);
    TEXT(value, "5");
    SAME(getsubopt(&rest, tokens, &value), 0);
    return faults;
}
