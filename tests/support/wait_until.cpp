#include "wait_until.hpp"

#include <stdexcept>
#include <thread>

namespace leat::testing {

void wait_until(
  const std::string& what, std::chrono::milliseconds patience, const std::function<bool()>& done,
  std::chrono::milliseconds pause, const std::function<std::string()>& note) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end)
      throw std::runtime_error{
        "waited " + std::to_string(patience.count()) + " ms for " + what + (note ? ":\n" + note() : "")};
    std::this_thread::sleep_for(pause);
  }
}

} // namespace leat::testing
