// One of everything that C++ needs from libc at run time, each step counted, so that "twice" shows as well as "never".
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

static int constructed;
static std::atomic<int> ended;

struct Counted {
    Counted() { ++constructed; }
    ~Counted() { std::printf("static destructor %d\n", constructed--); }
};
static Counted counted;

struct Local {
    int value = 1;
    ~Local() {
        ended += value;
        if (value == 99) std::printf("thread_local destructor %d\n", value);
    }
};
static thread_local Local local;

static int thrower(int n) {
    if (n == 0) throw std::out_of_range("deep");
    return thrower(n - 1) + 1;
}

int main(int argc, char **argv, char **envp) {
    std::atexit([] { std::puts("atexit"); });
    std::cout << "constructed " << constructed << std::endl;
    std::cout << "main " << argc << ' ' << argv[1] << ' ' << std::getenv("PINNED") << ' ' << (envp == environ) << std::endl;

    try {
        std::cout << thrower(5) << std::endl;
    } catch (const std::logic_error &error) {
        std::cout << "caught " << error.what() << std::endl;
    }

    std::mutex mutex;
    std::condition_variable wake;
    int turn = 0;
    std::vector<std::thread> threads;
    std::map<int, std::string> seen;
    for (int i = 0; i < 3; ++i)
        threads.emplace_back([&, i] {
            std::unique_lock<std::mutex> lock(mutex);
            wake.wait(lock, [&] { return turn == i; });
            local.value += 10 + i;
            try {
                throw std::string("thread ") + std::to_string(i);
            } catch (const std::string &text) {
                seen[i] = text;
            }
            ++turn;
            wake.notify_all();
        });
    for (auto &thread : threads) thread.join();
    std::cout << "ended " << ended << std::endl;
    for (auto &[number, text] : seen) std::cout << number << " = " << text << std::endl;
    {
        std::unique_lock<std::mutex> lock(mutex);
        std::cout << "timed out " << !wake.wait_for(lock, std::chrono::milliseconds(5), [] { return false; }) << std::endl;
    }
    std::cout << "sum " << std::stoi("40") + std::strtol("2", nullptr, 10) << std::endl;
    local.value = 99;
    return 0;
}
