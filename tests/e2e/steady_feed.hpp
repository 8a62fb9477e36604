#pragma once

#include "payments.hpp"

#include <atomic>
#include <exception>
#include <string>
#include <thread>
#include <vector>

namespace leat::testing {

/// Puts payments into a topic at a steady rate, in a thread of its own, as the world does while a job is restarted.
class steady_feed {
public:
  steady_feed(std::string topic, std::vector<payment> payments, int per_second);

  /// Waits for the thread, having sent whatever it has sent.
  ~steady_feed();

  steady_feed(const steady_feed&) = delete;
  steady_feed& operator=(const steady_feed&) = delete;

  [[nodiscard]] bool done() const noexcept { return done_.load(); }

  /// Waits until all payments are in the topic.
  /// @throws what the feeding has met.
  void finish();

private:
  void run();

  const std::string topic_;
  const std::vector<payment> payments_;
  const int per_second_;
  std::exception_ptr failure_; // read once the thread has ended
  std::atomic<bool> stop_{false};
  std::atomic<bool> done_{false};
  std::thread thread_;
};

} // namespace leat::testing
