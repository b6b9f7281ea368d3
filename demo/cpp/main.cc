// What a C++ program leans on at run time, each part checked: a static constructor that ran not at all or twice, an
// exception that cannot find its handler, a thread library that is missing all show here as one failed line.
//
// Prints one line a check and exits with the number of failed ones.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <numeric>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

int constructed = 0;  // zero before any constructor runs

struct Registry {
    std::map<std::string, int> words;
    Registry() {
        ++constructed;
        words["constructed"] = 1;
    }
};
Registry registry;

thread_local std::string greeting = "unset";

struct Unwound {
    int &count;
    ~Unwound() { ++count; }
};

struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

[[noreturn]] void refuse(int depth, int &unwound) {
    Unwound guard{unwound};
    if (depth == 0) throw Refused("refused at the bottom");
    refuse(depth - 1, unwound);
}

int failures = 0;

void check(const char *what, bool good) {
    std::cout << (good ? "ok      " : "FAILED  ") << what << '\n';
    failures += !good;
}

void static_constructors() {
    check("static constructors ran exactly once", constructed == 1 && registry.words.count("constructed") == 1);
}

void exceptions() {
    int unwound = 0;
    std::string caught;
    try {
        refuse(20, unwound);
    } catch (const Refused &error) {
        caught = error.what();
    }
    check("an exception was caught by type, 21 frames unwound", caught == "refused at the bottom" && unwound == 21);

    bool from_library = false;
    try {
        (void)std::string("short").at(99);
    } catch (const std::out_of_range &) {
        from_library = true;
    }
    check("an exception out of libstdc++ was caught", from_library);

    std::exception_ptr carried;
    std::thread thrower([&] {
        try {
            throw Refused("in a thread");
        } catch (...) {
            carried = std::current_exception();
        }
    });
    thrower.join();
    std::string said;
    try {
        std::rethrow_exception(carried);
    } catch (const std::exception &error) {
        said = error.what();
    }
    check("an exception went from one thread to another", said == "in a thread");
}

void threads() {
    std::atomic<long> total{0};
    std::vector<std::thread> workers;
    for (int worker = 0; worker < 8; ++worker)
        workers.emplace_back([&total, worker] {
            greeting = "worker " + std::to_string(worker);
            std::vector<long> numbers(1000);
            std::iota(numbers.begin(), numbers.end(), worker * 1000L);
            total += std::accumulate(numbers.begin(), numbers.end(), 0L);
        });
    for (auto &worker : workers) worker.join();
    check("eight threads summed 0..7999", total == 7999L * 8000 / 2);
    check("thread_local strings stayed apart", greeting == "unset");

    std::mutex mutex;
    std::condition_variable changed;
    bool ready = false;
    std::thread setter([&] {
        std::lock_guard<std::mutex> lock(mutex);
        ready = true;
        changed.notify_one();
    });
    std::unique_lock<std::mutex> lock(mutex);
    // wait_for takes the steady clock, for which new headers call pthread_cond_clockwait
    bool woken = changed.wait_for(lock, std::chrono::seconds(10), [&] { return ready; });
    lock.unlock();
    setter.join();
    check("a condition variable woke a timed wait", woken);

    std::timed_mutex timed;
    timed.lock();
    bool got = true;
    std::thread([&] { got = timed.try_lock_for(std::chrono::milliseconds(5)); }).join();
    timed.unlock();
    check("a timed mutex gave up when its time was over", !got);
}

void streams_and_files() {
    std::ostringstream text;
    text << std::hex << 48879 << ' ' << std::boolalpha << true << ' ' << 2.5;
    check("a string stream formatted numbers", text.str() == "beef true 2.5");

    namespace fs = std::filesystem;
    fs::path directory = fs::temp_directory_path() / ("cpp-demo-" + std::to_string(std::random_device{}()));
    fs::create_directories(directory / "deep" / "er");
    std::ofstream(directory / "deep" / "numbers.txt") << "1 2 3 4";
    int sum = 0, number = 0;
    std::ifstream numbers(directory / "deep" / "numbers.txt");
    while (numbers >> number) sum += number;
    int entries = 0;
    for (const auto &entry : fs::recursive_directory_iterator(directory)) entries += !entry.path().empty();
    check("a file was written, read back, found by walking", sum == 10 && entries == 3);
    check("its size and time are right", fs::file_size(directory / "deep" / "numbers.txt") == 7 &&
          fs::last_write_time(directory / "deep" / "numbers.txt") <= fs::file_time_type::clock::now());
    check("the directory was removed with all in it", fs::remove_all(directory) == 4);
}

void numbers_from_text() {
    long number = std::stol("-42") + std::strtol("0x10", nullptr, 16);
    check("text became numbers", number == -26 && std::stod("1e3") == 1000.0);
}

}  // namespace

int main() {
    static_constructors();
    exceptions();
    threads();
    streams_and_files();
    numbers_from_text();
    std::cout << (failures ? "some checks failed" : "all checks passed") << std::endl;
    return failures;
}
