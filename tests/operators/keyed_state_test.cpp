#include <leat/tests/support/steps/keyed_fixture.hpp>

#include <leat/operators/aggregates.hpp>
#include <leat/operators/aggregates/quantile.hpp>
#include <leat/operators/state/aggregating_state.hpp>
#include <leat/operators/state/list_state.hpp>
#include <leat/operators/state/map_state.hpp>
#include <leat/operators/state/value_state.hpp>

#include <catch2/catch.hpp>

#include <functional>

using namespace leat;
using namespace leat::testing;

namespace {

using context = keyed_context<std::int64_t>;
using texts = collector<std::string>;

/// Runs `body(state, event, out)` for each record, with one state.
template <class State, class Body>
struct with_state {
  State state;
  Body body;

  void open(state_registry& r) { r.add("state", state); }
  void process(const event& e, context&, texts& out) { body(state, e, out); }
};
template <class State, class Body>
with_state(State, Body) -> with_state<State, Body>;

/// A value state that a value of 0 reads and any other writes.
auto remembered(state_ttl ttl) {
  return with_state{value_state<std::int64_t>{ttl}, [](auto& state, const event& e, texts& out) {
                      if (e.value != 0)
                        return state.set(e.value);
                      const auto* const held = state.get();
                      out.push(held ? std::to_string(*held) : "nothing");
                    }};
}

std::string in_one_line(auto&& values) {
  std::string text;
  for (const auto v : values)
    text += std::to_string(v) + ' ';
  return text;
}

} // namespace

TEST_CASE("a time to live that is not above 0 is refused with the step and the state") {
  CHECK_THROWS_WITH(
    (keyed_fixture{remembered(expire_after(0ms))}),
    Catch::Contains("state 'state': expire_after(time) takes a span above 0 ms, not 0 ms"));
}

TEST_CASE("a value expires so long after it was written, whether it was read or not") {
  keyed_fixture f{remembered(expire_after(100ms))};
  f.clock(1000);
  f.events({{1, 7, 0}});
  f.clock(1099);
  f.events({{1, 0, 0}});
  f.clock(1100);
  f.events({{1, 0, 0}});
  CHECK(f.said() == story{"7@0", "nothing@0"});
}

TEST_CASE("a value that expires after its last use lives on when it is read") {
  keyed_fixture f{remembered(expire_after(100ms).also_on_read())};
  f.clock(1000);
  f.events({{1, 7, 0}});
  f.clock(1099);
  f.events({{1, 0, 0}});
  f.clock(1198);
  f.events({{1, 0, 0}});
  f.clock(1298);
  f.events({{1, 0, 0}});
  CHECK(f.said() == story{"7@0", "7@0", "nothing@0"});
}

TEST_CASE("what has expired goes although no record of its key comes") {
  keyed_fixture f{remembered(expire_after(100ms))};
  f.clock(1000);
  f.events({{1, 7, 0}, {2, 8, 0}});
  f.clock(1050);
  f.events({{2, 9, 0}});
  f.watermark(1);
  CHECK(f.counted("state_entries") == 2);
  f.clock(1100);
  f.watermark(2);
  CHECK(f.counted("state_entries") == 1);
  CHECK(f.f.steps.next_processing_time() == from_millis(1150));
  f.clock(1150);
  f.watermark(3);
  CHECK(f.counted("state_entries") == 0);
  CHECK(f.f.steps.next_processing_time() == max_timestamp);
}

TEST_CASE("a list keeps its values in order, each with its own time to live") {
  keyed_fixture f{with_state{list_state<std::int64_t>{expire_after(100ms)}, [](auto& state, const event& e, texts& out) {
                               if (e.value != 0)
                                 state.add(e.value);
                               out.push(in_one_line(state.values()));
                             }}};
  f.clock(1000);
  f.events({{1, 3, 0}, {2, 9, 0}, {1, 1, 0}});
  f.clock(1060);
  f.events({{1, 2, 0}});
  f.clock(1100);
  f.events({{1, 0, 0}, {2, 0, 0}});
  CHECK(f.said() == story{"3 @0", "9 @0", "3 1 @0", "3 1 2 @0", "2 @0", "@0"});
}

TEST_CASE("a map keeps a value for each of its own keys, each with its own time to live") {
  keyed_fixture f{
    with_state{map_state<std::string, std::int64_t>{expire_after(100ms)}, [](auto& state, const event& e, texts& out) {
                 const std::string name = e.value % 2 == 0 ? "even" : "odd";
                 if (e.value != 0)
                   state.edit(name) += e.value;
                 out.push(
                   std::to_string(state.contains("even") ? *state.get("even") : -1) + ' ' +
                   std::to_string(state.contains("odd") ? *state.get("odd") : -1));
               }}};
  f.clock(1000);
  f.events({{1, 2, 0}, {1, 3, 0}, {2, 5, 0}});
  f.clock(1060);
  f.events({{1, 4, 0}});
  f.clock(1100);
  f.events({{1, 0, 0}, {2, 7, 0}});
  CHECK(f.said() == story{"2 -1@0", "2 3@0", "-1 5@0", "6 3@0", "6 -1@0", "-1 7@0"});
}

TEST_CASE("an erased entry is gone, and a key with no entries left has no state") {
  keyed_fixture f{with_state{map_state<std::int64_t, std::int64_t>{}, [](auto& state, const event& e, texts&) {
                               if (e.value > 0)
                                 state.set(e.value, 1);
                               else
                                 state.erase(-e.value);
                             }}};
  f.events({{1, 2, 0}, {1, 3, 0}, {1, -2, 0}});
  f.watermark(1);
  CHECK(f.counted("state_entries") == 1);
  f.events({{1, -3, 0}});
  f.watermark(2);
  CHECK(f.counted("state_entries") == 0);
}

TEST_CASE("a reducing state keeps one value of all that were added") {
  keyed_fixture f{with_state{
    reducing_state<std::int64_t, std::multiplies<std::int64_t>>{std::multiplies<std::int64_t>{}},
    [](auto& state, const event& e, texts& out) {
      state.add(e.value);
      out.push(std::to_string(*state.get()));
    }}};
  f.events({{1, 2, 0}, {2, 9, 0}, {1, 5, 0}});
  CHECK(f.said() == story{"2@0", "9@0", "10@0"});
}

TEST_CASE("an aggregating state keeps an aggregate of records") {
  keyed_fixture f{with_state{
    aggregating_state<event, decltype(avg(&event::value))>{avg(&event::value)},
    [](auto& state, const event& e, texts& out) {
      state.add(e);
      out.push(std::to_string(*state.get()));
    }}};
  f.events({{1, 2, 0}, {2, 9, 0}, {1, 5, 0}});
  CHECK(f.said() == story{"2.000000@0", "9.000000@0", "3.500000@0"});
}

TEST_CASE("an aggregating state of an aggregate that cannot be used is refused with the step and the state") {
  const auto share = quantile(99, &event::value);
  CHECK_THROWS_WITH(
    (keyed_fixture{with_state{
      aggregating_state<event, decltype(share)>{share}, [](auto& state, const event& e, texts&) { state.add(e); }}}),
    Catch::Contains("step 'step', state 'state': quantile(q, …) takes a share from 0 to 1"));
}

TEST_CASE("two states of one name are refused") {
  struct twice {
    value_state<int> a, b;
    void open(state_registry& r) {
      r.add("n", a);
      r.add("n", b);
    }
    void process(const event&, context&, texts&) {}
  };
  CHECK_THROWS_WITH(keyed_fixture{twice{}}, Catch::Contains("two states named 'n'"));
}

TEST_CASE("a state that open does not name says so when it is used") {
  struct forgotten {
    value_state<int> a;
    void process(const event&, context&, texts&) { a.set(1); }
  };
  keyed_fixture f{forgotten{}};
  CHECK_THROWS_WITH(f.events({{1, 1, 0}}), Catch::Contains("open(state_registry& r)"));
}
