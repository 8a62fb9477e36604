#include <leat/pipeline/progress/time_reports.hpp>

#include <spdlog/spdlog.h>

#include <sstream>
#include <string>

namespace leat {

namespace {

constexpr auto rhythm = std::chrono::seconds{10};

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

void time_reports::log_report() const {
  const auto report = of_.explain_time();
  if (!report)
    return; // it has ended
  std::istringstream lines{to_text(*report)};
  for (std::string line; std::getline(lines, line);) // a message each: one of many lines is no line of a JSON log to read
    spdlog::info("{}", line);
}

} // namespace leat
