#include <leat/tests/actors/plain_steps.hpp>
#include <leat/tests/support/stage_fixture.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

struct barrier_fixture : stage_fixture<> {
  explicit barrier_fixture(std::uint32_t credit = 8) : stage_fixture{2, 4, credit} {
    add("count", [](step_context c) { return std::make_unique<counting_step>(std::move(c)); });
  }

  void align() { task.take_snapshots(5, "stage", state_snapshot{"stage", 128, {{"count", &task.steps().last()}}}); }

  story rest() {
    task.run();
    return told();
  }
};

struct to_channel : barrier_fixture {
  explicit to_channel(std::uint32_t credit = 8) : barrier_fixture{credit} {
    end_in_channel();
    align();
  }
};

} // namespace

TEST_CASE("what comes behind a barrier waits until the barrier has come on every input") {
  to_channel f;
  f.says(1, signal::barrier(1));
  f.data(1, 11);
  f.data(2, 20);
  CHECK(f.rest() == story{"20@20"});
  CHECK(f.senders[1]->refunded == 0);
  f.says(2, signal::barrier(1));
  CHECK(f.rest() == story{"barrier 1", "11@11"});
  CHECK(f.senders[1]->refunded == 1);
}

TEST_CASE("what steps keep is taken between the records before a barrier and those behind it") {
  to_channel f;
  f.data(1, 10);
  f.says(1, signal::barrier(1));
  f.data(1, 11);
  f.data(2, 20);
  f.says(2, signal::barrier(1));
  CHECK(f.host.reports() == story{"snapshot 1 count.seen 2"});
}

TEST_CASE("a barrier that a blocked flow holds back is waited for, and what has come meanwhile keeps its order") {
  to_channel f{1};
  f.data(1, 10);
  CHECK(f.rest() == story{"10@10"}); // the credit is spent
  f.says(1, signal::barrier(1));
  f.data(1, 11);
  f.data(2, 20);
  f.says(2, signal::barrier(1));
  f.data(2, 21);
  f.data(1, 12);
  CHECK(f.host.reports().empty());
  story all;
  for (auto more = (f.credit(), f.rest()); !more.empty(); more = (f.credit(), f.rest()))
    all.insert(all.end(), more.begin(), more.end());
  CHECK(all == story{"20@20", "barrier 1", "11@11", "21@21", "12@12"});
  CHECK(f.host.reports() == story{"snapshot 1 count.seen 2"});
}

TEST_CASE("a snapshot tells how long its barrier has waited for the other inputs") {
  to_channel f;
  f.says(1, signal::barrier(1));
  f.host.time += 30ms;
  f.data(2, 20);
  f.says(2, signal::barrier(1));
  f.host.time += 1s;
  f.says(2, signal::barrier(2));
  f.says(1, signal::barrier(2));
  CHECK(f.host.alignments == std::vector<duration>{30ms, 0ms});
}

TEST_CASE("barriers may follow one another on an input before the first has come on the others") {
  to_channel f;
  f.says(1, signal::barrier(1));
  f.data(1, 11);
  f.says(1, signal::barrier(2));
  f.data(1, 12);
  f.says(2, signal::barrier(1));
  CHECK(f.rest() == story{"barrier 1", "11@11"});
  f.says(2, signal::barrier(2));
  CHECK(f.rest() == story{"barrier 2", "12@12"});
  CHECK(f.host.reports() == story{"snapshot 1 count.seen 0", "snapshot 2 count.seen 1"});
}

TEST_CASE("an input that has ended is not waited for, and at the end of all, what steps keep is handed over once more") {
  to_channel f;
  f.says(1, signal::barrier(1));
  f.data(1, 11);
  f.says(2, signal::end());
  CHECK(f.rest() == story{"barrier 1", "11@11"});
  f.says(1, signal::end());
  CHECK(f.host.reports() == story{"snapshot 1 count.seen 0", "ended count.seen 1"});
}

TEST_CASE("a sink hands over what it keeps when everything before the barrier is delivered") {
  barrier_fixture f;
  f.end_in_writer();
  f.align();
  f.writer.delivers_at_once = false;
  f.data(1, 10);
  f.says(1, signal::barrier(1));
  f.says(2, signal::barrier(1));
  CHECK(f.host.reports().empty());
  f.writer.delivered = f.writer.marked;
  f.task.on_wake();
  CHECK(f.host.reports() == story{"snapshot 1 count.seen 1"});
  f.says(1, signal::end());
  f.says(2, signal::end());
  CHECK(f.host.reports().empty());
  f.writer.delivered = f.writer.marked;
  f.task.on_wake();
  CHECK(f.host.reports() == story{"ended count.seen 1"});
}
