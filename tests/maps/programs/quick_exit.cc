// Says whether quick_exit runs the destructor of a thread_local object: C++ forbids it, the old node does.
#include <cstdlib>
#include <unistd.h>

struct Speaker {
    ~Speaker() { static_cast<void>(!write(1, "destroyed\n", 10)); }
    int value = 0;
};

thread_local Speaker speaker;

int main()
{
    speaker.value = 1;
    std::quick_exit(0);
}
