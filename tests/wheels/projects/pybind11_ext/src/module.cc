// A C++ extension: threads, exceptions that cross into Python, strings and containers.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <numeric>
#include <regex>
#include <stdexcept>
#include <thread>
#include <vector>

static int total(const std::vector<int> &numbers) {
  if (numbers.empty()) throw std::invalid_argument("no numbers");
  int sum = 0;
  std::thread([&] { sum = std::accumulate(numbers.begin(), numbers.end(), 0); }).join();
  return sum;
}

PYBIND11_MODULE(pybind11_ext, module) {
  module.def("total", &total);
  module.def("matches", [](const std::string &text) { return std::regex_match(text, std::regex("[a-z]+[0-9]*")); });
}
