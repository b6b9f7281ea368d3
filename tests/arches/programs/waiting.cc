/* C++20 synchronisation: atomic wait, semaphore, latch, barrier, jthread with stop_token.
   flags: -pthread -std=c++20 */
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <latch>
#include <mutex>
#include <semaphore>
#include <stop_token>
#include <thread>
#include <vector>
#include "expect.h"

int main()
{
    using namespace std::chrono_literals;
    std::counting_semaphore<10> semaphore(0);
    std::latch latch(3);
    std::atomic<int> phases{0}, done{0};
    std::barrier barrier(3, [&]() noexcept { phases++; });
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; i++)
        threads.emplace_back([&] {
            latch.arrive_and_wait();
            for (int round = 0; round < 5; round++)
                barrier.arrive_and_wait();
            done++;
            semaphore.release();
        });
    for (int i = 0; i < 3; i++)
        semaphore.acquire();
    SAME(done, 3);
    SAME(phases, 5);
    CHECK(!semaphore.try_acquire_for(1ms));
    threads.clear();
    std::mutex mutex;
    std::condition_variable_any condition;
    bool stopped = false;
    {
        std::jthread thread([&](std::stop_token token) {
            std::unique_lock lock(mutex);
            condition.wait(lock, token, [] { return false; });
            stopped = token.stop_requested();
        });
    }
    CHECK(stopped);
    std::atomic<long> value{5};
    std::jthread setter([&] {
        std::this_thread::sleep_for(1ms);
        value = 6;
        value.notify_one();
    });
    value.wait(5);
    SAME(value, 6);
    return faults;
}
