// What the library and the program share: a type of their own, and a function that calls back.
#pragma once
#include <string>
struct Refused {
    explicit Refused(std::string why) : why(std::move(why)) {}
    virtual ~Refused() = default;
    std::string why;
};
struct RefusedForGood : Refused {
    using Refused::Refused;
};
void throw_standard();
void throw_own();
std::string call(void (*back)());
