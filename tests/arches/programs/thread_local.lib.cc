#include <atomic>
static std::atomic<int> gone{0};
struct Counter {
    int value = 0;
    ~Counter() { gone++; }
};
static thread_local Counter counter;
int counted() { return ++counter.value; }
int ended() { return gone; }
