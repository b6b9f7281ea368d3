/* std::thread, mutexes, condition variables, futures, async, packaged_task, call_once, shared_mutex, timed waits.
   flags: -pthread -std=c++17 */
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <thread>
#include <vector>
#include "expect.h"

using namespace std::chrono_literals;

int main()
{
    std::mutex mutex;
    std::condition_variable condition;
    std::condition_variable_any any;
    std::shared_mutex shared;
    std::timed_mutex timed;
    std::recursive_mutex recursive;
    std::once_flag once;
    std::atomic<int> begun{0};
    int counter = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++)
        threads.emplace_back([&] {
            std::call_once(once, [&] { begun++; });
            for (int round = 0; round < 500; round++) {
                std::lock_guard<std::mutex> lock(mutex);
                counter++;
            }
            std::shared_lock<std::shared_mutex> reading(shared);
            condition.notify_all();
        });
    {
        std::unique_lock<std::mutex> lock(mutex);
        condition.wait(lock, [&] { return counter == 2000; });
        CHECK(condition.wait_for(lock, 1ms) == std::cv_status::timeout);
        CHECK(!condition.wait_until(lock, std::chrono::steady_clock::now() + 1ms, [] { return false; }));
        CHECK(any.wait_for(lock, 1ms) == std::cv_status::timeout);
    }
    for (auto &thread : threads)
        thread.join();
    SAME(begun, 1);
    auto value = std::async(std::launch::async, [] { return 42; });
    SAME(value.get(), 42);
    auto failing = std::async(std::launch::async, []() -> int { throw std::runtime_error("in a thread"); });
    try {
        failing.get();
        CHECK(false);
    } catch (const std::runtime_error &error) {
        TEXT(error.what(), "in a thread");
    }
    std::promise<int> promise;
    auto future = promise.get_future();
    CHECK(future.wait_for(1ms) == std::future_status::timeout);
    std::thread setter([&] { promise.set_value(5); });
    SAME(future.get(), 5);
    setter.join();
    std::packaged_task<int(int)> task([](int number) { return number * 2; });
    auto doubled = task.get_future();
    std::thread(std::move(task), 4).join();
    SAME(doubled.get(), 8);
    try {
        auto broken = std::promise<int>().get_future();
        broken.get();
    } catch (const std::future_error &error) {
        CHECK(error.code() == std::future_errc::broken_promise);
    }
    timed.lock();
    std::thread([&] { CHECK(!timed.try_lock_for(1ms)); }).join();
    std::lock_guard<std::recursive_mutex> first(recursive), second(recursive);
    std::this_thread::sleep_for(1ms);
    CHECK(std::thread::hardware_concurrency() >= 1);
    try {
        std::call_once(*std::make_unique<std::once_flag>(), [] { throw 3; });
    } catch (int three) {
        SAME(three, 3);
    }
    return faults;
}
