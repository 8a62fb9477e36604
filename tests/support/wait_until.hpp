#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace leat::testing {

/// Waits until `done()` is true, asking again after each `pause`.
/// @param what ends the sentence "waited 10 s for …".
/// @param note is asked for more to say when time is up, such as the end of a log.
/// @throws std::runtime_error when it is not true within `patience`.
void wait_until(
  const std::string& what, std::chrono::milliseconds patience, const std::function<bool()>& done,
  std::chrono::milliseconds pause = std::chrono::milliseconds{20}, const std::function<std::string()>& note = {});

} // namespace leat::testing
