#include <leat/pipeline/progress/time_reports.hpp>

#include <spdlog/spdlog.h>

namespace leat {

namespace {

constexpr auto rhythm = std::chrono::seconds{10};

/// One message: a JSON log has one object for the whole report, and nothing comes between its lines in a log for a person.
void log(const time_report& report) {
  auto text = to_text(report);
  text.pop_back(); // the last line break
  spdlog::info("{}", text);
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
