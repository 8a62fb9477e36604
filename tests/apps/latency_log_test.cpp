#include <leat/apps/fraud_alerts/demo/latency_log.hpp>
#include <leat/tests/apps/event_times.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::fraud;
using namespace leat::testing;

namespace {

constexpr auto first_reading = latency_log::clock::time_point{} + std::chrono::hours{1};

alert of_window(std::int64_t end) { return {"rate", "ann", {}, at(end - 60), at(end), 5, 4, ""}; }

} // namespace

TEST_CASE("an alert about a transaction is timed from the moment when it was sent") {
  latency_log log{rules{}, 5s};
  log.transaction_sent("t1", first_reading);
  log.alert_read({"large-amount", "ann", "t1", {}, {}, 5, 4, ""}, first_reading + 12ms);
  CHECK(log.milliseconds()["large-amount"] == std::vector<double>{12});
}

TEST_CASE("an alert about a window is timed from the moment when all partitions were past its end and the disorder") {
  latency_log log{rules{}, 5s};
  log.all_reached(at(64), first_reading);
  log.all_reached(at(65), first_reading + 10ms); // 60 + 5 s: the first that lets the watermark pass
  log.all_reached(at(66), first_reading + 20ms);
  log.alert_read(of_window(60), first_reading + 17ms);
  CHECK(log.milliseconds()["rate"] == std::vector<double>{7});
}

TEST_CASE("an alert about a pair is timed from the moment when all partitions were past its end and the disorder") {
  const injected_fraud pair{"country-change", "ann", at(10), at(12), 2};
  latency_log log{rules{}, 5s, {pair}};
  log.all_reached(at(17), first_reading); // lets the watermark reach the millisecond before
  log.all_reached(at(17) + 1ms, first_reading + 10ms);
  log.all_reached(at(18), first_reading + 20ms);
  log.alert_read({"country-change", "ann", "t2", at(10), at(12) + 1ms, 2, 300, ""}, first_reading + 17ms);
  CHECK(log.milliseconds()["country-change"] == std::vector<double>{7});
}

TEST_CASE("a leap over several windows counts for all of them") {
  latency_log log{rules{}, 5s};
  log.all_reached(at(600), first_reading);
  log.alert_read(of_window(60), first_reading + 3ms);
  log.alert_read(of_window(120), first_reading + 1ms);
  CHECK(log.milliseconds()["rate"] == std::vector<double>{1, 3});
}

TEST_CASE("an alert of which nobody knows when it could be known is not timed") {
  latency_log log{rules{}, 5s};
  log.alert_read({"large-amount", "ann", "t1", {}, {}, 5, 4, ""}, first_reading);
  log.alert_read(of_window(60), first_reading);
  CHECK(log.milliseconds().empty());
}

TEST_CASE("percentiles are values that were measured") {
  CHECK(percentile({1, 2, 3, 4}, 0.5) == 2.0);
  CHECK(percentile({1, 2, 3, 4}, 0.99) == 4.0);
  CHECK(percentile({7}, 0.5) == 7.0);
  CHECK_FALSE(percentile({}, 0.5).has_value());
}
