#include <leat/actors/recovery/refusal_limit.hpp>

#include <leat/base/tally.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using Catch::Matchers::Contains;

namespace {

/// A source "in", a step "check" with dead letters and a sink "out", and a clock.
struct limited_job {
  limited_job() {
    stage_plan source;
    source.name = "in";
    source.steps.push_back({.name = "check", .make = {}, .has_dead_letters = true});
    stage_plan sink;
    sink.name = "out";
    sink.kind = stage_kind::sink;
    plan.stages.push_back(std::move(source));
    plan.stages.push_back(std::move(sink));
  }

  void start() { limit.emplace(how, plan, registry, now); }

  /// `records` go through `step` within a second, of which `refused` are refused.
  std::optional<std::string> pass(const std::string& step, std::int64_t records, std::int64_t refused) {
    if (step == "in")
      registry.get("records_in", step, 0).add(records);
    else if (step == "check")
      registry.get("examined_records", step, 0).add(records);
    else
      registry.get("records_out", step, 0).add(records - refused);
    registry.get("dead_letters", step, 0).add(refused);
    now += 1s;
    return limit->look(now);
  }

  refusal_limit_options how{.share = 0.5, .window = 10s, .least = 100};
  dataflow_plan plan;
  metrics registry;
  refusal_limit::clock::time_point now{};
  std::optional<refusal_limit> limit;
};

} // namespace

TEST_CASE("a source that refuses more than its share stops the job, and the reason says how to go on") {
  limited_job job;
  for (int i = 0; i < 140; ++i)
    job.registry.tally_of("refusals", "in").add(i < 120 ? "field `n`: expected a number" : "empty");
  job.start();
  CHECK_FALSE(job.pass("in", 200, 100)); // not above the half
  const auto why = job.pass("in", 50, 40);
  REQUIRE(why);
  CHECK_THAT(*why, Contains("source 'in' has refused 140 of the last 250 records"));
  CHECK_THAT(*why, Contains("120 times: field `n`: expected a number; 20 times: empty"));
  CHECK_THAT(*why, Contains("dead-letters.limit"));
}

TEST_CASE("steps and sinks are measured by themselves") {
  for (const auto* const name : {"check", "out"}) {
    limited_job job;
    job.start();
    CHECK_FALSE(job.pass("in", 1'000'000, 0));
    const auto why = job.pass(name, 200, 150);
    REQUIRE(why);
    CHECK_THAT(*why, Contains(std::string{"'"} + name + "' has refused 150 of the last 200 records"));
  }
}

TEST_CASE("few bad records stop nothing, though they are all there are") {
  limited_job job;
  job.start();
  CHECK_FALSE(job.pass("in", 99, 99));
  CHECK(job.pass("in", 1, 1));
}

TEST_CASE("what is longer ago than the window is not looked at") {
  limited_job job;
  job.start();
  CHECK_FALSE(job.pass("in", 99, 99));
  for (int i = 0; i < 11; ++i)
    CHECK_FALSE(job.pass("in", 0, 0));
  CHECK_FALSE(job.pass("in", 99, 99));
  CHECK(job.pass("in", 1, 1));
}

TEST_CASE("what an earlier attempt has counted is not looked at") {
  limited_job job;
  job.registry.get("records_in", "in", 0).add(1'000);
  job.registry.get("dead_letters", "in", 0).add(1'000);
  job.start();
  CHECK_FALSE(job.pass("in", 99, 99));
}

TEST_CASE("without a limit any number may be refused") {
  limited_job job;
  job.how.share.reset();
  job.start();
  CHECK_FALSE(job.pass("in", 1'000'000, 1'000'000));
}

TEST_CASE("a limit of all records stops nothing") {
  limited_job job;
  job.how.share = 1;
  job.start();
  CHECK_FALSE(job.pass("in", 1'000'000, 1'000'000));
}
