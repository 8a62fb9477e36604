#pragma once

#include <leat/connectors/source.hpp>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

namespace leat::testing {

/// Counts the calls of a waker and waits for them, as an actor's mailbox would.
class wake_up {
public:
  [[nodiscard]] waker as_waker() {
    return [s = state_] {
      const std::lock_guard lock{s->m};
      ++s->calls;
      s->called.notify_all();
    };
  }

  /// Waits for a call since the last wait.
  bool wait(std::chrono::milliseconds patience = std::chrono::seconds{10}) {
    std::unique_lock lock{state_->m};
    const bool called = state_->called.wait_for(lock, patience, [this] { return state_->calls > 0; });
    state_->calls = 0;
    return called;
  }

private:
  struct state {
    std::mutex m;
    std::condition_variable called;
    int calls = 0; // guarded by m
  };
  std::shared_ptr<state> state_ = std::make_shared<state>();
};

} // namespace leat::testing
