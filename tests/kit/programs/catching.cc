// Catches by type what a library throws, and the other way round; in a thread as well.
#include "throwing.h"
#include <iostream>
#include <new>
#include <stdexcept>
#include <thread>

static void both() {
    try {
        throw_standard();
    } catch (const std::invalid_argument &) {
        std::cout << "wrong type" << std::endl;
    } catch (const std::logic_error &error) {
        std::cout << "logic_error " << error.what() << std::endl;
    }
    try {
        throw_own();
    } catch (const Refused &refused) {
        std::cout << "refused " << refused.why << ' ' << (dynamic_cast<const RefusedForGood *>(&refused) != nullptr)
                  << std::endl;
    }
    std::cout << call([] { throw RefusedForGood("by the program"); }) << std::endl;
    std::cout << call([] { throw std::runtime_error("runtime_error"); }) << std::endl;
    std::cout << call([] { throw std::bad_alloc(); }) << std::endl;
    std::cout << call([] { (void)std::string().at(3); }).substr(0, 29) << std::endl;
    try {
        call([] { throw 7; });
    } catch (int number) {
        std::cout << "through the library: " << number << std::endl;
    }
}

int main() {
    both();
    std::thread(both).join();
}
