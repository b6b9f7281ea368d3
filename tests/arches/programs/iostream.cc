/* Streams: formats of whole and floating-point numbers, manipulators, files, string streams. */
#include <fstream>
#include <iomanip>
#include <iostream>
#include <limits>
#include <sstream>
#include "expect.h"

int main()
{
    std::ostringstream out;
    out << 42 << ' ' << std::hex << std::showbase << 255 << ' ' << std::dec << -7L << ' ' << true << ' ' << std::boolalpha << false;
    TEXT(out.str().c_str(), "42 0xff -7 1 false");
    out.str("");
    out << std::setprecision(3) << std::fixed << 3.14159 << ' ' << std::scientific << 12345.678 << ' ' << std::defaultfloat << 0.5f << ' ' << 2.5L;
    TEXT(out.str().c_str(), "3.142 1.235e+04 0.5 2.5");
    out.str("");
    out << std::setw(6) << std::setfill('*') << 42 << std::left << std::setw(5) << "ab" << '|' << std::numeric_limits<long long>::min();
    TEXT(out.str().c_str(), "****42ab***|-9223372036854775808");
    std::istringstream in("12 0x1f 2.5 word 1e400");
    int number = 0;
    std::string word;
    double real = 0, huge = 0;
    in >> number;
    SAME(number, 12);
    in >> std::hex >> number >> real >> word;
    SAME(number, 31);
    CHECK(real == 2.5);
    TEXT(word.c_str(), "word");
    in >> huge;
    CHECK(in.fail());
    {
        std::ofstream file("iostream.data", std::ios::binary);
        file << "first\nsecond\n" << 3.25L;
    }
    std::fstream file("iostream.data", std::ios::in | std::ios::out);
    std::string line;
    std::getline(file, line);
    TEXT(line.c_str(), "first");
    SAME(file.tellg(), 6);
    file.seekg(-4, std::ios::end);
    long double last = 0;
    file >> last;
    CHECK(last == 3.25L);
    std::remove("iostream.data");
    std::wostringstream wide;
    wide << L"wide " << 1.5;
    CHECK(wide.str() == L"wide 1.5");
    std::cout << std::flush;
    std::clog << std::flush;
    return faults;
}
