/* thread_local objects with constructors and destructors, in the main thread too, and in a library's inline function.
   flags: -pthread
   companion: shared */
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <unistd.h>
#include "expect.h"

static std::atomic<int> made{0}, gone{0};
struct Local {
    std::string text = "local";
    Local() { made++; }
    ~Local() { gone++; }
};
static thread_local Local local;
struct Last {
    ~Last()
    {
        if (gone != 4) {
            std::printf("thread_local.cc: %d objects are gone at the end\n", gone.load());
            std::fflush(stdout);
            _exit(1);
        }
    }
};
static Last last;
int counted();
int ended();

int main()
{
    for (int i = 0; i < 3; i++)
        std::thread([] {
            local.text += "!";
            SAME(local.text.size(), 6);
            SAME(counted(), 1);
            SAME(counted(), 2);
        }).join();
    SAME(made, 3);
    SAME(gone, 3);
    SAME(ended(), 3);
    TEXT(local.text.c_str(), "local");
    SAME(made, 4);
    return faults;
}
