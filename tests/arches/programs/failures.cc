/* std::ios_base::failure is caught by its name, and terminate handlers and noexcept end a process as they should. */
#include <csignal>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include "expect.h"

static int status_of(void (*body)())
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        close(2);
        body();
        _exit(0);
    }
    waitpid(child, &status, 0);
    return status;
}
static void cannot_throw() noexcept
{
    volatile bool yes = true;
    if (yes)
        throw 1;
}
struct Pure {
    Pure() { call(); }
    virtual ~Pure() = default;
    void call() { virtual_function(); }
    virtual void virtual_function() = 0;
};
struct Made : Pure {
    void virtual_function() override {}
};

int main()
{
    std::ifstream file;
    file.exceptions(std::ios::failbit | std::ios::badbit);
    try {
        file.open("a file that is not there");
        CHECK(false);
    } catch (const std::ios_base::failure &failure) {
        CHECK(failure.code() == std::io_errc::stream);
        CHECK(dynamic_cast<const std::system_error *>(&failure) != nullptr);
    }
    int status = status_of([] {
        std::set_terminate([] {
            CHECK(std::current_exception() != nullptr);
            _exit(42);
        });
        throw 5;
    });
    SAME(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 42);
    status = status_of(cannot_throw);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    status = status_of([] { Made made; });
    CHECK(WIFSIGNALED(status)); /* by SIGSEGV with a static libstdc++: the compiler's reference to the handler is weak */
    return faults;
}
