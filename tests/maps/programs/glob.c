/* Says whether glob finds a symbolic link that points nowhere, by a pattern and by its plain name. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *look_for(const char *pattern)
{
    glob_t found = {0};
    int status = glob(pattern, 0, NULL, &found);
    globfree(&found);
    return status == 0 ? "found" : status == GLOB_NOMATCH ? "missed" : "failed";
}

int main(void)
{
    char folder[] = "/tmp/globXXXXXX";
    if (!mkdtemp(folder) || chdir(folder) || symlink("nowhere", "dangling"))
        return 2;
    printf("pattern %s, ", look_for("dang*"));
    printf("name %s\n", look_for("dangling"));
    unlink("dangling");
    return chdir("/") || rmdir(folder);
}
