#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace leat {

/// Names a second output of a step, for records of type `S`. The same object is given to the step's function, to emit to,
/// and to `stream::side_output`, to read from:
///
///     const side_output<transaction> refused{"refused"};
template <class S>
struct side_output {
  using record = S;
  std::string name; ///< unique among the outputs of its step
};

/// Where records of two streams go that came too late for anything that a join emits.
template <class First, class Second>
struct late_pair_outputs {
  std::optional<side_output<First>> first;
  std::optional<side_output<Second>> second;

  [[nodiscard]] bool emits_to(std::string_view side_output) const {
    return (first && first->name == side_output) || (second && second->name == side_output);
  }
};

/// Whether a step's function may emit to a side output. Leat's own functions know, and have a member `emits_to(name)`; of a
/// user's it is not known, so it may.
template <class Function>
[[nodiscard]] bool may_emit_to(const Function& function, std::string_view side_output) {
  if constexpr (requires { function.emits_to(side_output); })
    return function.emits_to(side_output);
  else
    return true;
}

} // namespace leat
