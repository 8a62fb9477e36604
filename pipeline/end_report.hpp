#pragma once

#include <leat/actors/running_job.hpp>
#include <leat/base/metrics.hpp>

#include <chrono>

namespace leat {

/// Logs what became of a job's records, once it has ended: what nobody has read, by output; how many became dead letters in
/// which step, where they are (where they were to go, if the job has failed) and why the first did, as a warning, or as an
/// error when all of a step's did; and the sums.
///
/// Dead letters are no failure: the job has done with them what it shall.
/// @param plan as it was run.
void log_end(
  const dataflow_plan& plan, const run_options& options, const metrics& registry, std::chrono::steady_clock::duration took,
  bool failed);

} // namespace leat
