#include <leat/tests/support/steps/keyed_fixture.hpp>
#include <leat/tests/support/steps/saved_entries.hpp>

#include <leat/operators/aggregates.hpp>
#include <leat/operators/state/value_state.hpp>
#include <leat/tests/operators/odd_aside.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

using context = keyed_context<std::int64_t>;
using texts = collector<std::string>;

/// Says the running sum of each key.
struct running_sum {
  value_state<std::int64_t> sum;

  void open(state_registry& r) { r.add("sum", sum); }
  void process(const event& e, context& c, texts& out) {
    sum.edit() += e.value;
    out.push("sum of " + std::to_string(c.key()) + " = " + std::to_string(*sum.get()));
  }
};

/// Sets an event-time timer so many milliseconds after each record, and says when it fires. A value of 0 deletes it, a
/// negative one sets a timer when the timer fires.
struct alarm_clock {
  value_state<std::int64_t> again;

  void open(state_registry& r) { r.add("again", again); }
  void process(const event& e, context& c, texts&) {
    if (e.value == 0)
      c.delete_timer(from_millis(e.time + 10));
    else
      c.set_timer(from_millis(e.time + 10));
    if (e.value < 0)
      again.set(-e.value);
  }
  void on_timer(timestamp when, context& c, texts& out) {
    out.push("timer of " + std::to_string(c.key()));
    if (const auto* const more = again.get()) {
      c.set_timer(when + duration{*more});
      again.clear();
    }
  }
};

/// Says what each processing-time timer sees.
struct wall_clock_alarm {
  void process(const event& e, context& c, texts&) { c.set_processing_timer(from_millis(e.value)); }
  void on_timer(timestamp when, context& c, texts& out) {
    out.push(
      (c.domain() == time_domain::processing ? "wall clock " : "event time ") + std::to_string(to_millis(when)) + " of " +
      std::to_string(c.key()));
  }
};

} // namespace

TEST_CASE("each key has state of its own") {
  keyed_fixture f{running_sum{}};
  f.events({{1, 10, 0}, {2, 5, 1}, {1, 7, 2}});
  CHECK(f.said() == story{"sum of 1 = 10@0", "sum of 2 = 5@1", "sum of 1 = 17@2"});
}

TEST_CASE("a timer fires when the watermark reaches it, before the watermark goes on") {
  keyed_fixture f{alarm_clock{}};
  f.events({{1, 1, 5}, {2, 1, 3}});
  f.watermark(12);
  CHECK(f.said() == story{"watermark 12"});
  f.watermark(15);
  CHECK(f.said() == story{"timer of 2@13", "timer of 1@15", "watermark 15"});
  CHECK(f.counted("timers") == 0);
}

TEST_CASE("a timer that is set while timers fire is fired by the same watermark, in its turn") {
  keyed_fixture f{alarm_clock{}};
  f.events({{1, -5, 0}, {2, 1, 3}});
  f.watermark(100);
  CHECK(f.said() == story{"timer of 1@10", "timer of 2@13", "timer of 1@15", "watermark 100"});
}

TEST_CASE("a deleted timer does not fire") {
  keyed_fixture f{alarm_clock{}};
  f.events({{1, 1, 0}, {2, 1, 0}, {1, 0, 0}});
  f.watermark(10);
  CHECK(f.said() == story{"timer of 2@10", "watermark 10"});
}

TEST_CASE("the end of the stream fires all event-time timers") {
  keyed_fixture f{alarm_clock{}};
  f.events({{1, 1, 0}});
  f.f.give(signal::watermark(max_timestamp));
  CHECK(f.said() == story{"timer of 1@10", "watermark +inf"});
}

TEST_CASE("a timer set for the past fires with the next watermark that is greater") {
  keyed_fixture f{alarm_clock{}};
  f.watermark(100);
  f.events({{1, 1, 0}});
  CHECK(f.said() == story{"watermark 100"});
  f.watermark(100);
  CHECK(f.said() == story{"watermark 100"});
  f.watermark(101);
  CHECK(f.said() == story{"timer of 1@10", "watermark 101"});
}

TEST_CASE("timers that fire without room behind them go on in order when there is room") {
  keyed_fixture f{alarm_clock{}};
  f.f.out.cork_after_each_batch();
  std::vector<event> many;
  for (std::int64_t i = 0; i < 3000; ++i)
    many.push_back({i, 1, i});
  f.events(many);
  f.watermark(5000);
  CHECK(f.f.out.told.size() == max_batch_records);
  f.f.drain();
  CHECK(f.f.out.told.size() == 3001);
  CHECK(f.f.out.told.at(2999) == "timer of 2999@3009");
  CHECK(f.f.out.told.back() == "watermark 5000");
}

TEST_CASE("a barrier settles when the last pending timer has fired") {
  keyed_fixture f{alarm_clock{}};
  f.f.give(signal::barrier(1, from_millis(3)));
  f.events({{1, 1, 5}, {2, 1, 3}});
  f.f.give(signal::barrier(2, from_millis(3)));
  CHECK(
    f.said() ==
    story{to_text(signal::barrier(1, from_millis(3), true)), to_text(signal::barrier(2, from_millis(15), true))});
}

TEST_CASE("a barrier settles when what a function without timers holds commits for has come") {
  struct waiting {
    void process(const event& e, context& c, texts&) { c.hold_commits_until(from_millis(e.time + 20)); }
  };
  keyed_fixture f{waiting{}};
  f.events({{1, 1, 5}});
  f.f.give(signal::barrier(1, from_millis(3)));
  CHECK(f.said() == story{to_text(signal::barrier(1, from_millis(25), true))});
}

TEST_CASE("timers that were saved are not taken by a function that has no on_timer") {
  struct deaf {
    void process(const event&, context&, texts&) {}
  };
  keyed_fixture with{alarm_clock{}};
  with.events({{1, 1, 5}});
  saved_entries saved;
  with.f.steps.last().save(saved);
  keyed_fixture without{deaf{}};
  CHECK_THROWS_WITH(
    saved.load_into([&](const state_entry& e) { without.f.steps.last().load(e); }),
    Catch::Contains("step 'step'") && Catch::Contains("has no on_timer any more"));
}

TEST_CASE("a processing-time timer fires by the clock, and what it emits is not late") {
  keyed_fixture f{wall_clock_alarm{}};
  f.watermark(7);
  f.events({{1, 1000, 5}});
  CHECK(f.f.steps.next_processing_time() == from_millis(1000));
  f.clock(999);
  CHECK(f.said() == story{"watermark 7"});
  f.clock(1000);
  CHECK(f.said() == story{"wall clock 1000 of 1@8"});
  CHECK(f.f.steps.next_processing_time() == max_timestamp);
}

TEST_CASE("the end of the stream does not fire processing-time timers") {
  keyed_fixture f{wall_clock_alarm{}};
  f.events({{1, 1000, 5}});
  f.f.give(signal::watermark(max_timestamp));
  CHECK(f.said() == story{"watermark +inf"});
  f.f.give(signal::end());
  CHECK(f.f.steps.next_processing_time() == max_timestamp); // nor those that are due later
}

TEST_CASE("what goes to a side output that nobody reads is counted") {
  keyed_fixture f{odd_aside{}};
  f.events({{1, 2, 0}, {1, 3, 1}, {1, 4, 2}});
  CHECK(f.said() == story{"2@0", "4@2"});
  CHECK(f.counted("unread_records") == 1);
}

TEST_CASE("a key whose state is cleared leaves nothing behind") {
  keyed_fixture f{alarm_clock{}};
  f.events({{1, -5, 0}, {2, -5, 0}});
  f.watermark(9);
  CHECK(f.counted("state_entries") == 2);
  f.watermark(100);
  f.watermark(101);
  CHECK(f.counted("state_entries") == 0);
}

TEST_CASE("an exception of a function names the step") {
  struct failing {
    void process(const event&, context&, texts&) { throw std::runtime_error{"no such thing"}; }
  };
  keyed_fixture f{failing{}};
  CHECK_THROWS_WITH(f.events({{1, 2, 0}}), Catch::Contains("step 'step'") && Catch::Contains("no such thing"));
}
