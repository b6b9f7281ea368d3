/* Coroutines: a generator, an exception out of one, destruction while suspended.
   flags: -std=c++20 */
#include <coroutine>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include "expect.h"

static int alive;
struct Counted {
    Counted() { alive++; }
    ~Counted() { alive--; }
};
struct Generator {
    struct promise_type {
        int value = 0;
        std::exception_ptr error;
        Generator get_return_object() { return Generator{std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_always initial_suspend() { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        std::suspend_always yield_value(int next) { return value = next, std::suspend_always{}; }
        void return_void() {}
        void unhandled_exception() { error = std::current_exception(); }
    };
    std::coroutine_handle<promise_type> handle;
    explicit Generator(std::coroutine_handle<promise_type> handle) : handle(handle) {}
    Generator(Generator &&other) noexcept : handle(std::exchange(other.handle, nullptr)) {}
    ~Generator()
    {
        if (handle)
            handle.destroy();
    }
    bool next()
    {
        handle.resume();
        if (handle.promise().error)
            std::rethrow_exception(handle.promise().error);
        return !handle.done();
    }
};
static Generator numbers(int count)
{
    Counted guard;
    for (int i = 0; i < count; i++)
        co_yield i * i;
}
static Generator failing()
{
    Counted guard;
    co_yield 1;
    throw std::runtime_error("in a coroutine");
}

int main()
{
    int sum = 0;
    auto squares = numbers(5);
    while (squares.next())
        sum += squares.handle.promise().value;
    SAME(sum, 30);
    {
        auto left = numbers(5);
        CHECK(left.next());
        SAME(alive, 1);
    }
    SAME(alive, 0);
    auto bad = failing();
    CHECK(bad.next());
    try {
        bad.next();
        CHECK(false);
    } catch (const std::runtime_error &error) {
        TEXT(error.what(), "in a coroutine");
    }
    return faults;
}
