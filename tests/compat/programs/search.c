/* twalk_r hands its argument on, in walks within walks and in threads; fts64 sees the files of a folder. */

#include <fts.h>
#include <pthread.h>
#include <search.h>

#include "check.h"

/* By their symbols: headers name the 64-bit types otherwise, or turn the plain names into these. */
extern FTS *open_tree(char *const *, int, int (*)(const FTSENT **, const FTSENT **)) __asm__("fts64_open");
extern FTSENT *read_tree(FTS *) __asm__("fts64_read");
extern FTSENT *children_of(FTS *, int) __asm__("fts64_children");
extern int set_entry(FTS *, FTSENT *, int) __asm__("fts64_set");
extern int close_tree(FTS *) __asm__("fts64_close");

static int numbers[100];
static void *tree;

static int by_value(const void *one, const void *other)
{
    return *(const int *)one - *(const int *)other;
}

static void add(const void *node, VISIT when, void *sum)
{
    if (when == leaf || when == postorder)
        *(long *)sum += **(int *const *)node;
}

static void add_all(const void *node, VISIT when, void *sum)
{
    (void)node;
    if (when == leaf || when == postorder)
        twalk_r(tree, add, sum);
}

static void *in_thread(void *sum)
{
    for (int i = 0; i < 1000; ++i)
        twalk_r(tree, add, sum);
    return 0;
}

static int by_name(const FTSENT **one, const FTSENT **other)
{
    return strcmp((*one)->fts_name, (*other)->fts_name);
}

static void touch(const char *folder, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    fclose(fopen(path, "w"));
}

int main(void)
{
    long sum = 0, nested = 0, sums[4] = {0};
    pthread_t threads[4];
    for (int i = 0; i < 100; ++i) {
        numbers[i] = (i * 37) % 100;
        tsearch(&numbers[i], &tree, by_value);
    }
    twalk_r(tree, add, &sum);
    EXPECT(sum, 4950);
    twalk_r(tree, add_all, &nested);
    EXPECT(nested, 495000);
    twalk_r(0, add, &sum);
    EXPECT(sum, 4950);
    for (int i = 0; i < 4; ++i)
        pthread_create(&threads[i], 0, in_thread, &sums[i]);
    for (int i = 0; i < 4; ++i) {
        pthread_join(threads[i], 0);
        EXPECT(sums[i], 4950000);
    }

    char folder[] = "/tmp/searchXXXXXX", names[64] = "";
    char *paths[] = {folder, 0};
    EXPECT_TRUE(mkdtemp(folder));
    touch(folder, "b");
    touch(folder, "a");
    FTS *stream = open_tree(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    FTSENT *entry;
    EXPECT_TRUE(stream);
    while ((entry = read_tree(stream)) != 0) {
        if (entry->fts_info == FTS_D) {
            EXPECT(strcmp(children_of(stream, 0)->fts_name, "a"), 0);
            EXPECT(set_entry(stream, entry, 0), 0);
        }
        if (entry->fts_info == FTS_F) {
            strcat(names, entry->fts_name);
            EXPECT(unlink(entry->fts_path), 0);
        }
        if (entry->fts_info == FTS_DP)
            EXPECT(rmdir(entry->fts_path), 0);
    }
    EXPECT(close_tree(stream), 0);
    EXPECT(strcmp(names, "ab"), 0);
    return faults;
}
