/* Exceptions: nested, rethrown, stored, with destructors on the way, through a callback of C, from a constructor. */
#include <cstdlib>
#include <exception>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>
#include "expect.h"

static int alive;
struct Counted {
    Counted() { alive++; }
    Counted(const Counted &) { alive++; }
    ~Counted() { alive--; }
};
struct Thrower {
    Counted member;
    Thrower() { throw std::runtime_error("constructor"); }
};
static void deep(int left)
{
    Counted here;
    if (left == 0)
        throw std::out_of_range("deep");
    deep(left - 1);
}
static int compare(const void *, const void *) { throw 5; }
static void nested()
{
    try {
        deep(10);
    } catch (...) {
        std::throw_with_nested(std::logic_error("outer"));
    }
}

int main()
{
    try {
        deep(20);
        CHECK(false);
    } catch (const std::exception &error) {
        TEXT(error.what(), "deep");
    }
    SAME(alive, 0);
    try {
        nested();
    } catch (const std::logic_error &error) {
        TEXT(error.what(), "outer");
        try {
            std::rethrow_if_nested(error);
            CHECK(false);
        } catch (const std::out_of_range &inner) {
            TEXT(inner.what(), "deep");
        }
    }
    int numbers[] = {3, 1, 2};
    try {
        std::qsort(numbers, 3, sizeof(int), compare);
        CHECK(false);
    } catch (int five) {
        SAME(five, 5);
    }
    std::exception_ptr kept;
    try {
        Thrower thrower;
    } catch (...) {
        kept = std::current_exception();
    }
    SAME(alive, 0);
    try {
        std::rethrow_exception(kept);
    } catch (const std::runtime_error &error) {
        TEXT(error.what(), "constructor");
    }
    try {
        std::vector<int>().at(1);
    } catch (const std::out_of_range &) {
        alive = 100;
    }
    SAME(alive, 100);
    try {
        try {
            throw std::string("again");
        } catch (const std::string &) {
            SAME(std::uncaught_exceptions(), 0);
            throw;
        }
    } catch (const std::string &text) {
        TEXT(text.c_str(), "again");
    }
    try {
        volatile std::size_t size = static_cast<std::size_t>(-1) - 4096;
        char *volatile block = new char[size]; /* volatile, or the compiler leaves the allocation out */
        delete[] block;
        CHECK(false);
    } catch (const std::bad_alloc &) {
    }
    try {
        std::function<void()>()();
    } catch (const std::bad_function_call &) {
        alive++;
    }
    SAME(alive, 101);
    return faults;
}
