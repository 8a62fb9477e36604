#pragma once

#include <map>
#include <string>

namespace leat::testing {

/// A file of `golden/`.
std::string golden_text(const std::string& name);

/// What another library wrote, and what stands behind it in its line.
struct golden_line {
  std::string bytes, rest;
};

/// Those of a file, by name.
std::map<std::string, golden_line> golden_lines(const std::string& file);

} // namespace leat::testing
