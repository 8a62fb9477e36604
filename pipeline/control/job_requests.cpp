#include <leat/pipeline/control/job_requests.hpp>

#include <leat/actors/running_job.hpp>

#include <fmt/format.h>

namespace leat {

namespace {

std::string answer_of(std::future<savepoint_outcome> outcome) {
  try {
    const auto known = outcome.get();
    return known.failure.empty() ? fmt::format("ok {}", known.path) : fmt::format("failed {}", known.failure);
  } catch (const std::future_error&) {
    return "failed the job has ended before";
  }
}

} // namespace

std::string carry_out(const std::string& request, running_job& job) {
  if (request == savepoint_request)
    return answer_of(job.take_savepoint());
  if (request == stop_request)
    return answer_of(job.stop_with_savepoint());
  return fmt::format("failed this job knows no request \"{}\": is it older than the program that asks?", request);
}

} // namespace leat
