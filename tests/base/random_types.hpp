#pragma once

#include <functional>
#include <string>
#include <utility>

namespace leat::testing {

/// A random type as it was saved, as it is wanted now, and random values as bytes of both: what a change has to come to, made
/// without it. To be used within a property of RapidCheck.
struct random_type {
  std::string stored;                                                           ///< as text
  std::string wanted;                                                           ///< as text
  std::function<void(std::string& as_stored, std::string& as_wanted)> append{}; ///< a value
  std::string begins_as{}; ///< a new member of the wanted type, in bytes
  bool takes_bytes = true; ///< every value of either type takes some

  [[nodiscard]] std::pair<std::string, std::string> value() const {
    std::pair<std::string, std::string> both;
    append(both.first, both.second);
    return both;
  }
};

/// @param changes whether the two types differ, in ways that are allowed.
random_type any_type(bool changes, int depth = 3);

/// From 0 to `most`.
int any_number(int most);

} // namespace leat::testing
