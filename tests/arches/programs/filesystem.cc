/* std::filesystem: folders, copies, links, times, iteration, errors with their codes.
   flags: -std=c++17 */
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include "expect.h"

namespace fs = std::filesystem;

int main()
{
    fs::path base = "filesystem.tree";
    fs::remove_all(base);
    CHECK(fs::create_directories(base / "a" / "b"));
    std::ofstream(base / "a" / "file") << "12345";
    SAME(fs::file_size(base / "a" / "file"), 5);
    CHECK(fs::copy_file(base / "a" / "file", base / "copy"));
    fs::create_symlink("copy", base / "link");
    CHECK(fs::is_symlink(base / "link") && fs::read_symlink(base / "link") == "copy");
    fs::create_hard_link(base / "copy", base / "hard");
    SAME(fs::hard_link_count(base / "copy"), 2);
    fs::rename(base / "hard", base / "a" / "b" / "moved");
    fs::resize_file(base / "copy", 3);
    SAME(fs::file_size(base / "a" / "b" / "moved"), 3);
    fs::permissions(base / "copy", fs::perms::owner_read | fs::perms::owner_write);
    CHECK(fs::status(base / "copy").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    std::set<std::string> names;
    for (const auto &entry : fs::recursive_directory_iterator(base))
        names.insert(entry.path().filename().string());
    CHECK(names == (std::set<std::string>{"a", "b", "file", "copy", "link", "moved"}));
    auto time = fs::last_write_time(base / "copy");
    fs::last_write_time(base / "copy", time - std::chrono::hours(1));
    CHECK(time - fs::last_write_time(base / "copy") == std::chrono::hours(1));
    CHECK(fs::canonical(base / "a" / ".." / "copy").filename() == "copy");
    CHECK(fs::space(".").capacity > 0 && fs::exists(fs::current_path()) && !fs::temp_directory_path().empty());
    try {
        fs::file_size(base / "absent");
        CHECK(false);
    } catch (const fs::filesystem_error &error) {
        CHECK(error.code() == std::errc::no_such_file_or_directory);
    }
    std::error_code code;
    fs::copy(base / "a", base / "twin", fs::copy_options::recursive, code);
    CHECK(!code && fs::exists(base / "twin" / "b" / "moved"));
    CHECK(fs::remove_all(base) >= 8);
    CHECK(!fs::exists(base));
    return faults;
}
