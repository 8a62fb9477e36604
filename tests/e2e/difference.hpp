#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace leat::testing {

/// How the sorted rows found differ from the sorted rows expected, shortly; empty when they are the same. A row that is
/// found more often than expected is one too many.
template <class Row, class Describe>
std::string difference_by(const std::vector<Row>& found, const std::vector<Row>& expected, Describe describe) {
  const auto minus = [](const std::vector<Row>& a, const std::vector<Row>& b) {
    std::vector<Row> rest;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(rest));
    return rest;
  };
  std::string text;
  const auto tell = [&](const char* what, const std::vector<Row>& rows) {
    if (rows.empty())
      return;
    text += std::to_string(rows.size()) + what + "\n";
    for (std::size_t i = 0; i < std::min<std::size_t>(rows.size(), 5); ++i)
      text += "  " + describe(rows[i]) + "\n";
  };
  tell(" missing:", minus(expected, found));
  tell(" too many or wrong:", minus(found, expected));
  return text;
}

/// The same for rows that are text already.
inline std::string difference(const std::vector<std::string>& found, const std::vector<std::string>& expected) {
  return difference_by(found, expected, [](const std::string& line) { return line; });
}

} // namespace leat::testing
