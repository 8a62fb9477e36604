#include "crash_run.hpp"

#include "pipes.hpp"

#include <leat/connectors/kafka/kafka_admin.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace leat::testing;
using Catch::Matchers::Contains;

// Row 15 of the faults, for a job with checkpoints: what it would read next is gone.

namespace {

/// An input of its own, and a job that was killed with half of it read.
struct half_read {
  half_read() { run.crash(2, {"--crash-at", "stored", "--crash-after", "20"}); }

  /// Starts it again, which has to fail. @returns what it says.
  std::string refusal() {
    const auto job = run.start(2, {"--bounded", "--set", "restart.strategy=none"});
    CHECK(job->wait_exit() == 1);
    return job->log();
  }

  std::vector<crash_event> events = make_crash_events(7, 6000);
  crash_input input{events, feed_topic(events)};
  crash_run run{input};
};

} // namespace

TEST_CASE(
  "a job whose checkpoint goes on where retention has deleted the records is refused, with partition and offsets",
  "[fault]") {
  half_read f;
  leat::kafka_admin admin{brokers()};
  const auto ends = admin.end_offsets(f.input.topic);
  for (std::size_t p = 0; p < ends.size(); ++p)
    admin.delete_records(f.input.topic, static_cast<std::int32_t>(p), ends[p] - 1);
  CHECK_THAT(f.refusal(), Contains(f.input.topic + "/") && Contains("is not there any more") && Contains("retention"));
}

TEST_CASE("a job whose input was created anew is refused, with what is there now", "[fault]") {
  half_read f;
  leat::kafka_admin admin{brokers()};
  admin.delete_topic(f.input.topic);
  admin.create_topic({f.input.topic, 4, -1, {}});
  feed_events(f.input.topic, {f.events.begin(), f.events.begin() + 20});
  CHECK_THAT(
    f.refusal(), Contains(f.input.topic + "/") && Contains("created anew") && Contains("state directory that is empty"));
}
