#include "cxx-bridge/src/words.h"

#include <set>
#include <sstream>
#include <stdexcept>
#include <string>

rust::Vec<rust::String> words(rust::Str text) {
  if (text.empty()) throw std::invalid_argument("no text");
  std::istringstream stream{std::string(text)};
  std::set<std::string> sorted;
  for (std::string word; stream >> word;) sorted.insert(word);
  rust::Vec<rust::String> result;
  for (const auto &word : sorted) result.push_back(word);
  return result;
}
