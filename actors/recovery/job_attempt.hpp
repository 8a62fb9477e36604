#pragma once

#include <leat/actors/job_actors.hpp>

#include <mutex>
#include <string>

namespace leat {

/// One run of a job's actors, from its start to its end or failure. A job that is started again is another attempt, with actors
/// of its own on the same sources and sinks.
///
/// Started and waited for by one thread; `stop` and `explain_time` are for any.
class job_attempt {
public:
  /// @param plan, valid, `registry` and the system outlive this.
  job_attempt(caf::actor_system& system, const dataflow_plan& plan, const run_options& options, metrics& registry);

  /// Abandons it, should it still run. Its actors may still be on their way out.
  ~job_attempt();

  job_attempt(const job_attempt&) = delete;
  job_attempt& operator=(const job_attempt&) = delete;

  /// @throws see `job_actors::start`.
  void start(const settings* config) { actors_.start(config); }

  void stop() { caf::anon_send(actors_.supervisor(), stop_job{}); }

  /// How it has ended; nothing while it runs. Waits at most `time`.
  [[nodiscard]] std::optional<job_result> wait_for(duration time) { return actors_.outcome().wait_for(time); }

  /// Closes the sources, once. An end is a good one only when all their positions are stored.
  job_result close_sources(job_result ended);

  [[nodiscard]] std::future<time_report> explain_time(duration patience) const { return actors_.explain_time(patience); }

  [[nodiscard]] std::future<savepoint_outcome> take_savepoint() const { return actors_.take_savepoint(); }
  [[nodiscard]] std::future<std::vector<checkpoint_summary>> checkpoints() const { return actors_.checkpoints(); }

private:
  void note_unstored(const std::string& why, bool failed_already);

  const dataflow_plan& plan_;
  job_actors actors_;
  std::once_flag closed_;
  std::string unstored_; // why positions are not stored, when it has not failed for another reason; set when closed
};

} // namespace leat
