#pragma once

#include <leat/tests/support/steps/keyed_fixture.hpp>

#include <string>

namespace leat::testing {

inline const side_output<std::string> odd{"odd"};

/// Sends odd values to a side output.
struct odd_aside {
  void process(const event& e, keyed_context<std::int64_t>& c, collector<std::string>& out) const {
    if (e.value % 2 == 0)
      out.push(std::to_string(e.value));
    else
      c.emit(odd, "odd " + std::to_string(e.value));
  }
};

} // namespace leat::testing
