/* Each constructor and destructor runs once, in order, with the arguments of main. */

#include "check.h"

extern char **environ;
static char order[64];
static char *end = order;
static int wrong;
static char **arguments_seen;

static void note(char mark, int count, char **arguments, char **environment)
{
    *end++ = mark;
    if (count != 2 || strcmp(arguments[1], "fallbacks") != 0 || !environment || !*environment)
        wrong = 1;
    arguments_seen = arguments;
}

static void preinit(int c, char **v, char **e)
{
    note('P', c, v, e);
}
static void init(int c, char **v, char **e)
{
    note('A', c, v, e);
    wrong |= e != environ;
}
static void early(int c, char **v, char **e)
{
    note('1', c, v, e);
}
static void late(int c, char **v, char **e)
{
    note('2', c, v, e);
}
__attribute__((section(".preinit_array"), used)) static void (*preinit_entry)(int, char **, char **) = preinit;
__attribute__((section(".init_array"), used)) static void (*init_entry)(int, char **, char **) = init;
__attribute__((section(".init_array.00200"), used)) static void (*early_entry)(int, char **, char **) = early;
__attribute__((section(".init_array.00300"), used)) static void (*late_entry)(int, char **, char **) = late;

static void at_the_end(void)
{
    *end++ = 'X';
}
__attribute__((destructor(300))) static void first_destructor(void)
{
    *end++ = '3';
}
static void last(void)
{
    *end++ = 'f';
    if (strcmp(order, "PI12AX34f") != 0) {
        printf("%s:%d: expected PI12AX34f got %s\n", __FILE__, __LINE__, order);
        fflush(stdout);
        _exit(1);
    }
}
__attribute__((destructor(200))) static void second_destructor(void)
{
    *end++ = '4';
#ifndef __x86_64__
    last();
#endif
}

#ifdef __x86_64__
__attribute__((used)) static void section_init(void)
{
    *end++ = 'I';
}
__attribute__((used)) static void section_fini(void)
{
    last();
}
__asm__(".section .init,\"ax\"\n call section_init\n.section .fini,\"ax\"\n call section_fini\n.text");
#endif

#ifdef OLD_START
/* The entry point of a crt1.o before 2.34: it hands over __libc_csu_init and __libc_csu_fini. */
__asm__(".globl old_start\n"
        "old_start: xor %ebp, %ebp\n"
        " mov %rdx, %r9\n"
        " pop %rsi\n"
        " mov %rsp, %rdx\n"
        " and $-16, %rsp\n"
        " push %rax\n"
        " push %rsp\n"
        " lea __libc_csu_fini(%rip), %r8\n"
        " lea __libc_csu_init(%rip), %rcx\n"
        " lea main(%rip), %rdi\n"
        " call __libc_start_main\n"
        " hlt");
#endif

int main(int count, char **arguments)
{
    EXPECT(wrong, 0);
    EXPECT(arguments == arguments_seen, 1);
    EXPECT_TRUE(fallbacks(count, arguments));
    atexit(at_the_end);
    return faults;
}
