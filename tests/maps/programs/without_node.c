/* Says in a word how a function behaves that changed without a new version node; the argument names the case. */
#define _GNU_SOURCE 1
#include <crypt.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <langinfo.h>
#include <limits.h>
#include <math.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

extern int plain_sscanf(const char *, const char *, ...) __asm__("sscanf"); /* the headers' name may be a newer one */

static const char *name_of(int error)
{
    switch (error) {
    case 0: return "0";
    case EINVAL: return "EINVAL";
    case ENOENT: return "ENOENT";
    case ENOSYS: return "ENOSYS";
    case EOPNOTSUPP: return "ENOTSUP";
    case ERANGE: return "ERANGE";
    default: return "another";
    }
}

static const char *error_of(int result)
{
    return name_of(result == 0 ? 0 : errno);
}

static void print(const char *format, ...) /* the compiler does not look into the format */
{
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
}

static int children;
static void in_child(void)
{
    ++children;
}

static void make(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

static void sticky_end(void)
{
    char byte;
    make("grows", "a");
    FILE *file = fopen("grows", "r");
    while (fread(&byte, 1, 1, file) == 1)
        ;
    FILE *more = fopen("grows", "a");
    fputs("b", more);
    fclose(more);
    puts(fread(&byte, 1, 1, file) == 1 ? "more" : "end");
}

static void aborted(void)
{
    int ends[2], status;
    char byte;
    if (pipe(ends) != 0)
        return;
    if (fork() == 0) {
        FILE *out = fdopen(ends[1], "w");
        fputs("x", out);
        abort();
    }
    close(ends[1]);
    wait(&status);
    puts(read(ends[0], &byte, 1) == 1 ? "flushed" : "lost");
}

static void without_path(void)
{
    char text[4096];
    size_t size;
    int status;
    FILE *from = fopen("/proc/self/exe", "r"), *to = fopen("probe", "w");
    while ((size = fread(text, 1, sizeof text, from)) > 0)
        fwrite(text, 1, size, to);
    fclose(to);
    chmod("probe", 0700);
    if (fork() == 0) {
        unsetenv("PATH");
        execlp("probe", "probe", "nothing", (char *)0);
        _exit(errno == ENOENT ? 1 : 2);
    }
    wait(&status);
    puts(WEXITSTATUS(status) == 0 ? "found" : "ENOENT");
}

static void zone(void)
{
    struct tm tm = {.tm_year = 124, .tm_mon = 0, .tm_mday = 15}; /* winter */
    setenv("TZ", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1); /* America/Nuuk */
    time_t seconds = timegm(&tm);
    printf("%d\n", localtime(&seconds)->tm_isdst);
}

static void wide_stream(void)
{
    wchar_t *text = 0;
    size_t size = 0;
    FILE *stream = open_wmemstream(&text, &size);
    fputws(L"abcdef", stream);
    fflush(stream);
    fseek(stream, 2, SEEK_SET);
    fflush(stream);
    puts(text[2] == L'c' ? "kept" : "damaged");
}

static void affinity(void)
{
    static unsigned char all[8192];
    cpu_set_t before;
    memset(all, 0xff, sizeof all);
    sched_getaffinity(0, sizeof before, &before);
    int result = sched_setaffinity(0, sizeof all, (cpu_set_t *)all);
    puts(error_of(result));
}

int main(int count, char **arguments)
{
    const char *word = count > 1 ? arguments[1] : "";
    char text[PATH_MAX];
    int number = -1;
    volatile double large = DBL_MAX;
    errno = 0;
    if (!strcmp(word, "printf-b"))
        print("%b|%d\n", 5, 7);
    else if (!strcmp(word, "printf-w"))
        print("%w32d|%d\n", 5, 7);
    else if (!strcmp(word, "printf-m")) {
        errno = ENOENT;
        print("%#m\n");
    } else if (!strcmp(word, "sscanf-b"))
        printf("%d\n", plain_sscanf("101", "%b", &number) == 1 ? number : -1);
    else if (!strcmp(word, "sscanf-w"))
        printf("%d\n", plain_sscanf("101", "%w32d", &number) == 1 ? number : -1);
    else if (!strcmp(word, "faccessat"))
        puts(error_of(faccessat(0, "", F_OK, AT_EMPTY_PATH)));
    else if (!strcmp(word, "fchmodat")) {
        make("file", "");
        puts(error_of(fchmodat(AT_FDCWD, "file", 0600, AT_SYMLINK_NOFOLLOW)));
    } else if (!strcmp(word, "lchmod")) {
        make("file", "");
        puts(error_of(lchmod("file", 0600)));
    } else if (!strcmp(word, "strftime")) {
        struct tm tm = {.tm_mon = 1};
        puts(strftime(text, sizeof text, "%OB", &tm) && !strcmp(text, "February") ? "name" : "no name");
    } else if (!strcmp(word, "nl_langinfo"))
        printf("<%s>\n", nl_langinfo(0x2006f)); /* ALTMON_1 */
    else if (!strcmp(word, "fread"))
        sticky_end();
    else if (!strcmp(word, "dlinfo"))
        printf("%d\n", dlinfo(dlopen(0, RTLD_NOW), 11, text) > 0); /* RTLD_DI_PHDR: the number of headers */
    else if (!strcmp(word, "localtime"))
        zone();
    else if (!strcmp(word, "abort"))
        aborted();
    else if (!strcmp(word, "aligned_alloc"))
        puts(aligned_alloc(24, 1) ? "memory" : name_of(errno));
    else if (!strcmp(word, "getauxval"))
        puts(getauxval(12345) ? "found" : name_of(errno));
    else if (!strcmp(word, "popen")) {
        pthread_atfork(in_child, 0, 0);
        FILE *pipe = popen("true", "r");
        if (pipe)
            pclose(pipe);
        printf("%d\n", children);
    } else if (!strcmp(word, "nextafter"))
        puts(isinf(nextafter(large, INFINITY)) ? name_of(errno) : "finite");
    else if (!strcmp(word, "scalbn"))
        puts(isinf(scalbn(large, 5000)) ? name_of(errno) : "finite");
    else if (!strcmp(word, "sched_setaffinity"))
        affinity();
    else if (!strcmp(word, "getaddrinfo")) {
        struct addrinfo hints = {.ai_flags = AI_NUMERICHOST}, *found;
        puts(getaddrinfo("127.0.0.1 x", 0, &hints, &found) == 0 ? "address" : "refused");
    } else if (!strcmp(word, "execlp"))
        without_path();
    else if (!strcmp(word, "statvfs")) {
        struct statvfs stat;
        memset(&stat, 0, sizeof stat);
        /* the headers name f_type since 2.39; it stands where the first of the spare words was */
        const int *type = (const int *)((const char *)&stat.f_namemax + sizeof stat.f_namemax);
        puts(statvfs("/proc/self", &stat) == 0 && *type ? "type" : "0");
    } else if (!strcmp(word, "open_wmemstream"))
        wide_stream();
    else if (!strcmp(word, "crypt")) {
        const char *hash = crypt("x", "$y$j9T$abcdefgh$");
        puts(!hash || *hash == '*' ? "refused" : "hashed");
    }
    return 0;
}
