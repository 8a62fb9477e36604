#include <leat/actors/dataflow_plan.hpp>

#include <leat/base/error.hpp>
#include <leat/tests/support/event_log.hpp>
#include <leat/tests/support/memory_connectors.hpp>
#include <leat/tests/support/totals_plan.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

dataflow_plan good_plan() {
  return totals_plan(
    std::make_shared<event_log>(std::vector<std::vector<event>>(1))->make_source(),
    std::make_shared<memory_sink<window_row>>(std::make_shared<memory_rows<window_row>>()), tumbling(10ms), 0ms, 0);
}

/// What `validate` says about the plan that `spoil` leaves.
template <class Spoil>
std::string refusal(Spoil spoil) {
  auto plan = good_plan();
  spoil(plan);
  try {
    validate(plan);
  } catch (const pipeline_error& e) {
    return e.what();
  }
  return "accepted";
}

stage_plan& source_of(dataflow_plan& p) { return p.stages[0]; }
stage_plan& keyed_of(dataflow_plan& p) { return p.stages[1]; }
stage_plan& sink_of(dataflow_plan& p) { return p.stages[2]; }

} // namespace

TEST_CASE("a plan that leads from a source to a sink is accepted") {
  CHECK(refusal([](dataflow_plan&) {}) == "accepted");
}

TEST_CASE("an empty job is refused") {
  CHECK(refusal([](auto& p) { p.stages.clear(); }) == "job 'totals' is empty: begin with .source(…)");
}

TEST_CASE("two steps of one name are refused, in one stage or in two") {
  const auto* text = "job 'totals': two steps are named 'events'; names identify a step in metrics, errors and saved "
                     "state: give one another name with .named(\"…\")";
  CHECK(refusal([](auto& p) { keyed_of(p).steps[0].name = "events"; }) == text);
  CHECK(refusal([](auto& p) { sink_of(p).name = "events"; }) == text);
}

TEST_CASE("a stage may have the name of its own step, and none may be empty") {
  CHECK(refusal([](auto& p) { keyed_of(p).steps[0].name = "totals"; }) == "accepted");
  CHECK(refusal([](auto& p) { keyed_of(p).steps[0].name = ""; }) == "job 'totals': a step has an empty name");
}

TEST_CASE("a step that reads from one behind it is refused") {
  CHECK(refusal([](auto& p) {
          keyed_of(p).steps[0].parent = 0;
        }) == "step 'window' reads from a step that does not come before it: a cycle is not a dataflow");
}

TEST_CASE("a cycle of stages is refused with a stage that is in it") {
  const auto into_each_other = [](dataflow_plan& p) {
    auto other = keyed_of(p);
    other.name = "other totals";
    other.steps[0].name = "other window";
    other.edges[0].to_stage = 1;
    p.stages.push_back(other);
    keyed_of(p).edges.push_back({0, 3, {}});
  };
  CHECK(
    refusal(into_each_other) ==
    "stage 'totals' leads back to itself: a cycle is not a dataflow; write to a topic and read it again instead");
}

TEST_CASE("an edge that leads nowhere, or into a source, is refused") {
  CHECK(refusal([](auto& p) { keyed_of(p).edges[0].to_stage = 9; }) == "stage 'totals' has an edge that leads nowhere");
  CHECK(refusal([](auto& p) { keyed_of(p).edges[0].from_step = 9; }) == "stage 'totals' has an edge that leads nowhere");
  CHECK(refusal([](auto& p) { keyed_of(p).edges[0].to_stage = 0; }) == "stage 'totals' leads into source 'events'");
}

TEST_CASE("what ends in no sink is refused, a step as well as a source") {
  CHECK(refusal([](auto& p) { keyed_of(p).edges.clear(); }) == "step 'window' leads nowhere: give it a .sink(…)");
  CHECK(refusal([](auto& p) { source_of(p).edges.clear(); }) == "'events' leads nowhere: give it a .sink(…)");
}

TEST_CASE("a stage that nothing leads to is refused") {
  CHECK(refusal([](auto& p) {
          p.stages.push_back(sink_of(p));
          p.stages.back().name = "orphan";
        }) == "'orphan' has no input");
}

TEST_CASE("a sink that only dead letters lead to is fed") {
  CHECK(refusal([](auto& p) {
          p.stages.push_back(sink_of(p));
          p.stages.back().name = "letters";
          source_of(p).dead_letters = 3;
        }) == "accepted");
}

TEST_CASE("dead letters that lead nowhere, or to what is no sink, are refused") {
  CHECK(refusal([](auto& p) {
          source_of(p).dead_letters = 3;
        }) == "the dead letters of 'events' lead nowhere: they need a sink");
  CHECK(refusal([](auto& p) {
          source_of(p).dead_letters = 1;
        }) == "the dead letters of 'events' lead to keyed 'totals': they need a sink");
  CHECK(refusal([](auto& p) {
          source_of(p).dead_letters = 0;
        }) == "the dead letters of 'events' lead to source 'events': they need a sink");
}

TEST_CASE("stages that edges connect are one component, in whatever direction and however far") {
  auto plan = beside(good_plan(), good_plan(), "other ");
  CHECK(components(plan) == std::vector<std::size_t>{0, 0, 0, 1, 1, 1});
  std::swap(plan.stages[2], plan.stages[3]);
  plan.stages[1].edges[0].to_stage = 3;
  plan.stages[2].edges[0].to_stage = 4;
  CHECK(components(plan) == std::vector<std::size_t>{0, 0, 1, 0, 1, 1});
  plan.stages[2].edges.push_back({stage_head, 1, {}}); // the other source feeds both
  CHECK(components(plan) == std::vector<std::size_t>(6, 0));
}

TEST_CASE("sources that share a sink for their dead letters are one component") {
  auto plan = good_plan();
  plan.stages.push_back(source_of(plan));
  plan.stages.push_back(sink_of(plan));
  plan.stages[3].edges = {{stage_head, 4, {}}};
  CHECK(components(plan) == std::vector<std::size_t>{0, 0, 0, 1, 1});
  plan.stages[0].dead_letters = 4;
  CHECK(components(plan) == std::vector<std::size_t>(5, 0));
}

TEST_CASE("a parallelism above the job's maximum is refused with both") {
  CHECK(refusal([](auto& p) { keyed_of(p).parallelism = 128; }) == "accepted");
  CHECK(refusal([](auto& p) {
          keyed_of(p).parallelism = 1'000'000;
        }) == "step 'totals' asks for a parallelism of 1000000, above the job's maximum of 128 (job.max-parallelism)");
}

TEST_CASE("a source without anything to read and a sink without anything to write to are refused") {
  CHECK(refusal([](auto& p) { source_of(p).source = nullptr; }) == "source 'events' has nothing to read from");
  CHECK(refusal([](auto& p) { sink_of(p).sink = nullptr; }) == "sink 'rows' has nothing to write to");
}

TEST_CASE("mistakes in the description are refused with the first of them") {
  CHECK(refusal([](auto& p) { p.mistakes = {"no size", "no slide"}; }) == "job 'totals': no size");
}

TEST_CASE("a plan explains itself, with the job's parallelism where a stage has none of its own") {
  auto plan = good_plan();
  sink_of(plan).parallelism = 3;
  plan.stages[0].dead_letters = 2;
  CHECK(
    explain(plan, 4) == "job totals\n"
                        "  source 'events', an actor per partition\n"
                        "      -> totals\n"
                        "      -> rows (dead letters)\n"
                        "  keyed 'totals' x 4\n"
                        "    window\n"
                        "      -> rows\n"
                        "  sink 'rows' x 3\n");
}

TEST_CASE("a plan that explains itself names the side outputs, in an actor and between two") {
  auto plan = good_plan();
  auto& keyed = keyed_of(plan);
  keyed.steps[0].side_outputs = {{"late"}, {"broken"}};
  keyed.steps.push_back({"repair", 0, keyed.steps[0].make, 2});
  keyed.edges.push_back({0, 2, keyed.edges[0].make, 1});
  keyed.edges.push_back({1, 2, keyed.edges[0].make});
  CHECK_THAT(
    explain(plan, 4), Catch::Contains("    window\n"
                                      "      -> rows\n"
                                      "      -> rows (side output \"late\")\n"
                                      "    repair (reads side output \"broken\" of 'window')\n"
                                      "      -> rows\n"));
}

TEST_CASE("records keep what they were made of up to the last step that has dead letters, and not behind a key") {
  auto plan = good_plan();
  CHECK(!wants_origins(plan, 0));
  keyed_of(plan).steps[0].has_dead_letters = true;
  CHECK(wants_origins(plan, 0));
  CHECK(wants_origins(plan, 1));
  CHECK(!wants_origins(plan, 2));

  keyed_of(plan).steps.push_back(keyed_of(plan).steps[0]); // behind what makes one of many
  keyed_of(plan).steps[0].has_dead_letters = false;
  CHECK(!wants_origins(plan, 0));
  keyed_of(plan).steps.pop_back();
  keyed_of(plan).steps[0].has_dead_letters = true;

  plan.stages.insert(plan.stages.begin() + 2, plan.stages[1]); // source, totals, totals, sink
  plan.stages[1].steps[0].has_dead_letters = false;
  plan.stages[1].edges[0].to_stage = 2;
  CHECK(!wants_origins(plan, 0));
  plan.stages[1].kind = stage_kind::worker;
  CHECK(wants_origins(plan, 0));
}
