#include <leat/pipeline/progress/time_reports.hpp>

#include <leat/pipeline/job.hpp>
#include <leat/pipeline/logging.hpp>
#include <leat/pipeline/startup.hpp>
#include <leat/tests/pipeline/records.hpp>
#include <leat/tests/support/memory_connectors.hpp>
#include <leat/tests/support/terminal.hpp>

#include <catch2/catch.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

using namespace leat;
using namespace leat::testing;

namespace {

/// A job that runs for ever, with its log in a pipe.
struct silent_job {
  explicit silent_job(const std::string& format = "text") {
    described.source(from_memory<line>{log, [](const line&) { return from_millis(0); }, 0ms})
      .sink(to_memory<line>{std::make_shared<memory_rows<line>>()});
    const std::vector<std::string> arguments{"--set", "log.format=" + format};
    const auto start = plan_launch(command_line_parser{"silent", "A test."}, {}, arguments, {});
    set_up_logging(start.config, to);
    running.emplace(described.plan(), run_options{}, none, registry);
  }
  ~silent_job() { spdlog::set_default_logger(std::make_shared<spdlog::logger>("")); }

  /// How many reports were logged since the last call.
  int reports() const {
    const auto text = pipe.drain();
    int count = 0;
    for (auto at = text.find("event time in job 'silent'"); at != std::string::npos; at = text.find("event time", at + 1))
      ++count;
    return count;
  }

  test_pipe pipe;
  console to{-1, pipe.in()};
  std::shared_ptr<memory_log<line>> log = std::make_shared<memory_log<line>>(std::vector<std::vector<line>>{{line{"a"}}});
  job described{"silent"};
  const settings none;
  metrics registry;
  std::optional<running_job> running;
  time_report_requests requests;
  time_reports::clock::time_point now{};
};

} // namespace

TEST_CASE("a report of event time is logged when somebody asks, once") {
  silent_job j;
  time_reports reports{*j.running, j.requests, false, j.now};
  reports.look(j.now + 1h);
  reports.before_stop();
  CHECK(j.reports() == 0);
  j.requests.ask();
  j.requests.ask();
  reports.look(j.now + 1h);
  reports.look(j.now + 1h);
  CHECK(j.reports() == 1);
}

TEST_CASE("with --explain-time a report is logged every ten seconds, before a stop, and at the end") {
  silent_job j;
  time_reports reports{*j.running, j.requests, true, j.now};
  reports.look(j.now + 9s);
  CHECK(j.reports() == 0);
  for (int i = 0; i < 3; ++i)
    reports.look(j.now + 10s);
  CHECK(j.reports() == 1);
  reports.look(j.now + 20s);
  reports.before_stop();
  CHECK(j.reports() == 2);
  reports.at_end(j.described.plan(), j.registry);
  CHECK(j.reports() == 1);
}

TEST_CASE("in a JSON log a report is one object") {
  silent_job j{"json"};
  time_reports{*j.running, j.requests, true, j.now}.before_stop();
  const auto text = j.pipe.drain();
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK_THAT(text, Catch::StartsWith("{") && Catch::Contains(R"("message":"event time in job 'silent')"));
  CHECK_THAT(text, Catch::Contains(R"(\nwatermarks of the steps:\n)"));
}
