#include <leat/actors/sinks/exactly_once_end.hpp>
#include <leat/tests/support/task_fakes.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// A writer that is restored when the test says so.
class slow_writer final : public transactional_writer {
public:
  /// Outlives the writer: what the test sees of it.
  struct script {
    bool restored = false;
    std::uint64_t prepared = 100; // the last epoch that is
    epoch_room room = epoch_room::plenty;
    story done;
  };

  explicit slow_writer(script& s) : script_{s} {}

  void restore(std::uint64_t, std::vector<saved_epoch_log>) override {}
  [[nodiscard]] bool restored() override { return script_.restored; }
  std::size_t write(const batch_base& in, std::size_t from) override {
    if (!script_.restored || script_.room >= epoch_room::unstored)
      return 0;
    script_.done.push_back("writes " + std::to_string(in.size() - from));
    return in.size() - from;
  }
  [[nodiscard]] epoch_room room() const override { return script_.room; }
  [[nodiscard]] std::string epoch_too_large() const override { return "too many records"; }
  epoch_cut cut(std::uint64_t epoch) override {
    script_.done.push_back("cuts " + std::to_string(epoch));
    return {};
  }
  epoch_cut finish(std::uint64_t epoch) override {
    script_.done.push_back("finishes " + std::to_string(epoch));
    return {};
  }
  [[nodiscard]] bool prepared(std::uint64_t epoch) override { return epoch <= script_.prepared; }
  void commit(std::uint64_t) override { script_.room = epoch_room::plenty; }
  std::uint64_t committed() override { return script_.restored ? 6 : 0; }

private:
  script& script_;
};

/// The end of a sink that goes on from checkpoint 6.
struct restoring_sink {
  restoring_sink() {
    end.attach(host);
    end.take_snapshots(reports);
  }

  void barrier(std::uint64_t epoch) {
    reports.begin(epoch);
    end.on_snapshot({1, epoch, std::make_shared<actor_state>()});
    reports.report_to(host);
  }
  void becomes_restored() {
    writer.restored = true;
    hears_of();
  }
  void record() { end.on_batch(batch_of<std::int64_t>({{1, 1}})); }
  void becomes_prepared(std::uint64_t epoch) {
    writer.prepared = epoch;
    hears_of();
  }

  void hears_of() {
    end.on_wake();
    reports.report_to(host);
  }

  metrics registry;
  recording_host host;
  flow chain;
  task_outputs outputs;
  state_snapshot snapshots{"sink", 128, {}};
  pending_snapshot reports{"sink", outputs, snapshots};
  slow_writer::script writer;
  exactly_once_end end{
    1,
    "sink",
    std::make_unique<slow_writer>(writer),
    {6, {}},
    chain,
    registry.get("records_out", "sink", 0),
    registry.get("dead_letters", "sink", 0)};
};

} // namespace

TEST_CASE("no checkpoint is complete while a sink still writes what a restart has found") {
  restoring_sink s;
  s.barrier(7);
  CHECK(s.host.reports() == story{});
  s.becomes_restored();
  CHECK(s.host.reports() == story{"committed 6", "snapshot 7"});
}

TEST_CASE("records that came behind a barrier while a sink was restored are of the next epoch") {
  restoring_sink s;
  s.barrier(7);
  s.end.on_batch(batch_of<std::int64_t>({{1, 1}, {2, 2}}));
  CHECK(s.writer.done == story{});
  s.becomes_restored();
  CHECK(s.writer.done == story{"cuts 7", "writes 2"});
}

TEST_CASE("a sink whose input ends while it is restored ends when it is done") {
  restoring_sink s;
  s.end.on_ended({1, std::make_shared<actor_state>()});
  CHECK(s.host.reports() == story{});
  s.becomes_restored();
  CHECK(s.writer.done == story{"finishes 7"});
  CHECK(s.host.reports() == story{"committed 6", "ended"});
}

TEST_CASE("a checkpoint hears of an epoch when what its log names is there to stay, and records go on meanwhile") {
  restoring_sink s;
  s.writer.prepared = 6;
  s.becomes_restored();
  s.barrier(7);
  s.end.on_batch(batch_of<std::int64_t>({{1, 1}}));
  s.barrier(8);
  CHECK(s.writer.done == story{"cuts 7", "writes 1", "cuts 8"});
  CHECK(s.host.reports() == story{"committed 6"});
  s.becomes_prepared(7);
  CHECK(s.host.reports() == story{"snapshot 7"});
  s.becomes_prepared(8);
  CHECK(s.host.reports() == story{"snapshot 8"});
}

TEST_CASE("a sink whose input has ended ends when its last epoch is there to stay") {
  restoring_sink s;
  s.writer.prepared = 6;
  s.becomes_restored();
  s.barrier(7);
  s.end.on_ended({1, std::make_shared<actor_state>()});
  CHECK(s.host.reports() == story{"committed 6"});
  s.becomes_prepared(7);
  CHECK(s.host.reports() == story{"snapshot 7"});
  s.becomes_prepared(8);
  CHECK(s.host.reports() == story{"ended"});
}

TEST_CASE("a sink whose logs wait for a slow disk takes nothing until they are stored, and does not fail") {
  restoring_sink s;
  s.becomes_restored();
  s.barrier(7);
  s.writer.room = epoch_room::unstored;
  s.record();
  CHECK(s.writer.done == story{"cuts 7"});
  CHECK(s.chain.blocked());
  s.end.on_stored({7});
  CHECK(s.writer.done == story{"cuts 7", "writes 1"});
  CHECK_FALSE(s.chain.blocked());
}

TEST_CASE(
  "a sink whose logs wait for a checkpoint fails when that comes to nothing: the next barrier may be behind its records") {
  restoring_sink s;
  s.becomes_restored();
  s.barrier(7);
  s.writer.room = epoch_room::unstored;
  SECTION("while records wait") {
    s.record();
    CHECK_THROWS_WITH(s.end.on_failed({7}), "too many records");
  }
  SECTION("before a record comes") {
    s.end.on_failed({7});
    CHECK_THROWS_WITH(s.record(), "too many records");
  }
  SECTION("which the next one stores: then it goes on") {
    s.end.on_failed({7});
    s.barrier(8);
    s.record();
    s.end.on_stored({8});
    CHECK(s.writer.done == story{"cuts 7", "cuts 8", "writes 1"});
  }
}

TEST_CASE("a sink that passes the barrier of a checkpoint that was given up does not wait for it") {
  restoring_sink s;
  s.becomes_restored();
  s.end.on_failed({7});
  s.barrier(7);
  s.writer.room = epoch_room::unstored;
  CHECK_THROWS_WITH(s.record(), "too many records");
}

TEST_CASE("an epoch that is too large alone fails a sink, whatever is under way") {
  restoring_sink s;
  s.becomes_restored();
  s.barrier(7);
  s.writer.room = epoch_room::full;
  CHECK_THROWS_WITH(s.record(), "too many records");
}

TEST_CASE("a sink that a barrier overtakes to asks for one when its logs wait to be stored, and does not fail") {
  restoring_sink s;
  s.end.expect_overtaking();
  s.becomes_restored();
  s.barrier(7);
  s.record();
  s.writer.room = epoch_room::unstored;
  s.record();
  (void)s.host.reports();
  s.end.on_failed({7});
  CHECK(s.host.reports() == story{"wants a checkpoint, takes nothing before"}); // nobody else does
  CHECK(s.writer.done == story{"cuts 7", "writes 1"});
  CHECK(s.chain.blocked());
  s.barrier(8);
  s.end.on_stored({8});
  CHECK(s.writer.done == story{"cuts 7", "writes 1", "cuts 8", "writes 1"});
}
