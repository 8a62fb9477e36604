#include <leat/actors/running_job.hpp>
#include <leat/connectors/kafka.hpp>
#include <leat/connectors/kafka/mock_cluster.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>
#include <leat/connectors/local.hpp>
#include <leat/leat.hpp>

#include <catch2/catch.hpp>

#include <chrono>

using namespace leat;
using Catch::Matchers::Contains;

// What only shows in a whole job on Kafka: here on a mock cluster in this process.

namespace {

struct user_click {
  std::string user;
};
BOOST_DESCRIBE_STRUCT(user_click, (), (user))

struct day {
  leat::timestamp window_start{};
  std::int64_t clicks = 0;
};
BOOST_DESCRIBE_STRUCT(day, (), (window_start, clicks))

constexpr std::int16_t to_commit = 8; // the kind of request
constexpr int no_permission_for_group = 30;

/// A cluster with the topics "clicks" and "out", and bounded runs of jobs on it.
struct job_on_kafka {
  job_on_kafka() {
    kafka.create_topic("clicks", 1);
    kafka.create_topic("out", 1);
  }

  void feed(const std::vector<std::string>& values) const {
    kafka_feeder feeder{kafka.brokers()};
    for (const auto& value : values)
      feeder.send("clicks", std::nullopt, value);
    feeder.flush();
  }

  /// Runs a job to its end.
  job_result run(const job& what) {
    const auto start = plan_launch({"test", "A job under test."}, {}, arguments, {});
    REQUIRE(start.complaint == "");
    auto options = run_options_from(start.config);
    options.bounded = true;
    running_job running{what.plan(), options, start.config, registry};
    return running.wait();
  }

  mock_cluster kafka;
  std::vector<std::string> arguments{"--brokers", kafka.brokers()};
  metrics registry;
};

auto clicks() { return kafka::source<user_click>("clicks", json); }

} // namespace

TEST_CASE("two sources that would overwrite each other's offsets are refused, with what to do instead") {
  job_on_kafka on;
  job twice{"twice"};
  const auto first = twice.source(clicks());
  const auto second = twice.source(clicks()).named("again");
  first.merge(second).sink(kafka::sink<user_click>("out", json));
  CHECK_THROWS_WITH(
    on.run(twice), Contains("'clicks' and 'again'") && Contains("clicks/0") && Contains("group \"twice\"") &&
                     Contains("copy its stream") && Contains(".group("));
}

TEST_CASE("a job whose last offsets may not be committed has failed, and says which group and what to grant") {
  job_on_kafka on;
  on.feed({R"({"user":"ann"})"});
  job copy{"copy"};
  copy.source(clicks().start_at(kafka_start::earliest())).sink(kafka::sink<user_click>("out", json));
  on.kafka.fail_requests(to_commit, std::vector<int>(10, no_permission_for_group));
  const auto result = on.run(copy);
  CHECK(result.failed);
  CHECK_THAT(result.reason, Contains("step \"clicks\"") && Contains("group \"copy\"") && Contains("READ"));
  CHECK(on.registry.sum("records_out") == 1);
}

TEST_CASE("two sources of one topic run side by side when each has a group of its own") {
  job_on_kafka on;
  on.feed({R"({"user":"ann"})"});
  job twice{"twice"};
  const auto first = twice.source(clicks());
  const auto second = twice.source(clicks().group("twice-again")).named("again");
  first.merge(second).sink(kafka::sink<user_click>("out", json));
  CHECK(on.run(twice).reason == "");
  CHECK(on.registry.sum("records_out") == 2);
}

TEST_CASE("Kafka's timestamps are the event times of a source that asks for them") {
  job_on_kafka on;
  on.feed({R"({"user":"ann"})", R"({"user":"bob"})"});
  job days{"days"};
  std::vector<day> rows; // filled by one actor, read when it has ended
  const auto at_the_epoch = [](const user_click&) { return from_millis(0); };
  days.source(clicks().event_time(at_the_epoch, monotonous).kafka_time(late_by(1s)))
    .all()
    .window(tumbling(std::chrono::days{1}))
    .aggregate<day>(window_start, leat::count)
    .sink(callback<day>([&](const day& d) { rows.push_back(d); }));
  CHECK(on.run(days).reason == "");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].clicks == 2);
  CHECK(rows[0].window_start > std::chrono::system_clock::now() - std::chrono::days{2});
}

TEST_CASE("aligned topics are read to their end, the faster behind the slower") {
  job_on_kafka on;
  on.feed({R"({"user":"ann"})", R"({"user":"bob"})"});
  job both{"both"};
  const auto aligned = clicks().watermark_alignment("clicks", 0ms);
  both.source(aligned).merge(both.source(aligned.group("again")).named("again")).sink(kafka::sink<user_click>("out", json));
  CHECK(on.run(both).reason == "");
  CHECK(on.registry.sum("records_out") == 4);
}
