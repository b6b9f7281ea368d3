/* Aligned new, pmr resources, shared and weak pointers in threads, atomics of shared pointers.
   flags: -pthread -std=c++20 */
#include <atomic>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <new>
#include <string>
#include <thread>
#include <vector>
#include "expect.h"

struct alignas(256) Wide {
    char room[256];
};

int main()
{
    for (int i = 0; i < 10; i++) {
        auto one = std::make_unique<Wide>();
        SAME(reinterpret_cast<std::uintptr_t>(one.get()) % 256, 0);
        std::vector<Wide> many(3);
        SAME(reinterpret_cast<std::uintptr_t>(many.data()) % 256, 0);
    }
    char buffer[2000];
    std::pmr::monotonic_buffer_resource arena(buffer, sizeof buffer, std::pmr::null_memory_resource());
    std::pmr::vector<std::pmr::string> strings(&arena);
    strings.reserve(4);
    strings.emplace_back("a text that is too long for the short form");
    CHECK(strings[0].data() >= buffer && strings[0].data() < buffer + sizeof buffer);
    try {
        (void)arena.allocate(10000);
        CHECK(false);
    } catch (const std::bad_alloc &) {
    }
    std::pmr::synchronized_pool_resource pool;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; i++)
        threads.emplace_back([&pool] {
            for (int round = 0; round < 200; round++) {
                std::pmr::vector<int> numbers(&pool);
                numbers.assign(50, round);
            }
        });
    for (auto &thread : threads)
        thread.join();
    std::atomic<std::shared_ptr<int>> shared{std::make_shared<int>(1)};
    std::weak_ptr<int> weak = shared.load();
    std::thread([&] { shared.store(std::make_shared<int>(2)); }).join();
    SAME(*shared.load(), 2);
    CHECK(weak.expired());
    std::atomic<int> waited{0};
    std::thread waker([&] {
        waited.store(1);
        waited.notify_all();
    });
    waited.wait(0);
    waker.join();
    SAME(waited.load(), 1);
    return faults;
}
