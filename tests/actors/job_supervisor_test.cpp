#include <leat/actors/job_supervisor.hpp>

#include <leat/actors/epochs/commit_coordinator.hpp>
#include <leat/tests/support/event_log.hpp>
#include <leat/tests/support/memory_connectors.hpp>
#include <leat/tests/support/testing_system.hpp>
#include <leat/tests/support/totals_plan.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// A supervisor in the moment before it is told what to supervise: the shells of its job are there.
struct starting_job {
  starting_job() {
    dataflow->spawn_stages(supervisor, {system->spawn(commit_coordinator, duration{1s})});
    system.settle();
  }
  ~starting_job() {
    caf::anon_send<caf::message_priority::high>(supervisor, abandon_job{});
    system.settle();
  }

  void fails(const std::string& who) {
    caf::anon_send<caf::message_priority::high>(supervisor, actor_failed{1, who, "the broker refused"});
    system.settle();
  }

  void supervise_all() {
    caf::anon_send<caf::message_priority::high>(supervisor, supervise{{dataflow, outcome}});
    system.settle();
  }

  [[nodiscard]] std::optional<job_result> ended() const { return outcome->wait_for(duration{0}); }

  dataflow_plan plan = totals_plan(
    std::make_shared<event_log>(std::vector<std::vector<event>>(1))->make_source(),
    std::make_shared<memory_sink<window_row>>(std::make_shared<memory_rows<window_row>>()), tumbling(20ms), duration{0}, 2);
  run_options options;
  metrics registry;
  testing_system system;
  std::shared_ptr<job_outcome> outcome = std::make_shared<job_outcome>();
  std::shared_ptr<deployment> dataflow = std::make_shared<deployment>(*system, plan, options, registry);
  caf::actor supervisor = system->spawn(job_supervisor, source_tick_interval);
};

} // namespace

TEST_CASE("an actor that fails before its job is supervised ends it as soon as it is") {
  starting_job job;
  job.fails("rows[0]");
  CHECK_FALSE(job.ended());
  job.supervise_all();
  REQUIRE(job.ended());
  CHECK(job.ended()->reason == "rows[0] failed: the broker refused");
}

TEST_CASE("of several failures before a job is supervised the first is the reason") {
  starting_job job;
  job.fails("rows[0]");
  job.fails("rows[1]");
  job.supervise_all();
  REQUIRE(job.ended());
  CHECK(job.ended()->reason == "rows[0] failed: the broker refused");
}
