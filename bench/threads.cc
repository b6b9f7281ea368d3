// A C++ program with threads, exceptions and streams: what C++ link time is measured on.
#include <iostream>
#include <stdexcept>
#include <thread>
#include <vector>

int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++) threads.emplace_back([] {
    try {
      throw std::runtime_error("caught");
    } catch (const std::exception &) {
    }
  });
  for (auto &thread : threads) thread.join();
  std::cout << threads.size() << '\n';
}
