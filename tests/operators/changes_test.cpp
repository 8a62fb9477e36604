#include <leat/operators/state/list_state.hpp>
#include <leat/operators/state/map_state.hpp>
#include <leat/operators/state/value_state.hpp>
#include <leat/tests/support/steps/keyed_fixture.hpp>
#include <leat/tests/support/steps/stored_changes.hpp>

#include <catch2/catch.hpp>

#include <array>

using namespace leat;
using namespace leat::testing;

namespace {

using context = keyed_context<std::int64_t>;
using texts = collector<std::string>;

/// What an event's value makes a function do with its key.
enum action : std::int64_t { set_value, add_to_list, clear_value, read_value, set_timer, delete_timer, rings };

struct acting {
  explicit acting(state_ttl ttl = {}) : value{ttl} {}

  value_state<std::int64_t> value;
  list_state<std::int64_t> list;

  void open(state_registry& r) {
    r.add("value", value);
    r.add("list", list);
  }
  void process(const event& e, context& c, texts&) {
    switch (e.value) {
    case set_value:
      return value.set(e.time);
    case add_to_list:
      return list.add(e.time);
    case clear_value:
      return value.clear();
    case read_value:
      return (void)value.get();
    case set_timer:
      return c.set_timer(from_millis(e.time));
    case delete_timer:
      return c.delete_timer(from_millis(e.time));
    }
  }
  void on_timer(timestamp, context&, texts&) {}
};

/// Forty states; an event writes, or clears, one of them.
struct many_states {
  std::array<value_state<std::int64_t>, 40> values;

  void open(state_registry& r) {
    for (std::size_t i = 0; i < values.size(); ++i)
      r.add("value " + std::to_string(i), values[i]);
  }
  void process(const event& e, context&, texts&) {
    auto& v = values[static_cast<std::size_t>(e.value)];
    e.time == 0 ? v.clear() : v.set(e.time);
  }
};

/// A keyed step with checkpoints.
template <class Function>
struct changes_fixture {
  explicit changes_fixture(Function function = Function{}) {
    f.snapshots = true;
    f.add("step", [&](step_context c) {
      return std::make_unique<keyed_process_step<event, std::int64_t, std::int64_t event::*, std::string, Function>>(
        std::move(c), &event::key, function);
    });
  }

  void act(std::int64_t key, std::int64_t what, std::int64_t time = 1) {
    auto in = batch<event>::fresh();
    in->push(event{key, what, time}, from_millis(0), key_hash(key));
    f.give(std::move(in));
  }

  /// What the next checkpoint writes of keys, and removes.
  std::pair<std::size_t, std::size_t> checkpoint() {
    stored.take(f.steps.last());
    REQUIRE(stored.all() == saved_by(f.steps.last()));
    return {stored.puts(), stored.removals()};
  }

  void load(const saved_entries& all) {
    auto entries = all;
    entries.load_into([&](const state_entry& e) { f.steps.last().load(e); });
  }

  void clock(std::int64_t millis) {
    f.steps.clock().advance_to(from_millis(millis));
    f.steps.on_processing_time();
  }

  step_fixture<std::string> f;
  stored_changes stored;
};

using written = std::pair<std::size_t, std::size_t>; // put and removed

/// Sums in windows, with checkpoints.
struct window_changes_fixture {
  explicit window_changes_fixture(window_spec spec) {
    f.snapshots = true;
    f.add(
      "totals", windowed<event, std::int64_t, window_row>(
                  spec, &event::key, leat::key, window_start, window_end, count, sum(&event::value)));
  }

  void events(std::int64_t keys, std::int64_t time) {
    auto in = batch<event>::fresh();
    for (std::int64_t k = 0; k < keys; ++k)
      in->push(event{k, 1, time}, from_millis(time), key_hash(k));
    f.give(std::move(in));
  }
  void watermark(std::int64_t millis) { f.give(testing::watermark(millis)); }

  written checkpoint() {
    stored.take(f.steps.last());
    REQUIRE(stored.all() == saved_by(f.steps.last()));
    return {stored.puts(), stored.removals()};
  }

  step_fixture<window_row> f;
  stored_changes stored;
};

} // namespace

TEST_CASE("a checkpoint writes what has changed since the one before, once for each state of a key") {
  changes_fixture<acting> f;
  for (std::int64_t key = 0; key < 100; ++key)
    f.act(key, set_value);
  CHECK(f.checkpoint() == written{100, 0});
  CHECK(f.checkpoint() == written{0, 0});
  f.act(7, set_value, 2);
  f.act(7, set_value, 3);
  f.act(8, read_value);
  CHECK(f.checkpoint() == written{1, 0});
  f.act(7, add_to_list); // the value beside it stays
  CHECK(f.checkpoint() == written{1, 0});
}

TEST_CASE("what was saved and is gone is removed once") {
  changes_fixture<acting> f;
  f.act(1, set_value);
  f.act(1, add_to_list);
  f.act(2, set_value);
  (void)f.checkpoint();
  f.act(1, clear_value);
  f.act(2, clear_value);
  CHECK(f.checkpoint() == written{0, 2});
  CHECK(f.checkpoint() == written{0, 0});
}

TEST_CASE("a key that comes back before the next checkpoint is written, not removed") {
  changes_fixture<acting> f;
  f.act(1, set_value);
  (void)f.checkpoint();
  f.act(1, clear_value);
  f.act(1, read_value);
  f.act(1, set_value, 5);
  CHECK(f.checkpoint() == written{1, 0});
  f.act(1, clear_value);
  f.act(1, add_to_list);
  CHECK(f.checkpoint() == written{1, 1});
}

TEST_CASE("how many keys have state does not count those that wait to be removed") {
  changes_fixture<acting> f;
  f.act(1, set_value);
  f.act(2, set_value);
  (void)f.checkpoint();
  f.act(1, clear_value);
  f.f.give(testing::watermark(0));
  CHECK(f.f.registry.sum("state_entries", "step") == 1);
  f.act(1, set_value);
  f.f.give(testing::watermark(1));
  CHECK(f.f.registry.sum("state_entries", "step") == 2);
}

TEST_CASE("keys and timers that come and go between two checkpoints leave no trace") {
  changes_fixture<acting> f;
  f.act(1, set_value);
  (void)f.checkpoint();
  for (std::int64_t i = 0; i < 1000; ++i) {
    f.act(2 + i % 3, set_value);
    f.act(2 + i % 3, set_timer, 100 + i);
    f.act(2 + i % 3, clear_value);
    f.act(2 + i % 3, delete_timer, 100 + i);
  }
  f.act(9, set_value); // of a list from which others have gone
  CHECK(f.checkpoint() == written{1, 0});
}

TEST_CASE("timers are written when they are set, and removed when they have fired or were deleted") {
  changes_fixture<acting> f;
  for (std::int64_t key = 0; key < 200; ++key)
    f.act(key, set_timer, 10 + key);
  CHECK(f.checkpoint() == written{200, 0});
  f.act(0, set_timer, 10); // it is set already
  CHECK(f.checkpoint() == written{0, 0});
  f.f.give(testing::watermark(12));
  f.act(199, delete_timer, 209);
  f.act(5, set_timer, 500);
  CHECK(f.checkpoint() == written{1, 4});
  f.act(198, delete_timer, 208);
  f.act(198, set_timer, 208);
  CHECK(f.checkpoint() == written{1, 1});
}

TEST_CASE("a savepoint forgets no change") {
  changes_fixture<acting> f;
  f.act(1, set_value);
  f.act(1, set_timer);
  (void)saved_by(f.f.steps.last());
  CHECK(f.checkpoint() == written{2, 0});
}

TEST_CASE("what was loaded is no change, and is removed when it is gone") {
  changes_fixture<acting> before, f;
  for (std::int64_t key = 0; key < 10; ++key) {
    before.act(key, set_value);
    before.act(key, set_timer, 10 + key);
  }
  (void)before.checkpoint();
  f.load(before.stored.all());
  f.stored = before.stored;
  CHECK(f.checkpoint() == written{0, 0});
  f.act(1, clear_value);
  f.f.give(testing::watermark(10));
  CHECK(f.checkpoint() == written{0, 2});
}

TEST_CASE("what has expired is removed") {
  changes_fixture<acting> f{acting{expire_after(duration{50})}};
  f.clock(1000);
  f.act(1, set_value);
  f.act(2, set_value);
  f.act(2, add_to_list);
  (void)f.checkpoint();
  f.clock(1050);
  CHECK(f.checkpoint() == written{0, 2});
}

TEST_CASE("what had expired when it was loaded is removed") {
  changes_fixture<acting> before{acting{expire_after(duration{50})}}, f{acting{expire_after(duration{50})}};
  before.clock(1000);
  before.act(1, set_value);
  before.clock(1040);
  before.act(2, set_value);
  (void)before.checkpoint();
  f.clock(1060);
  f.load(before.stored.all());
  f.stored = before.stored;
  CHECK(f.checkpoint() == written{0, 1});
}

TEST_CASE("reading counts as a change where it makes a value live longer") {
  changes_fixture<acting> f{acting{expire_after(duration{50}).also_on_read()}};
  f.clock(1000);
  f.act(1, set_value);
  (void)f.checkpoint();
  f.clock(1010);
  f.act(1, read_value);
  CHECK(f.checkpoint() == written{1, 0});
}

TEST_CASE("a function may have more states than there are marks") {
  changes_fixture<many_states> f;
  for (std::int64_t i = 0; i < 40; ++i)
    f.act(1, i, 1);
  CHECK(f.checkpoint() == written{40, 0});
  f.act(1, 30, 2);
  CHECK(f.checkpoint() == written{1, 0});
  f.act(1, 39, 0);
  CHECK(f.checkpoint().second == 1);
  for (std::int64_t i = 0; i < 39; ++i)
    f.act(1, i, 0);
  CHECK(f.checkpoint().first == 0);
}

TEST_CASE("of windows a checkpoint writes the keys whose sums have changed") {
  window_changes_fixture f{tumbling(duration{10})};
  f.events(100, 1);
  CHECK(f.checkpoint() == written{100, 0});
  f.events(3, 2);
  f.events(3, 3);
  CHECK(f.checkpoint() == written{3, 0});
  CHECK(f.checkpoint() == written{0, 0});
}

TEST_CASE("a window that opens and fires between two checkpoints leaves no trace") {
  window_changes_fixture f{tumbling(duration{10})};
  (void)f.checkpoint();
  f.events(100, 1);
  f.watermark(9);
  f.events(2, 11);
  CHECK(f.checkpoint() == written{2, 0});
}

TEST_CASE("of a window that has fired nothing is removed key by key when little else is left") {
  window_changes_fixture f{tumbling(duration{10})};
  f.events(100, 1);
  f.events(4, 11);
  (void)f.checkpoint();
  f.watermark(9);
  f.events(1, 12);
  CHECK(f.checkpoint() == written{4, 0}); // in the place of all there was
  CHECK(f.checkpoint() == written{0, 0});
}

TEST_CASE("of a slice that is dropped the keys are removed that were saved, when much else is left") {
  window_changes_fixture f{sliding(duration{100}, duration{10})};
  for (std::int64_t t = 0; t < 10; ++t)
    f.events(20, 10 * t);
  f.watermark(89);
  (void)f.checkpoint();
  f.events(25, 5); // five of them are new
  f.watermark(99);
  CHECK(f.checkpoint() == written{0, 20});
}
