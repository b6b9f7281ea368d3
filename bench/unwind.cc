// Throws through 8 frames and catches, in 8 threads at once; prints the nanoseconds of one throw. Argument: how many.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

constexpr int threads = 8, frames = 8;

__attribute__((noinline)) int descend(int left) {
  if (left == 0) throw left;
  const int below = descend(left - 1);
  return below + 1;  // after the call, so that it is no tail call
}

void work(long count) {
  for (long i = 0; i < count; ++i) {
    try {
      descend(frames - 1);
    } catch (int) {
    }
  }
}

}  // namespace

int main(int, char **arguments) {
  const long count = std::atol(arguments[1]);
  work(100);
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) all.emplace_back(work, count);
  for (auto &one : all) one.join();
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  std::printf("%.1f\n", took.count() / static_cast<double>(count * threads));
}
