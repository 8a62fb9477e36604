#pragma once

#include <leat/actors/deployment.hpp>
#include <leat/actors/job_outcome.hpp>
#include <leat/actors/recovery/refusal_limit.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace leat {

/// What the supervisor watches over.
struct supervisor_options {
  std::shared_ptr<deployment> actors;
  std::shared_ptr<job_outcome> outcome;
};

/// To the supervisor: watch over these actors, everything runs.
struct supervise {
  supervisor_options what;
};

/// A new partition on its way in: its receivers add the input first, then it starts.
struct joining_partition {
  partition_found what;
  deployment::instance* source = nullptr;
  std::vector<deployment::connection> connections;
  std::size_t missing = 0; // receivers that have not answered
  let_read reads{};        // from its start on
};

/// Watches every actor of a job: ends the job when one fails or too many records are refused, closes it when all of its components are done, gives the
/// sources their clock, and connects partitions that appear while the job runs.
///
/// The actors of stages start before `supervise` comes. What one of them reports by then is kept until it does.
class job_supervisor_state {
public:
  static inline const char* name = "job_supervisor";

  void init(caf::event_based_actor* self, duration tick_interval);
  caf::behavior make_behavior();

private:
  void watch(const deployment::instance& i);
  void end(job_result result);
  void fail(const std::string& who, const std::string& reason, bool final = false);
  void close_sources();
  void on_tick();
  void tick_sources();
  void on_dataflow_ended();
  void begin_join();
  void on_join_granted(const join_granted& granted);
  void on_join_refused();
  void on_input_added();
  [[nodiscard]] const caf::actor& coordinator_of(std::size_t stage) const;

  caf::event_based_actor* self_ = nullptr;
  duration tick_interval_{};
  std::optional<supervisor_options> options_; // none before `supervise`
  std::optional<job_result> early_end_;       // what ended the job before that: the first reason
  std::optional<refusal_limit> refusals_;     // none before `supervise`
  std::map<actor_id, caf::actor> sources_;
  std::set<actor_id> open_readers_;
  std::deque<partition_found> found_;
  std::optional<joining_partition> joining_;
  std::size_t ended_components_ = 0;
  bool closing_ = false;
  bool ended_ = false;
};

/// How often the sources are told the time.
inline constexpr duration source_tick_interval{100};

/// @param tick_interval see `source_tick_interval`.
caf::behavior job_supervisor(caf::stateful_actor<job_supervisor_state>* self, duration tick_interval);

} // namespace leat

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::supervise)
