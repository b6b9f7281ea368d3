#include "library_exceptions.h"
static int count;
struct Guard {
    ~Guard() { count++; }
};
LibraryError::LibraryError(const char *text, int number) : std::runtime_error(text), number(number) {}
LibraryError::~LibraryError() = default;
Base::~Base() = default;
int Other::value() const { return 1; }
void throws_error(const char *text) { throw LibraryError(text, 12); }
int catches(void (*function)())
{
    try {
        function();
    } catch (const LibraryError &error) {
        return error.number;
    } catch (...) {
        return -1;
    }
    return 0;
}
void passes(void (*function)())
{
    Guard guard;
    function();
}
int destroyed() { return count; }
Base *make_base() { return new Other; }
int asks(const Base &base) { return base.value(); }
bool same_type(const std::type_info &type) { return type == typeid(Base); }
