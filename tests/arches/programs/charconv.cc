/* to_chars and from_chars of whole and floating-point numbers, long double too; stod, stold, to_string.
   flags: -std=c++17 */
#include <charconv>
#include <limits>
#include <stdexcept>
#include <string>
#include "expect.h"

template <typename Number> static void round_trip(Number value)
{
    char text[128];
    auto end = std::to_chars(text, text + sizeof text, value).ptr;
    Number back = 0;
    auto result = std::from_chars(text, end, back);
    CHECK(result.ec == std::errc() && result.ptr == end && back == value);
}

int main()
{
    char text[128] = "";
    *std::to_chars(text, text + 100, 0.1).ptr = 0;
    TEXT(text, "0.1");
    *std::to_chars(text, text + 100, 1e300).ptr = 0;
    TEXT(text, "1e+300");
    *std::to_chars(text, text + 100, 3.14159, std::chars_format::fixed, 2).ptr = 0;
    TEXT(text, "3.14");
    *std::to_chars(text, text + 100, 1.0f / 3).ptr = 0;
    TEXT(text, "0.33333334");
    *std::to_chars(text, text + 100, 255, 16).ptr = 0;
    TEXT(text, "ff");
    round_trip(1.0 / 3);
    round_trip(1.0f / 3);
    round_trip(1.0L / 3);
    round_trip(std::numeric_limits<double>::denorm_min());
    round_trip(std::numeric_limits<double>::max());
    round_trip(std::numeric_limits<long long>::min());
    double value = 0;
    const char big[] = "1e999", bad[] = "x";
    CHECK(std::from_chars(big, big + 5, value).ec == std::errc::result_out_of_range);
    CHECK(std::from_chars(bad, bad + 1, value).ec == std::errc::invalid_argument);
    CHECK(std::stod("2.5e1") == 25 && std::stold("0.125") == 0.125L && std::stoi("0x1f", nullptr, 16) == 31);
    TEXT(std::to_string(2.5).c_str(), "2.500000");
    try {
        (void)std::stoi("99999999999");
        CHECK(false);
    } catch (const std::out_of_range &) {
    }
    return faults;
}
