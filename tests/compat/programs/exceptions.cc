// Exceptions are caught by type, destructors run on the way, static objects are built before main, in threads too.

#include <pthread.h>

#include <stdexcept>
#include <string>

#include "check.h"

static int built;
struct Built {
    std::string text;
    Built() : text("constructed before main") { ++built; }
};
static Built object;

static int destroyed;
struct Counter {
    ~Counter() { __atomic_add_fetch(&destroyed, 1, __ATOMIC_RELAXED); }
};

template <int depth> __attribute__((noinline)) int descend(int value)
{
    Counter counter;
    return descend<depth - 1>(value) + 1;
}
template <> __attribute__((noinline)) int descend<0>(int value)
{
    if (value % 2)
        throw std::out_of_range(std::to_string(value));
    throw value;
}

static void *run(void *)
{
    for (int i = 0; i < 1000; ++i) {
        try {
            descend<8>(i);
            EXPECT(0, 1);
        } catch (int value) {
            EXPECT(value, i);
        } catch (const std::logic_error &error) {
            EXPECT(std::stoi(error.what()), i);
        }
    }
    return nullptr;
}

int main()
{
    EXPECT(built, 1);
    EXPECT_TRUE(object.text == "constructed before main");
    pthread_t threads[3];
    for (pthread_t &thread : threads)
        EXPECT(pthread_create(&thread, nullptr, run, nullptr), 0);
    run(nullptr);
    for (pthread_t thread : threads)
        pthread_join(thread, nullptr);
    EXPECT(destroyed, 4 * 1000 * 8);
    return faults;
}
