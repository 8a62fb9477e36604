#pragma once

#include <leat/actors/caf.hpp>
#include <leat/actors/epochs/commit_stall.hpp>
#include <leat/persistence/epoch_ledger.hpp>

#include <map>
#include <optional>
#include <set>

namespace leat {

/// To the coordinator, before everything else: who takes part in its epochs.
struct coordinator_options {
  std::map<actor_id, participant> sources;
  std::map<actor_id, participant> sinks;
  caf::actor supervisor;
  timestamp settled = min_timestamp; ///< by an earlier run
};

/// Begins epochs of one component of the job, asks its sinks to settle them, and has its sources commit what is settled. The
/// decisions are `epoch_ledger`'s; this actor carries them out. Parts of a job that no edge connects have each their own,
/// so that none waits for the windows of another.
class commit_coordinator_state {
public:
  static inline const char* name = "commit_coordinator";

  void init(caf::event_based_actor* self, duration interval) noexcept {
    self_ = self;
    interval_ = interval;
  }
  caf::behavior make_behavior();

private:
  void start(coordinator_options options);
  void begin_epoch();
  void stop();
  void commit(const commit_epoch& what);
  void on_sink_ended(const sink_ended& fact);
  void warn_of_stall();

  template <class Message>
  void tell(const std::map<actor_id, participant>& whom, Message what) {
    for (const auto& [id, p] : whom)
      self_->send<caf::message_priority::high>(p.actor, what);
  }

  caf::event_based_actor* self_ = nullptr;
  duration interval_{};
  coordinator_options options_;
  std::optional<epoch_ledger> ledger_;
  commit_stall stall_;
  std::set<actor_id> ended_sources_;
  timestamp newest_ = min_timestamp; // of the sources that have ended: their last watermark
  bool joining_ = false;             // a partition is being connected: no epoch begins
  bool stop_asked_ = false;          // while a partition is being connected, the stop waits for it
  bool stopping_ = false;
  bool ended_ = false; // every sink has: no epoch begins
};

/// @param interval how often an epoch begins.
caf::behavior commit_coordinator(caf::stateful_actor<commit_coordinator_state>* self, duration interval);

} // namespace leat

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::coordinator_options)
