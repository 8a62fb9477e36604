#include <leat/base/user_code.hpp>

#include <leat/base/excerpt.hpp>

#include <fmt/format.h>

#include <utility>

namespace leat {

namespace {

constexpr std::size_t longest_text = 16 * 1024; // bytes; what a user's exception says may be of any length

/// The exception that was being handled when `e` was thrown; null when there is none.
std::exception_ptr cause_of(const std::exception& e) {
  const auto* const nested = dynamic_cast<const std::nested_exception*>(&e);
  return nested ? nested->nested_ptr() : nullptr;
}

} // namespace

std::vector<std::string> stack_of(const std::exception_ptr& what) {
  std::vector<std::string> stack;
  for (auto next = what; next && stack.size() <= most_causes;) {
    try {
      std::rethrow_exception(std::exchange(next, nullptr));
    } catch (const std::exception& e) {
      stack.push_back(excerpt(e.what(), longest_text));
      next = cause_of(e);
    } catch (...) {
      stack.emplace_back("it threw something that is no std::exception");
    }
  }
  return stack;
}

void rethrow_for_step(std::string_view step, std::string_view function) {
  try {
    throw;
  } catch (const error&) {
    throw;
  } catch (...) {
    throw step_error{fmt::format(
      "step '{}' failed{}{}: {}", step, function.empty() ? "" : " in ", function,
      fmt::join(stack_of(std::current_exception()), "; because of: "))};
  }
}

} // namespace leat
