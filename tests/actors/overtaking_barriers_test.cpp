#include <leat/tests/actors/plain_steps.hpp>
#include <leat/tests/support/stage_fixture.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

signal overtaking(std::uint64_t epoch) { return signal::overtaking_barrier(epoch); }

/// Two inputs, steps that count, and a way out.
struct overtaking_fixture : stage_fixture<> {
  explicit overtaking_fixture(std::uint32_t credit = 1) : stage_fixture{2, 4, credit} {
    add("count", [](step_context c) { return std::make_unique<counting_step>(std::move(c)); });
    keep_last();
  }

  /// Snapshots are of the step added last.
  void keep_last() { count_ = &task.steps().last(); }

  void begin() {
    end_in_channel();
    take_snapshots();
  }

  void take_snapshots() {
    std::vector<state_snapshot::named_step> steps{{"count", count_}};
    task.take_snapshots(5, "stage", state_snapshot{"stage", 128, std::move(steps)}, channel("", 0, "stage", 0));
  }

  story rest() {
    task.run();
    return told();
  }

private:
  step* count_ = nullptr;
};

} // namespace

TEST_CASE(
  "a barrier that overtakes passes with its first input; what comes before it on the others is part of the snapshot") {
  overtaking_fixture f{8};
  f.begin();
  f.data(2, 20);
  f.says(1, overtaking(1));
  CHECK(f.rest() == story{"20@20", "barrier 1"});
  f.data(2, 21);
  f.data(1, 11);
  CHECK(f.rest() == story{"21@21", "11@11"});
  CHECK(f.reports().empty());
  f.says(2, overtaking(1));
  f.data(2, 22);
  CHECK(f.reports() == story{"snapshot 1 count.seen 1, in flight from 'before' 2: 21@21"});
}

TEST_CASE("a barrier overtakes what waits at the receiver and what waits for credit, which is part of the snapshot") {
  overtaking_fixture f;
  f.begin();
  f.data(1, 10);
  CHECK(f.rest() == story{"10@10"}); // the credit is spent
  f.data(1, 11);
  f.rest();
  f.data(2, 20);
  f.says(1, signal::watermark(from_millis(5)));
  f.says(1, overtaking(1)); // closes what is open, which has no credit
  f.data(1, 12);
  f.says(2, overtaking(1));
  CHECK(f.told() == story{"barrier 1"});
  CHECK(f.reports() == story{"snapshot 1 count.seen 3, unsent from 'stage' 0: 11@11 20@20"});
  f.data(1, 13);
  f.says(2, overtaking(2));
  f.says(1, overtaking(2));
  CHECK(
    f.reports() ==
    story{
      "snapshot 2 count.seen 3, in flight from 'before' 1: 12@12, in flight from 'before' 1: 13@13, unsent from 'stage' "
      "0: 11@11 20@20"});
}

TEST_CASE("a snapshot tells how long its barrier has waited until it was told to overtake") {
  overtaking_fixture f;
  f.begin();
  f.says(1, signal::barrier(1));
  f.host.time += 150ms;
  f.task.on_overtake({1});
  f.host.time += 1s;
  f.says(2, signal::barrier(1)); // all that it has overtaken is known
  CHECK(f.host.alignments == std::vector<duration>{150ms});
}

TEST_CASE("a step that has stopped in the middle finishes first: the rest is part of the snapshot") {
  overtaking_fixture f;
  f.add("repeat", [](step_context c) { return std::make_unique<repeating_step>(std::move(c)); });
  f.begin();
  f.data(1, 3);
  CHECK(f.told().size() == max_batch_records);
  f.data(2, 2);
  f.says(1, overtaking(1));
  CHECK(f.told() == story{"barrier 1"});
  f.says(2, overtaking(1));
  const auto all = f.reports();
  REQUIRE(all.size() == 1);
  CHECK(all[0].find("count.seen 1, in flight from 'before' 2: 2@2, unsent from 'stage' 0: 3@0") != std::string::npos);
}

TEST_CASE(
  "a step that waits for something outside is waited for; what comes meanwhile behind the barrier stays behind it") {
  overtaking_fixture f;
  bool may_go_on = false;
  f.add("wait", [&](step_context c) { return std::make_unique<waiting_step>(std::move(c), may_go_on); });
  f.begin();
  f.data(1, 10);
  f.data(2, 20);
  f.says(1, overtaking(1));
  f.data(1, 11);
  f.data(2, 21);
  CHECK(f.told() == story{});
  may_go_on = true;
  f.task.on_wake();
  CHECK(f.told() == story{"10@10", "barrier 1"});
  f.says(2, overtaking(1));
  CHECK(
    f.reports() == story{"snapshot 1 count.seen 1, in flight from 'before' 2: 20@20, in flight from 'before' 2: 21@21"});
}

TEST_CASE("when a newer barrier comes, what an older one has still to gather is forgotten, but not what had changed") {
  overtaking_fixture f{8};
  f.begin();
  f.says(1, overtaking(1));
  f.data(2, 20);
  f.says(2, overtaking(2));
  f.data(1, 11);
  CHECK(f.rest() == story{"barrier 1", "20@20", "barrier 2", "11@11"});
  f.says(1, overtaking(2));
  CHECK(f.reports() == story{"snapshot 1 count.seen 0", "snapshot 2 count.seen 1, in flight from 'before' 1: 11@11"});
}

TEST_CASE("an input that ends brings no barrier: what came before its end is part of the snapshot") {
  overtaking_fixture f{8};
  f.begin();
  f.says(1, overtaking(1));
  f.data(2, 20);
  f.says(2, signal::end());
  CHECK(f.reports() == story{"snapshot 1 count.seen 0, in flight from 'before' 2: 20@20"});
}

TEST_CASE("barriers that have waited long enough overtake where they are") {
  SECTION("where they wait for another input") {
    overtaking_fixture f{8};
    f.begin();
    f.says(1, signal::barrier(1));
    f.data(1, 11);
    CHECK(f.rest() == story{});
    f.task.on_overtake({1});
    CHECK(f.rest() == story{"barrier 1", "11@11"});
    f.data(2, 20);
    f.says(2, signal::barrier(1)); // its sender had let it pass before it was told
    CHECK(f.reports() == story{"snapshot 1 count.seen 0, in flight from 'before' 2: 20@20"});
  }
  SECTION("where they wait behind records") {
    overtaking_fixture f;
    f.begin();
    f.data(1, 10);
    f.rest();
    f.data(1, 11);
    f.says(1, signal::watermark(from_millis(1)));
    f.says(2, signal::watermark(from_millis(1))); // sends what is open, without credit
    f.data(1, 12);
    f.says(1, signal::barrier(1));
    f.data(1, 13);
    CHECK(f.told() == story{});
    f.task.on_overtake({1});
    CHECK(f.told() == story{"barrier 1"});
    f.says(2, signal::barrier(1));
    CHECK(f.reports() == story{"snapshot 1 count.seen 2, in flight from 'before' 1: 12@12, unsent from 'stage' 0: 11@11"});
  }
  SECTION("where they wait for credit") {
    overtaking_fixture f;
    f.begin();
    f.data(1, 10);
    f.rest();
    f.data(1, 11);
    f.says(1, signal::barrier(1));
    f.says(2, signal::barrier(1));
    CHECK(f.told() == story{});
    CHECK(f.reports().empty()); // the barrier is still to leave
    f.task.on_overtake({1});
    CHECK(f.told() == story{"barrier 1"});
    CHECK(f.reports() == story{"snapshot 1 count.seen 2, unsent from 'stage' 0: 11@11"});
  }
  SECTION("where they are still to come") {
    overtaking_fixture f{8};
    f.begin();
    f.task.on_overtake({1});
    f.says(1, signal::barrier(1));
    CHECK(f.rest() == story{"barrier 1"});
  }
}

TEST_CASE("a stream that has ended, and waits for credit, lets a barrier go ahead of its end") {
  overtaking_fixture f;
  f.begin();
  f.data(1, 10);
  f.rest();
  f.data(1, 11);
  f.says(1, signal::end());
  f.says(2, signal::end());
  CHECK(f.told() == story{});
  CHECK(f.reports().empty());
  f.task.on_overtake({1});
  CHECK(f.told() == story{"barrier 1"});
  CHECK(f.reports() == story{"snapshot 1 count.seen 2, unsent from 'stage' 0: 11@11"});
  f.credit();
  CHECK(f.told() == story{"11@11", "end"});
  CHECK(f.reports() == story{"ended count.seen 2"});
  CHECK(std::ranges::any_of(*f.host.end, [](const delta& d) { // of what the barrier has overtaken, nothing stays
    return d.step == "stage" && d.group == group_of_all && d.replaces;
  }));
}

TEST_CASE("what was on its way at a checkpoint is sent before what comes, however early that comes") {
  overtaking_fixture f{8};
  f.begin();
  f.task.set_in_flight({{0, batch_of<std::int64_t>({{1, 1}})}});
  f.data(1, 10);
  f.says(1, signal::watermark(from_millis(5)));
  f.says(2, signal::watermark(from_millis(5)));
  CHECK(f.rest() == story{});
  f.task.resend();
  CHECK(f.rest() == story{"1@1", "10@10", "watermark 5"});
}

TEST_CASE("what the end of a sink has no room for is part of the snapshot") {
  overtaking_fixture f;
  f.end_in_writer();
  f.take_snapshots();
  f.writer.room = 1;
  f.data(1, batch_of<std::int64_t>({{10, 10}, {11, 11}}));
  f.data(1, 12);
  f.says(1, overtaking(1));
  f.says(2, overtaking(1));
  CHECK(f.reports() == story{"snapshot 1 count.seen 2, in flight from '' 0: 11@11, in flight from 'before' 1: 12@12"});
}

TEST_CASE("no barrier overtakes at a stage with an input that gets all records of its sender") {
  overtaking_fixture f{8};
  f.task.add_input(3, 1, 4, std::make_shared<fake_sender>(), {}, 0, {}, true);
  f.begin();
  f.says(1, overtaking(1));
  f.data(1, 11);
  f.data(2, 20);
  f.says(2, overtaking(1));
  CHECK(f.rest() == story{"20@20"});
  f.task.on_signal(signal_message{3, 1, signal::barrier(1)});
  CHECK(f.rest() == story{"barrier 1", "11@11"});
  CHECK(f.reports() == story{"snapshot 1 count.seen 1"});
}

TEST_CASE("a barrier that comes while a step still holds the end has what had changed until then") {
  overtaking_fixture f{8};
  f.add("mark", [](step_context c) { return std::make_unique<marking_step>(std::move(c)); });
  f.keep_last();
  bool may_go_on = false;
  f.add("wait", [&](step_context c) { return std::make_unique<waiting_step>(std::move(c), may_go_on); });
  f.begin();
  may_go_on = true;
  f.data(1, 10);
  f.rest();
  may_go_on = false;
  f.says(1, signal::end());
  f.says(2, signal::end());
  f.task.on_overtake({1});
  CHECK(f.reports() == story{});
  may_go_on = true;
  f.task.on_wake();
  CHECK(f.rest() == story{"end"});
  CHECK(f.reports() == story{"snapshot 1 count.marked", "ended count.marked"});
}

TEST_CASE("what had changed at a barrier that was given up is reported when it is delivered, before what follows") {
  overtaking_fixture f{8};
  f.end_in_writer();
  f.take_snapshots();
  f.writer.delivers_at_once = false;
  f.data(1, 10);
  f.says(1, overtaking(1));
  f.says(2, overtaking(1));
  f.data(1, 11);
  f.says(1, overtaking(2));
  f.says(2, overtaking(2));
  CHECK(f.reports() == story{});
  f.writer.delivered = 2;
  f.task.on_wake();
  CHECK(f.reports() == story{"snapshot 1 count.seen 1", "snapshot 2 count.seen 2"});
}
