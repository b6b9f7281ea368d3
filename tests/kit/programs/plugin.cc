// A library that leaves something to be done when it is closed.
#include <cstdio>
#include <cstdlib>

struct Global {
    Global() { std::puts("global object"); }
    ~Global() { std::puts("~global object"); }
};
static Global global;

struct OfThread {
    int used = 0;
    ~OfThread() { std::printf("~object of a thread %d\n", used); }
};
#ifdef THREAD_LOCAL
static thread_local OfThread mine;
#endif

__attribute__((destructor)) static void down() { std::puts("destructor"); }

extern "C" void use() {
    static Global once;
    std::atexit([] { std::puts("atexit of the library"); });
#ifdef THREAD_LOCAL
    ++mine.used;
#endif
}
