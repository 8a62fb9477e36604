#include <leat/pipeline/progress/time_reports.hpp>

#include <spdlog/spdlog.h>

#include <sstream>
#include <string>

namespace leat {

namespace {

constexpr auto rhythm = std::chrono::seconds{10};

void log(const time_report& report) {
  std::istringstream lines{to_text(report)};
  for (std::string line; std::getline(lines, line);) // a message each: one of many lines is no line of a JSON log to read
    spdlog::info("{}", line);
}

} // namespace

void time_reports::look(clock::time_point now) {
  const bool due = regularly_ && now - last_ >= rhythm;
  if (!requests_.take() && !due)
    return;
  last_ = now;
  log_report();
}

void time_reports::before_stop() const {
  if (regularly_)
    log_report();
}

void time_reports::at_end(const dataflow_plan& plan, const metrics& registry) const {
  if (regularly_)
    log(make_time_report(plan, {}, registry.samples()));
}

void time_reports::log_report() const {
  if (const auto report = of_.explain_time()) // otherwise it has ended
    log(*report);
}

} // namespace leat
