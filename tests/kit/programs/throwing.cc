// Throws into the program, and catches what the program throws through it.
#include "throwing.h"
#include <new>
#include <stdexcept>
void throw_standard() { throw std::out_of_range("of the library"); }
void throw_own() { throw RefusedForGood("by the library"); }
std::string call(void (*back)()) {
    try {
        back();
    } catch (const Refused &refused) {
        return "library caught refused " + refused.why;
    } catch (const std::bad_alloc &) {
        return "library caught bad_alloc";
    } catch (const std::exception &error) {
        return std::string("library caught ") + error.what();
    }
    return "library caught nothing";
}
