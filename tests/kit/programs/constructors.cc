// Everything that runs before main and after it, each naming itself; once each, in the order of the ELF gABI.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

static void say(const char *text) {
    // no stdio: .preinit_array runs before libc's own constructors are done
    if (write(1, text, std::strlen(text)) < 0 || write(1, "\n", 1) < 0) std::abort();
}

struct Static {
    Static() { say("static object"); }
    ~Static() { say("~static object"); }
};
static Static object __attribute__((init_priority(150)));

#define SHOWING(priority) \
    __attribute__((constructor(priority))) static void up_##priority() { say("constructor " #priority); } \
    __attribute__((destructor(priority))) static void down_##priority() { say("destructor " #priority); }
SHOWING(101)
SHOWING(102)
SHOWING(65000)
__attribute__((constructor)) static void up(int argc, char **argv, char **envp) {
    say("constructor");
    say(argc == 3 && std::strcmp(argv[1], "a b") == 0 && argv[3] == nullptr ? "its argv is right" : "its argv is wrong");
    say(envp == environ && getenv("PINNED") ? "its envp is right" : "its envp is wrong");
}
__attribute__((destructor)) static void down() { say("destructor"); }

#ifndef LIBRARY
static void first(int argc, char **, char **) { say(argc == 3 ? "preinit_array" : "preinit_array: wrong argc"); }
__attribute__((section(".preinit_array"), used)) static void (*preinit)(int, char **, char **) = first;
#endif

extern "C" void __attribute__((visibility("hidden"), used)) in_init() { say(".init"); }
extern "C" void __attribute__((visibility("hidden"), used)) in_fini() { say(".fini"); }
__asm__(".section .init\n call in_init\n .section .fini\n call in_fini\n .text");

#ifdef LIBRARY
extern "C" void use() { say("used"); }
#else
int main(int argc, char **argv) {
    std::atexit([] { say("atexit"); });
    at_quick_exit([] { say("at_quick_exit"); });
    on_exit([](int status, void *data) { say(status == 0 && data ? "on_exit" : "on_exit: wrong arguments"); }, &object);
    say("main");
    if (argc == 3 && std::strcmp(argv[2], "quick") == 0) quick_exit(0);
    if (argc == 3 && std::strcmp(argv[2], "exit") == 0) exit(0);
}
#endif
