/* Formatted output and input of long double: what one build prints, the other must print. */

#define _GNU_SOURCE
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <error.h>
#include <float.h>
#include <locale.h>
#include <obstack.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>
#include <wchar.h>

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

static const char *const formats[] = {
    "%Lf", "%Le", "%Lg", "%La", "%LF", "%LE", "%LG", "%LA", "%.0Lf", "%.0Le", "%.0Lg", "%.0La", "%#.0Lf", "%#.0Le",
    "%#.0Lg", "%#.0La", "%#Lg", "%#LG", "%+Lf", "% Lg", "%+#.3La", "%40.5Lf|", "%-40.5Lf|", "%040.5Lf|", "%-040.5Lf|",
    "%+040.20La|", "%030Lg|", "%.33Lg", "%.100Lf", "%.36Le", "%'Lf", "%'.2Lf", "%'Lg", "%#'020.0Lf", "%1Lf", "%.1La",
    "%.5Lg", "%#.5Lg", "%#.40LG",
};

static long double values[] = {
    0.0L, -0.0L, 1.0L, -1.5L, 0.1L, 1234567.891L, 9.9999999L, 1e-5L, 1e-4L, 123456.0L, 999999.25L, 3.0e30L, -2.5e-30L,
    LDBL_MAX, LDBL_MIN, LDBL_EPSILON, 0.5L, 1.5L, 2.5L, 99999999999999999999.0L,
};

static void outputs(void)
{
    char text[6000];
    long double infinite = __builtin_infl(), nan = __builtin_nanl("");
    for (unsigned i = 0; i < sizeof formats / sizeof *formats; ++i) {
        for (unsigned j = 0; j < sizeof values / sizeof *values; ++j) {
            int size = snprintf(text, sizeof text, formats[i], values[j]);
            printf("%s %d [%s]\n", formats[i], size, text);
        }
        printf(formats[i], infinite);
        printf(formats[i], -infinite);
        printf(formats[i], nan);
        putchar('\n');
    }
}

/* The functions that take a list of arguments. */
enum { SNPRINTF, SPRINTF, ASPRINTF, PRINTF, FPRINTF, DPRINTF, OBSTACK, WARN, WARNX, SYSLOG, ERR, ERRX, WPRINTF, FWPRINTF,
       SWPRINTF, SCANF, FSCANF, SSCANF, WSCANF, FWSCANF, SWSCANF };

static struct obstack stack;

static int in_list(int which, void *to, size_t room, const void *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = 0;
    switch (which) {
    case SNPRINTF: size = vsnprintf(to, room, format, arguments); break;
    case SPRINTF: size = vsprintf(to, format, arguments); break;
    case ASPRINTF: size = vasprintf(to, format, arguments); break;
    case PRINTF: size = vprintf(format, arguments); break;
    case FPRINTF: size = vfprintf(stdout, format, arguments); break;
    case DPRINTF: size = vdprintf(1, format, arguments); break;
    case OBSTACK: size = obstack_vprintf(&stack, format, arguments); break;
    case WARN: vwarn(format, arguments); break;
    case WARNX: vwarnx(format, arguments); break;
    case SYSLOG: vsyslog(LOG_DEBUG, format, arguments); break;
    case ERR: verr(5, format, arguments); break;
    case ERRX: verrx(6, format, arguments); break;
    case WPRINTF: size = vwprintf(format, arguments); break;
    case FWPRINTF: size = vfwprintf(stdout, format, arguments); break;
    case SWPRINTF: size = vswprintf(to, room, format, arguments); break;
    case SCANF: size = vscanf(format, arguments); break;
    case FSCANF: size = vfscanf(stdin, format, arguments); break;
    case SSCANF: size = vsscanf(to, format, arguments); break;
    case WSCANF: size = vwscanf(format, arguments); break;
    case FWSCANF: size = vfwscanf(stdin, format, arguments); break;
    case SWSCANF: size = vswscanf(to, format, arguments); break;
    }
    va_end(arguments);
    return size;
}

static error_t refuse(int key, char *argument, struct argp_state *state)
{
    (void)argument;
    if (key == ARGP_KEY_INIT)
        argp_error(state, "%Lg", 8.5L);
    return 0;
}

static const struct argp options = {0, refuse, 0, 0, 0, 0, 0};

/* What ends the process, in a child. */
static void ends(int which)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        errno = EPERM;
        switch (which) {
        case 0: err(4, "%Lg", 1.5L);
        case 1: errx(4, "%Lg", 2.5L);
        case 2: in_list(ERR, 0, 0, "%Lg", 3.5L);
        case 3: in_list(ERRX, 0, 0, "%Lg", 4.5L);
        case 4: error(7, ENOENT, "%Lg", 5.5L);
        case 5: error_at_line(8, EACCES, "file", 12, "%Lg", 6.5L);
        case 6: argp_failure(0, 9, EPERM, "%Lg", 7.5L);
        default: argp_parse(&options, 1, (char *[]){"options", 0}, 0, 0, 0);
        }
        _exit(0);
    }
    waitpid(child, &status, 0);
    printf("%d\n", WEXITSTATUS(status));
}

static void lists(void)
{
    char text[300], *made;
    puts("lists");
    fflush(stdout);
    printf("%d\n", in_list(SPRINTF, text, 0, "%Lg", 1.5L));
    printf("%d %s\n", in_list(ASPRINTF, &made, 0, "%Lg %s", 2.5L, "made"), made);
    printf(" %d\n", in_list(PRINTF, 0, 0, "%Lg", 3.5L));
    printf(" %d\n", in_list(FPRINTF, 0, 0, "%Lg", 4.5L));
    fflush(stdout);
    in_list(DPRINTF, 0, 0, "%Lg\n", 5.5L);
    obstack_init(&stack);
    obstack_printf(&stack, "%Lg in an obstack", 6.5L);
    in_list(OBSTACK, 0, 0, " and %Lg", 7.5L);
    obstack_1grow(&stack, 0);
    puts(obstack_finish(&stack));
    fflush(stdout);
    errno = ENOENT;
    warn("%Lg", 8.5L);
    warnx("%Lg is warned of", 4.5L);
    errno = EPERM;
    in_list(WARN, 0, 0, "%Lg", 9.5L);
    in_list(WARNX, 0, 0, "%Lg", 10.5L);
    openlog("log", LOG_PERROR, LOG_USER);
    syslog(LOG_DEBUG, "%Lg logged", 11.5L);
    in_list(SYSLOG, 0, 0, "%Lg logged", 12.5L);
    error(0, 0, "%Lg", 13.5L);
    error_at_line(0, 0, "file", 3, "%Lg", 14.5L);
    for (int i = 0; i < 8; ++i)
        ends(i);
}

/* Wide functions, without long double. */
static void wide(const char *path)
{
    wchar_t to[30], word[30];
    int number = 0;
    printf("%d %ls\n", swprintf(to, 30, L"%d %ls", 5, L"wide"), to);
    printf("%d %ls\n", in_list(SWPRINTF, to, 30, L"%d %ls", 6, L"wider"), to);
    printf("%d %d %ls\n", swscanf(L"3 wide", L"%d %ls", &number, word), number, word);
    printf("%d %d %ls\n", in_list(SWSCANF, L"4 wider", 0, L"%d %ls", &number, word), number, word);
    fflush(stdout);
    FILE *file = fopen(path, "w");
    fputs("1 a 2 b 3 c 4 d\n", file);
    fclose(file);
    stdin = freopen(path, "r", stdin);
    printf("%d ", wscanf(L"%d %ls", &number, word));
    printf("%d %ls\n", number, word);
    printf("%d ", fwscanf(stdin, L"%d %ls", &number, word));
    printf("%d %ls\n", number, word);
    printf("%d ", in_list(WSCANF, 0, 0, L"%d %ls", &number, word));
    printf("%d %ls\n", number, word);
    printf("%d ", in_list(FWSCANF, 0, 0, L"%d %ls", &number, word));
    printf("%d %ls\n", number, word);
    fflush(stdout);
    stdout = freopen("/dev/stdout", "a", stdout);
    wprintf(L"%d\n", 7);
    fwprintf(stdout, L"%d\n", 8);
    in_list(WPRINTF, 0, 0, L"%d\n", 9);
    in_list(FWPRINTF, 0, 0, L"%d\n", 10);
    fflush(stdout);
}

static void streams(const char *path)
{
    long double a = 0;
    int number = 0;
    FILE *file = fopen(path, "w");
    fputs("1 1.5 2 2.5 3 3.5\n", file);
    fclose(file);
    stdin = freopen(path, "r", stdin);
    printf("%d ", scanf("%d %Lf", &number, &a));
    printf("%d %Lg\n", number, a);
    printf("%d ", in_list(SCANF, 0, 0, "%d %Lf", &number, &a));
    printf("%d %Lg\n", number, a);
    printf("%d ", in_list(FSCANF, 0, 0, "%d %Lf", &number, &a));
    printf("%d %Lg\n", number, a);
    printf("%d ", in_list(SSCANF, (void *)"5 5.5", 0, "%d %Lf", &number, &a));
    printf("%d %Lg\n", number, a);
}

static void mixtures(void)
{
    char text[300], *made;
    int so_far = 0, size;
    signed char tiny = 0;
    printf("%d %s %Lg %c %5.2f %lu %lld %zu %% %x\n", -3, "text", 2.25L, 'c', 1.5, 5ul, -7ll, (size_t)9, 255u);
    printf("%3$Lf %1$d %2$s %1$d\n", 4, "numbered", 0.75L);
    printf("%*.*Lf|%-*Lg|%*d|%.*s|\n", 20, 3, 1.25L, 12, 0.5L, -6, 42, 3, "truncated");
    printf("%2$*1$.*3$Lf|\n", 15, 1.5L, 4);
    printf("%Lf%n after", 1.0L, &so_far);
    printf(" %d\n", so_far);
    printf("%Lg%hhn", 12.5L, &tiny);
    printf(" %d\n", tiny);
    errno = ENOENT;
    printf("%m %Lg %m\n", 1.0L);
    size = snprintf(text, 5, "%Lf", 123.0L);
    printf("%d %s\n", size, text);
    printf("%d\n", snprintf(0, 0, "%.50Lf", 1.0L));
    size = in_list(SNPRINTF, text, sizeof text, "%s %Lg %d", "list", 6.5L, 8);
    printf("%d %s\n", size, text);
    size = asprintf(&made, "%Lg and %s", 7.5L, "allocated");
    printf("%d %s\n", size, made);
    free(made);
    size = sprintf(text, "%Lg", 8.5L);
    printf("%d %s\n", size, text);
    fflush(stdout);
    dprintf(1, "%Lg to a descriptor\n", 9.5L);
    fprintf(stdout, "%ls %lc %Lg\n", L"wide", (wint_t)L'w', 1.0L);
}

static void show(const char *what, int got, long double a, long double b, int count)
{
    printf("%s: %d %.33Lg %.33Lg %d\n", what, got, a, b, count);
}

static void inputs(const char *path)
{
    static const char *const texts[] = {
        "1.5 2.5", "0x1.8p3 0x.8", "inf -infinity", "e5", "", "   ", ".5.5", "5.",
        "123456789012345678901234567890.5 1", "+7", "0x 1", "0xg", "infinit", "i", "1e400 -1e-400", "1,5", "nan 1",
        /* The members read as glibc did before it mended scanf. */
#if __GLIBC_MINOR__ < 41
        "nan nan(12)", "nan(", /* bug 30647: nan(12) is one number */
#endif
#if __GLIBC_MINOR__ < 42
        " -3e5rest", "1.5e 7", /* bug 12701: no number ends with an exponent's letter */
#endif
    };
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; ++i) {
        long double a = -1, b = -1;
        int count = -1, got = sscanf(texts[i], "%Lf %Lg%n", &a, &b, &count);
        show(texts[i], got, a, b, count);
        a = b = count = -1;
        got = sscanf(texts[i], "%3Lf%2Le%n", &a, &b, &count);
        show(texts[i], got, a, b, count);
        FILE *stream = fmemopen((void *)texts[i], strlen(texts[i]) + 1, "r");
        a = b = count = -1;
        got = fscanf(stream, "%Lf%*Lf%n", &a, &count);
        show(texts[i], got, a, b, count);
        fclose(stream);
    }
    int number = -1, count = -1, second = -1;
    char word[20] = "", *made = 0, set[20] = "";
    long double a = -1;
    double d = -1;
    int got = sscanf("12 word 1.25 abcXYZ 3.5 end", "%d %19s %Lf %n%19[a-c]%ms %lf%n", &number, word, &a, &count, set,
                     &made, &d, &second);
    printf("%d %d %s %Lg %d %s %s %g %d\n", got, number, word, a, count, set, made ? made : "-", d, second);
    free(made);
    printf("%d\n", sscanf("5%6", "%d%%%Lf", &number, &a));
    printf("%d %Lg\n", sscanf("1:2.5", "%d:%Lf", &number, &a), a);
    printf("%d\n", sscanf("1;2.5", "%d:%Lf", &number, &a));
    FILE *file = fopen(path, "w+");
    fputs("7 8.5 word\n", file);
    rewind(file);
    printf("%d ", fscanf(file, "%d %Lf %19s", &number, &a, word));
    printf("%d %Lg %s\n", number, a, word);
    fclose(file);
}

int main(int count, char **arguments)
{
    setlocale(LC_ALL, count > 2 ? arguments[2] : "C");
    dup2(1, 2);
    outputs();
    mixtures();
    inputs(arguments[1]);
    streams(arguments[1]);
    lists();
    wide(arguments[1]);
    errx(3, "%Lg ends it", 5.5L);
}
