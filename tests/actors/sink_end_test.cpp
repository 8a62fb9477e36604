#include <leat/tests/support/stage_fixture.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// A sink with one input of credit two.
struct sink_fixture : stage_fixture<> {
  explicit sink_fixture(std::uint32_t inputs = 1) : stage_fixture{inputs} { end_in_writer(); }

  void settle(std::uint64_t epoch, std::int64_t at) { task.on_settle({epoch, from_millis(at)}); }
};

} // namespace

TEST_CASE("records are written in order, and counted") {
  sink_fixture s;
  s.data(1, batch_of<std::int64_t>({{1, 1}, {2, 2}}));
  s.data(1, 3);
  CHECK(s.writer.written == story{"1", "2", "3"});
  CHECK(s.registry.sum("records_out") == 3);
  CHECK(s.senders[1]->refunded == 2);
}

TEST_CASE("a writer without room keeps the batch's credit until it has taken the whole batch") {
  sink_fixture s;
  s.writer.room = 1;
  s.data(1, batch_of<std::int64_t>({{1, 1}, {2, 2}, {3, 3}}));
  CHECK(s.writer.written == story{"1"});
  s.writer.room = 1;
  s.task.on_wake();
  CHECK(s.writer.written == story{"1", "2"});
  CHECK(s.senders[1]->refunded == 0);
  s.writer.room = 9;
  s.task.on_wake();
  CHECK(s.writer.written == story{"1", "2", "3"});
  CHECK(s.senders[1]->refunded == 1);
}

TEST_CASE("what waits behind a full writer goes on in order") {
  sink_fixture s;
  s.writer.room = 0;
  s.data(1, 1);
  s.data(1, 2);
  s.says(1, signal::barrier(1));
  CHECK(s.host.reports() == story{});
  s.writer.room = 9;
  s.task.on_wake();
  CHECK(s.writer.written == story{"1", "2"});
  CHECK(s.host.reports() == story{"barrier 1 settles at -inf, fired until +inf"});
}

TEST_CASE("a wake-up for nothing changes nothing") {
  sink_fixture s;
  s.task.on_wake();
  s.data(1, 1);
  s.task.on_wake();
  CHECK(s.writer.written == story{"1"});
  CHECK(s.host.reports() == story{});
}

TEST_CASE("a barrier is reported with its settling time and the time up to which windows have fired") {
  sink_fixture s;
  s.says(1, watermark(40));
  s.says(1, signal::barrier(1, from_millis(59), true));
  CHECK(s.host.reports() == story{"barrier 1 settles at 59, fired until 40"});
}

TEST_CASE("an epoch is settled when the watermark has come and everything before it is delivered") {
  sink_fixture s;
  s.writer.delivers_at_once = false;
  s.says(1, signal::barrier(1, from_millis(59), true));
  s.host.reports();
  s.settle(1, 59);
  s.says(1, watermark(58));
  CHECK(s.writer.marked == 0);
  s.says(1, watermark(59));
  CHECK(s.writer.marked == 1);
  CHECK(s.host.reports() == story{});
  s.writer.delivered = 1;
  s.task.on_wake();
  CHECK(s.host.reports() == story{"settled 1"});
}

TEST_CASE("an epoch whose time has passed already is settled by what was written up to now") {
  sink_fixture s;
  s.writer.delivers_at_once = false;
  s.says(1, watermark(100));
  s.settle(1, 59);
  CHECK(s.writer.marked == 1);
  CHECK(s.host.reports() == story{});
  s.writer.delivered = 1;
  s.task.on_wake();
  s.task.on_wake();
  CHECK(s.host.reports() == story{"settled 1"});
}

TEST_CASE("two epochs under way are settled in their order") {
  sink_fixture s;
  s.says(1, signal::barrier(1, from_millis(10), true));
  s.says(1, signal::barrier(2, from_millis(20), true));
  s.host.reports();
  s.settle(1, 10);
  s.settle(2, 20);
  s.says(1, watermark(15));
  CHECK(s.host.reports() == story{"settled 1"});
  s.says(1, watermark(25));
  CHECK(s.host.reports() == story{"settled 2"});
}

TEST_CASE("an idle input with windows on its way holds an epoch back: it may be firing as it wakes") {
  sink_fixture s{2};
  for (const input_id input : {1U, 2U}) {
    s.says(input, watermark(40));
    s.says(input, signal::barrier(1, from_millis(59), true));
  }
  s.host.reports();
  s.settle(1, 59);
  s.says(2, signal::idle());
  s.says(1, watermark(70));
  CHECK(s.host.reports() == story{});
  s.says(2, watermark(59));
  CHECK(s.host.reports() == story{"settled 1"});
}

TEST_CASE("an idle input without windows on its way holds no epoch back") {
  sink_fixture s{2};
  s.says(1, signal::barrier(1, from_millis(59), true));
  s.says(2, signal::barrier(1));
  s.host.reports();
  s.settle(1, 59);
  s.says(1, watermark(59));
  CHECK(s.host.reports() == story{"settled 1"});
}

TEST_CASE("the end is reported once, when everything is delivered, with the time up to which windows have fired") {
  sink_fixture s{2};
  s.writer.delivers_at_once = false;
  for (const input_id input : {1U, 2U}) {
    s.says(input, watermark(40 + input));
    s.says(input, signal::barrier(1, from_millis(50), true));
  }
  s.host.reports();
  for (const input_id input : {1U, 2U})
    s.says(input, signal::end());
  CHECK(s.host.reports() == story{});
  s.writer.delivered = s.writer.marked;
  s.task.on_wake();
  s.task.on_wake();
  CHECK(s.host.reports() == story{"sink ended at 41"});
}

TEST_CASE("the end waits behind records the writer had no room for") {
  sink_fixture s;
  s.writer.room = 0;
  s.data(1, 1);
  s.says(1, signal::end());
  CHECK(s.host.reports() == story{});
  s.writer.room = 1;
  s.task.on_wake();
  CHECK(s.host.reports() == story{"sink ended at +inf"});
}
