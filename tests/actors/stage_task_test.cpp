#include <leat/tests/support/stage_fixture.hpp>
#include <leat/tests/support/step_fixture.hpp>
#include <leat/tests/support/window_fixture.hpp>

#include <leat/base/error.hpp>
#include <leat/operators/map.hpp>
#include <leat/operators/process.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

using number = std::int64_t;

/// Inputs with a credit of two, a channel with a credit of one.
struct plain_stage : stage_fixture<> {
  explicit plain_stage(std::uint32_t inputs = 1) : stage_fixture{inputs} { end_in_channel(); }
};

} // namespace

TEST_CASE("what comes in goes through the steps and out, in order") {
  stage_fixture<> s{1, 8, 8};
  s.add("double", making<map_step, number, number>([](number n) { return 2 * n; }));
  s.end_in_channel();
  s.data(1, 1);
  s.says(1, watermark(1));
  s.data(1, 2);
  s.says(1, signal::end());
  CHECK(s.told() == story{"2@1", "watermark 1", "4@2", "end"});
}

TEST_CASE("credit goes back when the batch is finished, not when it has come") {
  plain_stage s;
  s.data(1, 1);
  s.says(1, watermark(1)); // closes the batch: the channel's only credit is spent
  CHECK(s.senders[1]->refunded == 1);
  s.data(1, 2);
  s.says(1, watermark(2)); // waits in the channel and blocks the chain
  s.data(1, 3);
  CHECK(s.senders[1]->refunded == 2);
  s.credit();
  CHECK(s.senders[1]->refunded == 3);
}

TEST_CASE("a batch in the middle of which a step parks is not finished") {
  stage_fixture<> s{1};
  s.add("repeat", making<process_step, number, number>([](number n, collector<number>& out) {
          for (number i = 0; i < n; ++i)
            out.push(i);
        }));
  s.end_in_channel();
  s.data(1, 5 * static_cast<number>(max_batch_records));
  CHECK(s.senders[1]->refunded == 0);
  for (int i = 0; i < 3; ++i)
    s.credit();
  CHECK(s.senders[1]->refunded == 0);
  s.credit();
  CHECK(s.senders[1]->refunded == 1);
  CHECK(s.next.batches() == 5);
}

TEST_CASE("each input gets its own credit back") {
  plain_stage s{2};
  s.data(1, 1);
  s.data(2, 2);
  s.data(2, 3);
  CHECK(s.senders[1]->refunded == 1);
  CHECK(s.senders[2]->refunded == 2);
}

TEST_CASE("partly filled batches go out when nothing else waits, asked for once") {
  plain_stage s;
  s.data(1, 1);
  s.data(1, 2);
  CHECK(s.host.runs_asked == 1);
  CHECK(s.next.empty());
  s.task.run();
  CHECK(s.told() == story{"1@1", "2@2"});
  s.data(1, 3); // there is no credit for it: nothing to run for
  CHECK(s.host.runs_asked == 1);
  s.credit();
  CHECK(s.host.runs_asked == 2);
}

TEST_CASE("a message that was lost is noticed") {
  plain_stage s;
  s.task.on_signal({1, 1, watermark(1)});
  CHECK_THROWS_WITH(
    s.task.on_signal({1, 3, watermark(3)}), "stage: message 3 came on input 1 after message 1: one was lost");
}

TEST_CASE("a message on an input that is not open is refused") {
  plain_stage s;
  CHECK_THROWS_WITH(s.task.on_signal({9, 1, watermark(1)}), "stage: a message came on input 9, which is not open");
}

TEST_CASE("a sender that exceeds its credit is found out") {
  plain_stage s;
  for (const auto value : {1, 2, 3, 4}) {
    s.data(1, value);
    s.says(1, watermark(value)); // 1 is sent, 2 waits in the channel, 3 and 4 in the inbox
  }
  CHECK_THROWS_WITH(s.data(1, 5), "stage: input 1 has 3 batches waiting, more than the 2 granted");
}

TEST_CASE("how full a mailbox has been shows beside the credit it granted") {
  plain_stage s;
  for (const auto value : {1, 2, 3, 4}) {
    s.data(1, value);
    s.says(1, watermark(value));
  }
  CHECK(s.registry.sum("mailbox_batches_peak") == 2);
  CHECK(s.registry.sum("mailbox_credit_granted") == 2);
}

TEST_CASE("a barrier stands behind all that its inputs have sent before it") {
  stage_fixture<> s{2, 4};
  s.end_in_channel();
  s.data(1, 1);
  s.says(1, signal::barrier(1));
  s.data(2, 2);
  s.says(2, signal::barrier(1));
  CHECK(s.told() == story{"1@1", "2@2", "barrier 1"});
}

TEST_CASE("a barrier keeps its place also while the chain is blocked") {
  stage_fixture<> s{1, 4};
  s.end_in_channel();
  for (const auto value : {1, 2, 3}) {
    s.data(1, value);
    s.says(1, signal::barrier(static_cast<std::uint64_t>(value)));
  }
  CHECK(s.told() == story{"1@1", "barrier 1"});
  s.credit();
  CHECK(s.told() == story{"2@2", "barrier 2"});
  s.credit();
  CHECK(s.told() == story{"3@3", "barrier 3"});
}

TEST_CASE("what waits behind a parked window sees its rows and watermark first") {
  stage_fixture<window_row> s{2, 4};
  s.add(
    "totals", windowed<event, number, window_row>(
                tumbling(10ms), &event::key, key, window_start, window_end, leat::count, leat::sum(&event::value)));
  s.end_in_channel();
  auto in = batch<event>::fresh();
  for (number k = 0; k < 2 * static_cast<number>(max_batch_records); ++k)
    in->push(event{k, 1, 5}, from_millis(5), key_hash(k));
  s.data(1, std::move(in));
  s.says(1, watermark(100));
  s.says(1, signal::end());
  s.says(2, signal::idle()); // with the other ended, this frees the watermark and makes the whole idle
  const auto first = s.told();
  CHECK(first.size() == max_batch_records);
  s.credit();
  const auto rest = s.told();
  REQUIRE(rest.size() == max_batch_records + 2);
  CHECK(story(rest.end() - 2, rest.end()) == story{"watermark 100", "idle"});
}

TEST_CASE("an input that joins late takes part from its first epoch") {
  stage_fixture<> s{1, 4, 8};
  s.end_in_channel();
  s.says(1, signal::barrier(1));
  s.add_input(2, 2, 4);
  s.says(1, signal::barrier(2));
  CHECK(s.told() == story{"barrier 1"});
  s.says(2, signal::barrier(2));
  CHECK(s.told() == story{"barrier 2"});
  CHECK(s.registry.sum("mailbox_credit_granted") == 8);
}
