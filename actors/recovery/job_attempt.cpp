#include <leat/actors/recovery/job_attempt.hpp>

#include <spdlog/spdlog.h>

namespace leat {

job_attempt::job_attempt(
  caf::actor_system& system, const dataflow_plan& plan, const run_options& options, metrics& registry)
  : plan_{plan}, actors_{system, plan, options, registry} {}

job_attempt::~job_attempt() {
  if (actors_.supervised()) {
    // The supervisor may be connecting a partition: only it knows all the actors.
    caf::anon_send<caf::message_priority::high>(actors_.supervisor(), abandon_job{});
    (void)actors_.outcome().wait();
  } else {
    actors_.kill();
  }
  (void)close_sources({true, {}});
}

job_result job_attempt::close_sources(job_result ended) {
  std::call_once(closed_, [&] {
    for (const auto& stage : plan_.stages)
      if (const auto why = stage.source ? stage.source->close(5s) : std::nullopt)
        note_unstored(*why, ended.failed);
  });
  return unstored_.empty() ? ended : job_result{true, unstored_};
}

void job_attempt::note_unstored(const std::string& why, bool failed_already) {
  if (failed_already)
    spdlog::warn("{}", why);
  else
    unstored_ += (unstored_.empty() ? "" : "; ") + why;
}

} // namespace leat
