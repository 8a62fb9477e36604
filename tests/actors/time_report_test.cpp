#include <leat/actors/time/time_report.hpp>

#include <leat/base/error.hpp>

#include <catch2/catch.hpp>

#include <utility>

using namespace leat;
using Catch::Contains;

namespace {

constexpr auto noon = from_millis(1'714'564'800'000); // 2024-05-01T12:00:00.000Z

/// A job of two partitions, two shards of windows behind a step that asks somebody, and a sink; and what its actors say. The
/// first partition is at noon and the second ten minutes before, unless a test says otherwise.
class report_fixture {
public:
  enum : actor_id { ahead = 1, behind, window_0, window_1, rows };

  report_fixture() {
    plan.job = "totals";
    plan.stages.resize(3);
    plan.stages[0].name = "events";
    plan.stages[1].name = "window";
    plan.stages[1].kind = stage_kind::keyed;
    plan.stages[1].steps = {step_plan{.name = "window", .make = {}}, step_plan{.name = "enrich", .parent = 0, .make = {}}};
    plan.stages[0].edges = {edge_plan{.to_stage = 1, .make = {}}};
    plan.stages[1].edges = {edge_plan{.from_step = 1, .to_stage = 2, .make = {}}};
    plan.stages[2].name = "rows";
    plan.stages[2].kind = stage_kind::sink;
    partition(ahead, "events/0", noon);
    partition(behind, "events/1", noon - 10min);
    shard(window_0, "window[0]");
    shard(window_1, "window[1]");
    auto& sink = add(rows, 2, "rows[0]", noon - 10min);
    sink.inputs = {{0, noon - 10min}, {1, noon - 10min}};
    sink.held_by = 0;
    actors.back().senders = {{0, window_0}, {1, window_1}};
  }

  actor_time& said(actor_id id) { return *actors[id - 1].said; }

  [[nodiscard]] time_report report() const { return make_time_report(plan, actors, registry.samples()); }
  [[nodiscard]] std::string text() const { return to_text(report()); }

  dataflow_plan plan;
  std::vector<located_time> actors;
  metrics registry;

private:
  actor_time& add(actor_id id, std::size_t stage, std::string name, timestamp watermark) {
    located_time added{id, stage, std::move(name), {}, actor_time{}};
    added.said->actor = id;
    added.said->watermark = watermark;
    return *actors.emplace_back(std::move(added)).said;
  }

  void partition(actor_id id, std::string name, timestamp watermark) {
    auto& p = add(id, 0, std::move(name), watermark);
    p.newest = watermark + 5s;
    p.lag = 7;
  }

  void shard(actor_id id, std::string name) {
    auto& s = add(id, 1, std::move(name), noon - 10min);
    s.inputs = {{0, noon}, {1, noon - 10min}};
    s.held_by = 1;
    s.steps = {{"window", noon - 10min}, {"enrich", noon - 10min}};
    actors.back().senders = {{0, ahead}, {1, behind}};
  }
};

} // namespace

TEST_CASE("a report names the partition that holds a step, on the whole way from the sink") {
  const report_fixture f;
  CHECK_THAT(
    f.text(), Contains("window[0] waits for partition events/1 at 2024-05-01T11:50:00.000Z: being read, 7 records"));
  CHECK_THAT(f.text(), Contains("rows[0] waits for window[0], which waits for partition events/1 at"));
}

TEST_CASE("a report says how far each step is, and how far behind the newest event") {
  report_fixture f;
  f.registry.get("late_records", "window", 0).add(11);
  f.registry.get("late_records", "window", 1).add(1);
  CHECK_THAT(f.text(), Contains("event time in job 'totals', newest event 2024-05-01T12:00:05.000Z\n"));
  CHECK_THAT(
    f.text(), Contains("  window  2024-05-01T11:50:00.000Z, 10 min 5 s behind the newest event, 12 late records\n"));
  CHECK_THAT(f.text(), Contains("  enrich  2024-05-01T11:50:00.000Z, 10 min 5 s behind the newest event\n"));
}

TEST_CASE("a step that keeps the watermark to itself is the cause") {
  report_fixture f;
  f.said(report_fixture::window_0).steps[1].watermark = noon - 20min;
  f.said(report_fixture::rows).inputs[0].watermark = noon - 20min;
  const auto held = f.report().stages[2].held_by;
  REQUIRE(held.size() == 2);
  CHECK(held[1].what == time_report::station::kind::step);
  CHECK(held[1].name == "enrich");
  CHECK_THAT(f.text(), Contains("rows[0] waits for window[0], which waits for its step 'enrich'"));
}

TEST_CASE("a step on another way out of the actor is not the cause") {
  report_fixture f;
  f.plan.stages[1].edges[0].from_step = 0;
  f.said(report_fixture::window_0).steps[1].watermark = noon - 20min;
  CHECK_THAT(f.text(), Contains("rows[0] waits for window[0], which waits for partition events/1"));
}

TEST_CASE("a watermark that lies behind batches in a mailbox is held by them") {
  report_fixture f;
  f.said(report_fixture::rows).inputs[0].watermark = noon - 30min;
  f.said(report_fixture::rows).waiting = 8;
  CHECK_THAT(
    f.text(), Contains("rows[0] waits for 8 batches of its own, behind which the next watermark of window[0] lies"));
}

TEST_CASE("an actor that does not answer is named, and is the cause of what waits for it") {
  report_fixture f;
  f.actors[report_fixture::window_0 - 1].said.reset();
  CHECK(f.report().silent == std::vector<std::string>{"window[0]"});
  CHECK_THAT(f.text(), Contains("rows[0] waits for window[0], which does not answer"));
}

TEST_CASE("a report says of each partition why it stands where it does") {
  report_fixture f;
  f.plan.stages[0].alignment = watermark_alignment{"all", 10s};
  f.said(report_fixture::ahead).limit = noon - 9min;
  CHECK_THAT(
    f.text(),
    Contains("events/0 at 2024-05-01T12:00:00.000Z, newest event 2024-05-01T12:00:05.000Z; paused by alignment: further "
             "ahead of group 'all' than allowed\n"));
  f.said(report_fixture::behind).caught_up = true;
  CHECK_THAT(f.text(), Contains("11:50:00.000Z: no record to read, waited for until it is idle (time.idle-timeout)"));
  f.plan.stages[0].idle_timeout = 5s;
  CHECK_THAT(
    f.text(),
    Contains("11:50:00.000Z: no record to read, waited for until it is idle (.idle_after(…) of source 'events')"));
  f.said(report_fixture::behind).idle = true;
  CHECK_THAT(f.text(), Contains("newest event 2024-05-01T11:50:05.000Z; idle: nobody waits for it\n"));
  f.said(report_fixture::behind).ended = true;
  CHECK_THAT(f.text(), Contains("newest event 2024-05-01T11:50:05.000Z; ended\n"));
}

TEST_CASE("a partition without a record has neither a watermark nor an event") {
  report_fixture f;
  f.said(report_fixture::behind).watermark = f.said(report_fixture::behind).newest = min_timestamp;
  CHECK_THAT(f.text(), Contains("events/1 at no watermark yet, no event yet; "));
}

TEST_CASE("what can be said of a job without actors is what was counted") {
  report_fixture f;
  f.actors.clear();
  f.registry.get("late_records", "window", 0).add(1);
  CHECK(
    f.text() ==
    "event time in job 'totals'\nwatermarks of the steps:\n  events  the end\n  window  the end, 1 late record\n"
    "  enrich  the end\n  rows    the end\n");
}

TEST_CASE("where all is idle, time stands still") {
  report_fixture f;
  for (auto& a : f.actors) {
    a.said->idle = true;
    a.said->held_by.reset();
  }
  CHECK_THAT(f.text(), Contains("rows: time stands still, for all partitions before it are idle"));
  CHECK_THAT(f.text(), Contains("  events  idle\n"));
}

TEST_CASE("records refused for their times, or not decoded, are counted by source") {
  report_fixture f;
  CHECK_THAT(f.text(), !Contains("refused"));
  f.registry.get("future_records", "events", 3).add(2);
  f.registry.get("past_records", "events", 3).add(1);
  f.registry.get("dead_letters", "events", 3).add(7);
  CHECK(f.report().refused.at("events").undecodable == 4);
  CHECK_THAT(
    f.text(), Contains("refused: 2 future records of 'events', too far ahead of the clock (time.max-future)\n"
                       "refused: 1 past record of 'events', too far behind the clock (time.max-past)\n"
                       "refused: 4 records of 'events', not to be decoded: the log and the dead letters say why\n"));
}
