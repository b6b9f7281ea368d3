#include <stdexcept>
#include <string>
static int cleaned;
struct Guard {
    ~Guard() { cleaned++; }
};
extern "C" void throws() { throw std::runtime_error("from the " + std::string("plug-in")); }
extern "C" void passes(void (*function)())
{
    Guard guard;
    function();
}
