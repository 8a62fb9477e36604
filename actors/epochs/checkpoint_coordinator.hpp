#pragma once

#include <leat/actors/caf.hpp>
#include <leat/actors/epochs/checkpoint_history.hpp>
#include <leat/actors/epochs/storage_actors.hpp>
#include <leat/actors/running_job.hpp>
#include <leat/persistence/checkpoint_ledger.hpp>
#include <leat/persistence/checkpoint_storage.hpp>

#include <atomic>
#include <cstddef>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace leat {

/// To the coordinator, before everything else: who takes part in checkpoints, all actors of the job.
struct checkpointing {
  std::map<actor_id, participant> sources;
  std::map<actor_id, participant> others; ///< shards, workers and sinks
  caf::actor supervisor;
};

/// To the coordinator: what have the last checkpoints taken? The promise breaks when the job ends before.
struct tell_checkpoints {
  std::shared_ptr<std::promise<std::vector<checkpoint_summary>>> answer;
};

/// What the coordinator is made with.
struct checkpoint_tools {
  checkpoint_ledger ledger;                    ///< without actors
  caf::actor store;                            ///< runs `checkpoint_store_actor`, and ends with the coordinator
  std::shared_ptr<checkpoint_storage> storage; ///< that it stores in; for copies
  retain_options retain;
  metrics* registry = nullptr;                       ///< outlives the coordinator
  std::optional<duration> alignment_timeout{};       ///< how long barriers wait before they overtake; none: for ever
  std::optional<std::uint32_t> tolerable_failures{}; ///< in a row, before the job fails; none: any number
  std::size_t history = 10;                          ///< how many checkpoints it remembers
};

/// Takes checkpoints of the whole job: has the sources send barriers, gathers what all actors keep, has it stored, and then the
/// positions committed. The decisions are `checkpoint_ledger`'s; this actor carries them out.
class checkpoint_coordinator_state {
public:
  static inline const char* name = "checkpoint_coordinator";

  void init(caf::event_based_actor* self, checkpoint_tools tools);
  caf::behavior make_behavior();

private:
  void look();
  void look_in_time();
  void begin_checkpoint();
  void begin_if_due();
  void grant_join();
  [[nodiscard]] const std::string& stage_of(actor_id actor) const;
  void on_wanted(const checkpoint_wanted& what);
  void overtake();
  void rest();
  void end_rest(std::uint64_t epoch);
  void go_on_resting(std::uint64_t failed);
  void store(std::optional<complete_checkpoint> complete);
  void log(const checkpoint_outcome& outcome);
  void on_failed(const checkpoint_outcome& outcome);
  void on_outcome(const checkpoint_outcome& outcome);
  void on_committed(const epoch_committed& fact);
  void answer_savepoints(const checkpoint_outcome& outcome);
  void retain_if_due();
  void stop();
  void end_if_over();
  void end_if_committed();

  template <class Message>
  void tell_sources(Message what) {
    for (const auto& [id, p] : options_.sources)
      self_->send<caf::message_priority::high>(p.actor, what);
  }

  caf::event_based_actor* self_ = nullptr;
  std::optional<checkpoint_ledger> ledger_;
  std::optional<checkpoint_history> history_;
  caf::actor store_;
  std::optional<duration> alignment_timeout_;
  std::optional<checkpoint_ledger::clock::time_point> overtakes_at_; // the checkpoint under way
  std::optional<checkpoint_ledger::clock::time_point> looks_at_;     // when the next look at the time is
  std::optional<std::uint32_t> tolerable_failures_;
  std::uint32_t failures_ = 0;                       // in a row, one in each interval
  std::uint32_t retries_ = 0;                        // in a row, all of them
  checkpoint_ledger::clock::time_point begun_at_{};  // the one under way, or the last
  checkpoint_ledger::clock::time_point counts_at_{}; // from when on a failure counts
  checkpoint_ledger::clock::time_point retry_at_{};  // after one, when another may begin before it is due
  std::uint64_t overtaken_ = 0;                      // the checkpoint whose barriers were told to overtake last
  std::string failure_;                              // why the last checkpoint is not stored: said once, and when one is
  metric* completed_ = nullptr;
  metric* failed_ = nullptr;
  checkpointing options_;
  bool joining_ = false; // a partition is being connected, or waits for it: no checkpoint begins
  bool join_granted_ = false;
  bool stop_asked_ = false;   // while a partition is being connected, or a checkpoint is under way, the stop waits for it
  bool knows_actors_ = false; // `options_` has come
  bool stopping_ = false;
  bool last_begun_ = false; // the checkpoint after which the job may end
  bool over_ = false;
  bool wanted_ = false;                      // a checkpoint, before it is due
  std::optional<std::uint64_t> rests_until_; // sources read nothing before this one
  bool urgent_ = false;                      // and its barriers overtake at once
  std::shared_ptr<checkpoint_storage> storage_;
  retain_options retain_;
  bool retaining_ = false; // a copy is being made
  const std::shared_ptr<std::atomic<std::size_t>> copying_ = std::make_shared<std::atomic<std::size_t>>(0); // savepoints
  std::optional<checkpoint_ledger::clock::time_point> retained_at_;
  std::vector<take_savepoint> asked_;                               // for a checkpoint that has not begun
  std::map<std::uint64_t, std::vector<take_savepoint>> savepoints_; // of the checkpoint under way
  std::map<actor_id, std::uint64_t> commits_;                       // of sinks that commit: how far they have
  std::optional<std::uint64_t> awaited_commits_; // the last checkpoint is stored, and sinks have still to commit it
};

caf::behavior checkpoint_coordinator(caf::stateful_actor<checkpoint_coordinator_state>* self, checkpoint_tools tools);

} // namespace leat

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::checkpointing)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::tell_checkpoints)
