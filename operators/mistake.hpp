#pragma once

#include <string>

namespace leat {

/// What is wrong with a trigger, evictor or aggregate, for a person: what its `mistake()` says, and nothing when it has none.
template <class Part>
[[nodiscard]] std::string mistake_of(const Part& part) {
  if constexpr (requires { part.mistake(); })
    return part.mistake();
  else
    return {};
}

} // namespace leat
