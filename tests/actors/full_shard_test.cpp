// A shard whose changes take all the memory they may, until a checkpoint has stored them.

#include <leat/tests/support/stage_fixture.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// Passes records on; has room for as many as it was made with, between two checkpoints that are stored.
class limited_step final : public step {
public:
  limited_step(step_context context, std::size_t most) : step{std::move(context)}, most_{most} {}

  void on_batch(batch_ptr in) override {
    unstored_ += in->size();
    emit(std::move(in));
  }
  saved save_changes(state_writer& to) override {
    to.put({"changes " + std::to_string(unstored_)});
    return saved::changes;
  }
  void on_stored(std::uint32_t) override { unstored_ = 0; }
  void on_failed() override { ++failures; }
  [[nodiscard]] bool is_full() const override { return unstored_ >= most_; }
  [[nodiscard]] std::vector<state_description> states() const override { return {state_description{.name = "changes"}}; }

  int failures = 0; // checkpoints that it was told of

private:
  const std::size_t most_;
  std::size_t unstored_ = 0;
};

const std::string asks = "wants a checkpoint, takes nothing before, sources rest";

struct full_shard : stage_fixture<> {
  explicit full_shard(std::uint32_t inputs = 1, bool waits = true) : stage_fixture{inputs, 8, 8} {
    add("limited", [](step_context c) { return std::make_unique<limited_step>(std::move(c), 2); });
    limited = dynamic_cast<limited_step*>(&task.steps().last());
    end_in_channel();
    task.take_snapshots(5, "stage", state_snapshot{"stage", 128, {{"limited", limited}}}, channel("", 0, "stage", 0));
    if (waits)
      task.wait_when_full();
  }

  story rest() {
    task.run();
    return told();
  }

  limited_step* limited = nullptr;
};

} // namespace

TEST_CASE("a shard whose changes take all their memory takes no records before they are stored, and asks for that once") {
  full_shard s;
  s.data(1, 1);
  s.data(1, 2);
  s.data(1, 3);
  s.data(1, 4);
  CHECK(s.rest() == story{"1@1", "2@2"});
  CHECK(s.reports() == story{asks});
  CHECK(s.senders[1]->refunded == 2);

  s.says(1, signal::overtaking_barrier(1)); // what waits is part of the snapshot
  CHECK(s.rest() == story{"barrier 1"});
  CHECK(
    s.reports() == story{"snapshot 1 limited.changes 2, in flight from 'before' 1: 3@3, in flight from 'before' 1: 4@4"});
  s.data(1, 5);
  CHECK(s.rest().empty());
  CHECK(s.reports().empty()); // it is being stored

  s.task.on_stored({1});
  CHECK(s.rest() == story{"3@3", "4@4"});
  CHECK(s.reports() == story{asks});
}

TEST_CASE("a full shard goes on to a barrier that does not overtake what waits before it") {
  full_shard s{2};
  s.data(1, 1);
  s.data(1, 2);
  s.data(1, 3);
  CHECK(s.rest() == story{"1@1", "2@2"});
  s.says(2, signal::barrier(1));
  CHECK(s.rest() == story{"3@3"}); // the other input may bring more before it
  s.data(1, 4);
  s.says(1, signal::barrier(1));
  s.data(1, 5);
  CHECK(s.rest() == story{"4@4", "barrier 1"});
  s.task.on_stored({1});
  CHECK(s.rest() == story{"5@5"});
}

TEST_CASE("a full shard asks again when the checkpoint with its changes has come to nothing") {
  full_shard s;
  s.data(1, 1);
  s.data(1, 2);
  s.says(1, signal::barrier(1));
  s.data(1, 3);
  CHECK(s.rest() == story{"1@1", "2@2", "barrier 1"});
  CHECK(s.reports() == story{"snapshot 1 limited.changes 2"});
  s.task.on_failed({1});
  CHECK(s.limited->failures == 1);
  CHECK(s.rest().empty());
  CHECK(s.reports() == story{asks});
  s.says(1, signal::overtaking_barrier(2));
  s.reports();
  s.task.on_stored({2});
  CHECK(s.rest() == story{"barrier 2", "3@3"});
}

TEST_CASE("a full shard takes records where barriers may be unable to overtake them") {
  full_shard s{1, false};
  s.data(1, 1);
  s.data(1, 2);
  s.data(1, 3);
  s.says(1, signal::barrier(1));
  CHECK(s.rest() == story{"1@1", "2@2", "3@3", "barrier 1"});
}
