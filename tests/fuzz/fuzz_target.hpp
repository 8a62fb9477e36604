#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace leat::testing {

/// Gives bytes from outside to a part of Leat and demands what has to hold for all of them, beyond that it ends.
/// @throws broken_promise otherwise.
struct fuzz_target {
  std::string_view name; ///< also of its folder in `corpus/`
  void (*run)(std::string_view input);
};

/// All there are.
std::span<const fuzz_target> fuzz_targets();

/// What has to hold does not.
class broken_promise : public std::logic_error {
public:
  using std::logic_error::logic_error;
};

/// @param what has to hold, for the report.
inline void demand(bool holds, const std::string& what) {
  if (!holds)
    throw broken_promise{what};
}

} // namespace leat::testing
