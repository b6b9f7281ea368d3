/* Asks the loader of this process about many files: starts each program, opens each library.

   Standard input has one case a line: "P folder" or "L folder". The file is "main" in the folder, which is the working
   directory then. Each case has a process of its own, and one line of output: "NAME status first line of output".
   status: "ok", "dies CODE" or "signal N". The driver names libc.so.6 only, so a library is opened in the scope of a
   plain program. */

typedef unsigned long size;
extern long read(int, void *, size), write(int, const void *, size);
extern int open(const char *, int, ...), close(int), pipe(int *), dup2(int, int), fork(void), chdir(const char *);
extern int execve(const char *, char *const *, char *const *), waitpid(int, int *, int), kill(int, int);
extern unsigned alarm(unsigned);
extern size strlen(const char *);
extern char *strchr(const char *, int), *strstr(const char *, const char *);
extern void _exit(int) __attribute__((noreturn));

#ifdef BEFORE_2_34
extern void *__libc_dlopen_mode(const char *, int), *__libc_dlsym(void *, const char *);
#define NOW (2 | (int)0x80000000)
static void *open_library(const char *path) { return __libc_dlopen_mode(path, NOW); }
static const char *reason(const char *path) {
    void *libdl = __libc_dlopen_mode("libdl.so.2", NOW);
    if (!libdl)
        return "no libdl.so.2";
    ((void *(*)(const char *, int))__libc_dlsym(libdl, "dlopen"))(path, 2);
    return ((const char *(*)(void))__libc_dlsym(libdl, "dlerror"))();
}
#else
extern void *dlopen(const char *, int);
extern const char *dlerror(void);
static void *open_library(const char *path) { return dlopen(path, 2); }
static const char *reason(const char *path) { return dlerror(); }
#endif

static char *environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", "LD_BIND_NOW=1", 0};

static void say(int to, const char *text) { write(to, text, strlen(text)); }

static void judge(int is_library, const char *folder) {
    static char *words[] = {"./main", 0};
    alarm(10);
    if (chdir(folder))
        _exit(99);
    if (!is_library) {
        execve("./main", words, environment);
        say(2, "execve fails\n");
        _exit(98);
    }
    static char path[4096];
    size length = strlen(folder);
    for (size at = 0; at < length; at++)
        path[at] = folder[at];
    for (size at = 0; at < 6; at++)
        path[length + at] = "/main"[at];
    if (open_library(path)) {
        say(1, "alive\n");
        _exit(0);
    }
    const char *why = reason(path);
    say(2, why ? why : "no reason");
    say(2, "\n");
    _exit(1);
}

static void number(int value) {
    char digits[12], *at = digits + 11;
    *at = 0;
    do
        *--at = '0' + value % 10;
    while (value /= 10);
    say(1, at);
}

static void ask(int is_library, const char *folder) {
    int ends[2], status = 0;
    static char said[65536];
    long got, had = 0;
    pipe(ends);
    int child = fork();
    if (!child) {
        int nothing = open("/dev/null", 0);
        if (nothing >= 0)
            dup2(nothing, 0);
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        close(ends[0]);
        close(ends[1]);
        judge(is_library, folder);
    }
    close(ends[1]);
    while (had < (long)sizeof said - 1 && (got = read(ends[0], said + had, sizeof said - 1 - had)) > 0)
        had += got;
    close(ends[0]);
    said[had] = 0;
    waitpid(child, &status, 0);
    say(1, folder);
    if (strstr(said, "alive\n"))
        say(1, "\tok\t");
    else if (status & 0x7f) {
        say(1, "\tsignal ");
        number(status & 0x7f);
        say(1, "\t");
    } else {
        say(1, "\tdies ");
        number(status >> 8 & 0xff);
        say(1, "\t");
    }
    char *end = strchr(said, '\n');
    if (end)
        *end = 0;
    for (char *at = said; *at; at++)
        if (*at == '\t' || (unsigned char)*at > 126)
            *at = '?';
    say(1, said);
    say(1, "\n");
}

static char list[1 << 20];

__asm__(".globl _start\n_start: xor %ebp,%ebp\n and $-16,%rsp\n call begin\n hlt");

__attribute__((used, visibility("hidden"))) void begin(void) {
    long got, had = 0;
    while ((got = read(0, list + had, sizeof list - 1 - had)) > 0)
        had += got;
    for (char *line = list; *line;) {
        char *end = strchr(line, '\n');
        if (!end)
            break;
        *end = 0;
        ask(line[0] == 'L', line + 2);
        line = end + 1;
    }
    _exit(0);
}
