#include <leat/apps/fraud_alerts/demo/alert_printer.hpp>
#include <leat/apps/fraud_alerts/demo/demo_report.hpp>
#include <leat/tests/apps/printed_text.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace leat;
using namespace leat::fraud;
using namespace leat::testing;
using Catch::Contains;

namespace {

constexpr auto start = alert_printer::clock::time_point{} + std::chrono::hours{1};

const alert burst{"rate", "ann", {}, from_millis(0), from_millis(60'000), 12, 10, "12 transactions within 1min"};

std::ptrdiff_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

demo_results results() {
  demo_results r;
  r.events = 1'234'567;
  r.seconds = 2;
  r.event_seconds = 7200;
  r.rules["rate"] = {5, 4, 3};
  r.rules["spending"] = {2, 2, 2};
  r.latencies["rate"] = {1, 2, 3};
  r.false_alerts = 1;
  r.peak_memory = 64 << 20;
  return r;
}

} // namespace

TEST_CASE("an alert is a line that says rule, user, what was seen, the limit and the end of its window") {
  CHECK(
    alert_line(burst, false) ==
    "ALERT  rate              ann  12 transactions within 1min, limit 10, until 1970-01-01T00:01:00.000Z");
}

TEST_CASE("colours are only in a line that asks for them") {
  CHECK_THAT(alert_line(burst, true), Contains("\x1b["));
  CHECK_THAT(alert_line(burst, false), !Contains("\x1b"));
}

TEST_CASE("a flood of alerts is cut to so many lines a second, and the rest is counted") {
  printed_text out;
  alert_printer printer{out.to(), false, 3};
  for (int i = 0; i < 10; ++i)
    printer.show(burst, start);
  CHECK(lines(out.text()) == 3);
  printer.catch_up(start + 999ms);
  CHECK(lines(out.text()) == 3);
  printer.catch_up(start + 1s);
  CHECK_THAT(out.text(), Contains("... and 7 more"));
  printer.show(burst, start + 1s);
  CHECK(lines(out.text()) == 5);
}

TEST_CASE("alerts that came slowly are all printed and none is counted") {
  printed_text out;
  alert_printer printer{out.to(), false, 1};
  for (int i = 0; i < 4; ++i)
    printer.show(burst, start + std::chrono::seconds{i});
  printer.finish();
  CHECK(lines(out.text()) == 4);
  CHECK_THAT(out.text(), !Contains("more"));
}

TEST_CASE("the end says how many alerts were left out of its second") {
  printed_text out;
  alert_printer printer{out.to(), false, 1};
  printer.show(burst, start);
  printer.show(burst, start);
  printer.finish();
  CHECK_THAT(out.text(), Contains("... and 1 more"));
}

TEST_CASE("the table has alerts, injected, found and share of each rule and of all") {
  const auto table = report_table(results());
  CHECK_THAT(table, Contains("  rate                     5         4       3     75%      2.0 ms      3.0 ms\n"));
  CHECK_THAT(table, Contains("  spending                 2         2       2    100%           -           -\n"));
  CHECK_THAT(table, Contains("  all                      7         6       5     83%      2.0 ms      3.0 ms\n"));
}

TEST_CASE("the table has events, throughput, false alerts and peak memory") {
  const auto table = report_table(results());
  CHECK_THAT(table, Contains("1,234,567 (2.0 h of event time) in 2.0 s"));
  CHECK_THAT(table, Contains("617,283 events/s, fed as fast as the job read"));
  CHECK_THAT(table, Contains("false alerts  1\n"));
  CHECK_THAT(table, Contains("64 MB, job, broker and generator together"));
  auto on_a_real_kafka = results();
  on_a_real_kafka.embedded = false;
  CHECK_THAT(report_table(on_a_real_kafka), Contains("64 MB, job and generator together"));
}

TEST_CASE("a share is 100% only when nothing was missed") {
  auto r = results();
  r.rules["rate"] = {1000, 1000, 999};
  CHECK_THAT(report_table(r), Contains("99%"));
}

TEST_CASE("this process's peak memory is known and plausible") {
  REQUIRE(peak_memory().has_value());
  CHECK(*peak_memory() > 1 << 20);
}
