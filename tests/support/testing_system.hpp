#pragma once

#include <leat/actors/caf.hpp>

#include <caf/scheduler/test_coordinator.hpp>

namespace leat::testing {

/// An actor system without threads: its scheduler is turned by hand, and its clock stands still.
class testing_system {
public:
  caf::actor_system& operator*() noexcept { return system_; }
  caf::actor_system* operator->() noexcept { return &system_; }

  [[nodiscard]] caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }

  /// Runs until every mailbox is empty.
  void settle() { scheduler().run(); }

private:
  struct config : caf::actor_system_config {
    config() { set("scheduler.policy", caf::atom("testing")); }
  };

  config config_;
  caf::actor_system system_{config_};
};

} // namespace leat::testing
