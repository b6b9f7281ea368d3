/* std::regex, std::locale and its facets, codecvt, std::wstring conversions. */
#include <iomanip>
#include <locale>
#include <regex>
#include <sstream>
#include <string>
#include "expect.h"

struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
};

int main()
{
    std::smatch match;
    std::string text = "key = value; other=5";
    CHECK(std::regex_search(text, match, std::regex(R"((\w+)\s*=\s*(\w+))")));
    TEXT(match[2].str().c_str(), "value");
    TEXT(std::regex_replace(text, std::regex("[aeiou]"), "*").c_str(), "k*y = v*l**; *th*r=5");
    CHECK(std::regex_match("ABC", std::regex("abc", std::regex::icase)));
    try {
        std::regex broken("(");
        CHECK(false);
    } catch (const std::regex_error &error) {
        CHECK(error.code() == std::regex_constants::error_paren);
    }
    std::ostringstream out;
    out.imbue(std::locale(std::locale::classic(), new Comma));
    out << 1234567 << ' ' << std::fixed << std::setprecision(2) << 1234.5;
    TEXT(out.str().c_str(), "1.234.567 1.234,50");
    try {
        std::locale named("xx_YY.nonsense");
        CHECK(false);
    } catch (const std::runtime_error &) {
    }
    CHECK(std::use_facet<std::ctype<char>>(std::locale()).toupper('q') == 'Q');
    CHECK(std::use_facet<std::collate<char>>(std::locale()).compare("a", "a" + 1, "b", "b" + 1) < 0);
    std::tm when{};
    std::istringstream in("2024-02-29 10:11:12");
    in >> std::get_time(&when, "%Y-%m-%d %H:%M:%S");
    SAME(when.tm_mon, 1);
    std::ostringstream time;
    time << std::put_time(&when, "%d/%m/%Y");
    TEXT(time.str().c_str(), "29/02/2024");
    CHECK(std::isspace(' ', std::locale::classic()));
    return faults;
}
