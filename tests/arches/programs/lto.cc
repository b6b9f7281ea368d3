/* Link-time optimisation of C++ with exceptions, virtual calls and threads.
   flags: -O2 -flto -pthread */
#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>
#include "expect.h"

struct Shape {
    virtual double area() const = 0;
    virtual ~Shape() = default;
};
struct Square : Shape {
    double side;
    explicit Square(double side) : side(side) {}
    double area() const override
    {
        if (side < 0)
            throw std::domain_error("negative side " + std::to_string(side));
        return side * side;
    }
};

int main()
{
    std::vector<std::unique_ptr<Shape>> shapes;
    for (int i = 0; i < 5; i++)
        shapes.push_back(std::make_unique<Square>(i));
    double sum = 0;
    std::thread([&] {
        for (const auto &shape : shapes)
            sum += shape->area();
    }).join();
    CHECK(sum == 30);
    shapes.push_back(std::make_unique<Square>(-1));
    try {
        shapes.back()->area();
        CHECK(false);
    } catch (const std::domain_error &error) {
        TEXT(error.what(), "negative side -1.000000");
    }
    std::unordered_map<std::string, int> counts;
    for (const char *word : {"a", "b", "a"})
        counts[word]++;
    SAME(counts["a"], 2);
    std::vector<int> numbers = {3, 1, 2};
    std::sort(numbers.begin(), numbers.end());
    SAME(numbers[0], 1);
    return faults;
}
