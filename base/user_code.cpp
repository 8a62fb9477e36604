#include <leat/base/user_code.hpp>

#include <fmt/format.h>

#include <exception>

namespace leat {

void rethrow_for_step(std::string_view step, std::string_view function) {
  const auto failed = [&](std::string_view cause) {
    return step_error{fmt::format("step '{}' failed{}{}: {}", step, function.empty() ? "" : " in ", function, cause)};
  };
  try {
    throw;
  } catch (const error&) {
    throw;
  } catch (const std::exception& e) {
    throw failed(e.what());
  } catch (...) {
    throw failed("it threw something that is no std::exception");
  }
}

} // namespace leat
