#pragma once
#include "rust/cxx.h"

// The words of a text in alphabetical order, each once; throws std::invalid_argument for an empty text.
rust::Vec<rust::String> words(rust::Str text);
