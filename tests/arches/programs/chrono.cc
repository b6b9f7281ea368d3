/* Clocks, durations, random devices and engines, system_error, bitset, complex.
   flags: -std=c++20 */
#include <bitset>
#include <chrono>
#include <complex>
#include <cmath>
#include <random>
#include <system_error>
#include "expect.h"

int main()
{
    using namespace std::chrono;
    auto begin = steady_clock::now();
    CHECK(steady_clock::now() >= begin);
    CHECK(duration_cast<seconds>(system_clock::now().time_since_epoch()).count() > 1600000000);
    CHECK(high_resolution_clock::now().time_since_epoch().count() > 0);
    SAME(duration_cast<milliseconds>(1h + 2min + 3s).count(), 3723000);
    year_month_day date{floor<days>(sys_seconds{1709210096s})};
    SAME(static_cast<int>(date.year()), 2024);
    SAME(static_cast<unsigned>(date.day()), 29);
    SAME(system_clock::to_time_t(system_clock::from_time_t(1234567890)), 1234567890);
    std::random_device device;
    unsigned all = 0;
    for (int i = 0; i < 64; i++)
        all |= device();
    SAME(all, 0xffffffffu);
    std::mt19937 engine;
    engine.discard(9999);
    SAME(engine(), 4123659995u);
    std::mt19937_64 wide;
    wide.discard(9999);
    CHECK(wide() == 9981545732273789042ull);
    std::normal_distribution<double> normal;
    double sum = 0;
    for (int i = 0; i < 1000; i++)
        sum += normal(engine);
    CHECK(std::fabs(sum / 1000) < 0.2);
    CHECK(std::uniform_int_distribution<int>(1, 6)(engine) <= 6);
    TEXT(std::error_code(ENOENT, std::generic_category()).message().c_str(), "No such file or directory");
    CHECK(std::abs(std::complex<double>(3, 4)) == 5.0);
    CHECK(std::abs(std::exp(std::complex<double>(0, M_PI)) + 1.0) < 1e-15);
    TEXT(std::bitset<8>(0xa5).to_string().c_str(), "10100101");
    return faults;
}
