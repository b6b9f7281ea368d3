/* Static initialisation: priorities, order in one file, function-local objects and their guards, destructors at exit.
   flags: -pthread */
#include <atomic>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>
#include "expect.h"

static std::string &trace()
{
    static std::string text;
    return text;
}
struct Note {
    char letter;
    explicit Note(char letter) : letter(letter) { trace() += letter; }
    ~Note() { trace() += static_cast<char>(letter - 32); }
};
struct Check {
    ~Check()
    {
        if (trace() != "cabBA") {
            std::printf("initialisation.cc: the trace at the end is %s\n", trace().c_str());
            std::fflush(stdout);
            _exit(1);
        }
    }
};
static Note early __attribute__((init_priority(150)))('c');
static Check at_end;
static Note a('a'), b('b');
static const std::map<std::string, int> table = {{"one", 1}, {"two", 2}};
static std::atomic<int> built{0};
struct Slow {
    Slow() { std::this_thread::yield(), built++; }
};
static Slow &slow()
{
    static Slow object;
    return object;
}

int main()
{
    TEXT(trace().c_str(), "cab");
    SAME(table.at("two"), 2);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++)
        threads.emplace_back([] { slow(); });
    for (auto &thread : threads)
        thread.join();
    SAME(built, 1);
    std::cout << std::flush;
    return faults;
}
