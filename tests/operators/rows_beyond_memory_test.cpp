// Steps whose rows do not fit into memory, beside the same steps with all of them in memory.

#include <leat/operators/state/list_state.hpp>
#include <leat/operators/state/map_state.hpp>
#include <leat/operators/state/value_state.hpp>
#include <leat/tests/support/steps/keyed_fixture.hpp>
#include <leat/tests/support/steps/stored_changes.hpp>

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include <deque>
#include <memory>
#include <random>

using namespace leat;
using namespace leat::testing;

namespace {

/// The entries that are stored, as of the last `refresh`.
class shown_entries final : public stored_entries {
public:
  explicit shown_entries(const stored_changes& stored) : stored_{stored}, shown_{stored} {}

  std::optional<std::string_view> find(std::string_view state, std::uint64_t, std::string_view key) override {
    ++looks;
    open = true;
    const auto* const found = shown_.find(state, key);
    return found ? std::optional<std::string_view>{*found} : std::nullopt;
  }
  void refresh() override {
    shown_ = stored_;
    open = true;
  }
  void close() override { open = false; }

  int looks = 0;
  bool open = false;

private:
  const stored_changes& stored_;
  stored_changes shown_;
};

/// Says what it finds of an event's key, and then does to it what the event's value asks for.
struct telling {
  explicit telling(state_ttl ttl) : value{ttl}, named{ttl} {}

  value_state<std::int64_t> value;
  map_state<std::int64_t, std::string> named;
  list_state<std::int64_t> list;

  void open(state_registry& r) {
    r.add("value", value);
    r.add("named", named);
    r.add("list", list);
  }
  void process(const event& e, keyed_context<std::int64_t>& c, collector<std::string>& out) {
    const auto* const v = value.get();
    const auto* const n = named.get(1);
    std::int64_t sum = 0;
    for (const auto i : list.values())
      sum += i;
    out.push(fmt::format("{}: {} {} {}", e.key, v ? *v : -1, n ? *n : "nothing", sum));
    switch (e.value % 6) {
    case 0:
      return value.set(e.time);
    case 1:
      return named.set(1, std::to_string(e.time));
    case 2:
      return list.add(e.time);
    case 3:
      return value.clear();
    case 4:
      return named.erase(1), list.clear();
    default:
      return c.set_timer(from_millis(e.time + 50));
    }
  }
  void on_timer(timestamp, keyed_context<std::int64_t>& c, collector<std::string>& out) {
    out.push(fmt::format("{} rings at {}", c.key(), value.get() ? *value.get() : -1));
    named.erase(1);
  }
};

/// One step and the checkpoints that are taken of it, which are stored some time later.
class checkpointed_step {
public:
  checkpointed_step(state_ttl ttl, std::size_t memory) : ttl_{ttl}, memory_{memory} { begin(); }

  /// The process begins again, from what is stored; at the time `millis`.
  void begin_again(std::int64_t millis) {
    taken_.clear();
    now_ = millis;
    begin();
    auto all = stored_.all();
    all.load_into([&](const state_entry& e) {
      if (e.owner != state_owner::key || !f->steps.last().leave_stored(e))
        f->steps.last().load(e);
    });
  }

  void give(const event& e) {
    auto in = batch<event>::fresh();
    in->push(e, from_millis(e.time), key_hash(e.key));
    f->give(std::move(in));
  }
  void take() {
    auto next = taken_.empty() ? stored_ : taken_.back().second;
    next.take(f->steps.last());
    taken_.emplace_back(++count_, std::move(next));
  }
  void store() {
    if (taken_.empty())
      return;
    stored_ = std::move(taken_.front().second);
    const auto count = taken_.front().first;
    taken_.pop_front();
    f->steps.last().on_stored(count);
  }
  void clock(std::int64_t millis) {
    now_ = millis;
    f->steps.clock().advance_to(from_millis(millis));
    if (f->steps.next_processing_time() <= f->steps.clock().now())
      f->steps.on_processing_time();
  }
  story said() { return std::exchange(f->out.told, {}); }
  [[nodiscard]] const stored_changes& stored() const { return stored_; }

  std::unique_ptr<step_fixture<std::string>> f;
  std::shared_ptr<shown_entries> shown;

private:
  void begin() {
    count_ = 0;
    f = std::make_unique<step_fixture<std::string>>();
    f->snapshots = true;
    f->steps.clock().advance_to(from_millis(now_));
    shown = std::make_shared<shown_entries>(stored_);
    f->add("step", [&](step_context c) {
      if (memory_ != 0) {
        c.stored = shown;
        c.memory = memory_;
      }
      return std::make_unique<keyed_process_step<event, std::int64_t, std::int64_t event::*, std::string, telling>>(
        std::move(c), &event::key, telling{ttl_});
    });
  }

  const state_ttl ttl_;
  const std::size_t memory_;
  stored_changes stored_;
  std::deque<std::pair<std::uint32_t, stored_changes>> taken_; // with how many there were
  std::uint32_t count_ = 0;
  std::int64_t now_ = 0;
};

struct twins {
  explicit twins(state_ttl ttl) : all{ttl, 0}, little{ttl, 2'000} {}

  template <class What>
  void both(What what) {
    what(all), what(little);
  }

  checkpointed_step all, little;
};

} // namespace

TEST_CASE("a step with little memory says and saves what one with all of its rows in memory does") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    twins t{seed % 2 == 0 ? state_ttl{} : expire_after(300ms)};
    for (std::int64_t now = 1; now <= 1'500; ++now) {
      const event e{
        static_cast<std::int64_t>(random() % (1 + random() % 200)), static_cast<std::int64_t>(random() % 6), now};
      t.both([&](auto& s) { s.give(e); });
      const auto what = random() % 100;
      if (what < 6)
        t.both([](auto& s) { s.take(); });
      else if (what < 12)
        t.both([](auto& s) { s.store(); });
      else if (what < 16)
        t.both([&](auto& s) { s.f->give(testing::watermark(now)); });
      else if (what < 22)
        t.both([&](auto& s) { s.clock(now); });
      else if (what == 99)
        t.both([&](auto& s) { s.begin_again(now), s.clock(now); });
      REQUIRE(t.all.said() == t.little.said());
      REQUIRE(t.all.stored().all() == t.little.stored().all());
    }
    CHECK(t.little.shown->looks > 0);
  }
}

TEST_CASE("rows that were not used for long are put out of memory when they are stored, and read when their key comes") {
  checkpointed_step s{{}, 2'000};
  for (std::int64_t key = 0; key < 100; ++key)
    s.give({key, 0, 7});
  CHECK(s.f->registry.sum("state_entries", "step") == 0); // not shown before a signal
  s.take();
  s.f->give(testing::watermark(1));
  CHECK(s.f->registry.sum("state_entries", "step") == 100);
  CHECK(s.shown->looks == 0);
  s.store();
  s.f->give(testing::watermark(2));
  CHECK(s.f->registry.sum("state_entries", "step") < 20);
  s.said();
  s.give({0, 2, 8});
  CHECK(s.said() == story{"0: 7 nothing 0@8"});
  CHECK(s.shown->looks > 0);
}

TEST_CASE("after a restart a row is read when its key comes, and nothing before") {
  checkpointed_step s{{}, 1'000'000};
  for (std::int64_t key = 0; key < 100; ++key)
    s.give({key, 0, 7});
  s.take();
  s.store();
  s.begin_again(0);
  s.f->give(testing::watermark(1));
  CHECK(s.f->registry.sum("state_entries", "step") == 0);
  s.give({50, 2, 8});
  CHECK(s.said() == story{"watermark 1", "50: 7 nothing 0@8"});
}

TEST_CASE("a step keeps nothing open when a checkpoint has come to nothing, or the stream has ended, and looks again") {
  checkpointed_step s{{}, 10'000};
  s.give({1, 0, 10});
  s.take();
  s.store();
  s.begin_again(0);
  s.give({1, 5, 20});
  CHECK(s.said() == story{"1: 10 nothing 0@20"});
  CHECK(s.shown->open);
  s.f->steps.last().on_failed();
  CHECK_FALSE(s.shown->open);
  s.give({2, 5, 30});
  s.f->give(signal::end());
  CHECK_FALSE(s.shown->open);
}

TEST_CASE("a step is full while what it has changed, or what is being stored of that, takes all its memory") {
  checkpointed_step s{{}, 2'000};
  const auto full = [&] { return s.f->steps.is_full(); };
  const auto rows_until_full = [&](std::int64_t first) {
    auto key = first;
    for (; !full() && key < first + 100; ++key)
      s.give({key, 0, 7});
    return key - first;
  };
  CHECK(rows_until_full(0) < 30); // before anybody knows how large rows are
  s.take();
  CHECK(full());
  s.store();
  CHECK_FALSE(full());

  const auto all = rows_until_full(100);
  CHECK(all > 3);
  s.take(), s.store();
  for (std::int64_t key = 200; key < 202; ++key)
    s.give({key, 0, 7});
  s.take(); // and is being stored
  CHECK(rows_until_full(300) == all - 2);
  s.store();
  CHECK_FALSE(full());
}
