// A plug-in that uses a part of libstdc++ which was different in older releases: the one that -DPART_NAME selects.
#include <ctime>
#include <fstream>
#include <future>
#include <iomanip>
#include <locale>
#include <regex>
#include <sstream>
#include <string>

static std::string part()
{
#if defined PART_regex
    std::smatch found;
    const std::string from = "glibc 2.17";
    std::regex_search(from, found, std::regex("([0-9]+)[.]([0-9]+)"));
    return found[2];
#elif defined PART_async
    return std::to_string(std::async(std::launch::async, [] { return 2 + 3; }).get());
#elif defined PART_time
    std::tm tm{};
    std::istringstream in("2014-02-03");
    in >> std::get_time(&tm, "%Y-%m-%d");
    return std::to_string(tm.tm_mon + 1);
#elif defined PART_failure
    try {
        std::ifstream in;
        in.exceptions(std::ios::failbit);
        in.open("/no/such/file");
    } catch (const std::ios_base::failure &) {
        return "failure";
    } catch (...) {
        return "another exception";
    }
    return "no exception";
#elif defined PART_locale
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out << 1.5 << ' ' << std::boolalpha << true;
    return out.str();
#endif
}

extern "C" const char *run()
{
    static std::string text;
    return (text = part()).c_str();
}
