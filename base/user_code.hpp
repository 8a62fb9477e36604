#pragma once

#include <leat/base/error.hpp>

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// What an exception says, for a person, and what those nested in it say (`std::throw_with_nested`): the outermost first, at
/// most `most_causes` behind it. Each is valid UTF-8 on one line. `what` is not null.
[[nodiscard]] std::vector<std::string> stack_of(const std::exception_ptr& what);
inline constexpr std::size_t most_causes = 8;

/// To be called while an exception of a user's function is being handled: throws it again as a `step_error` that names the
/// step and quotes the causes. A `leat::error` leaves as it is: it says already whose fault it is.
/// @param function which function of the step, as the user spelled it: "key_by"; empty for the step's only one.
[[noreturn]] void rethrow_for_step(std::string_view step, std::string_view function);

/// Runs a user's code and gives what it throws the step's name: a person must know where in the pipeline to look.
/// Costs nothing as long as nothing is thrown; still, wrap the loop over a batch, not each record.
/// @throws step_error for what is no `leat::error`; see `rethrow_for_step`.
template <class Code>
decltype(auto) run_user_code(std::string_view step, std::string_view function, Code&& code) {
  try {
    return code();
  } catch (...) {
    rethrow_for_step(step, function);
  }
}

} // namespace leat
