#include <leat/operators/state/aggregating_state.hpp>
#include <leat/operators/state/list_state.hpp>
#include <leat/operators/state/map_state.hpp>
#include <leat/tests/reference/functions.hpp>
#include <leat/tests/reference/parts.hpp>
#include <leat/tests/reference/state_models.hpp>

namespace leat::reference {

namespace {

/// All values of a key so far.
struct running_digest {
  value_state<values> all;

  void open(state_registry& r) { r.add("all", all); }
  void process(const fact& f, keyed_context<std::int64_t>&, collector<fact>& out) {
    all.edit().push_back(f.value);
    out.push(fact{f.key, ordered_digest(*all.get())});
  }
};

/// What each kind of state does with a value, and what it then holds.
struct kept_value {
  value_state<std::int64_t> state;
  void write(const fact& f) { state.set(f.value); }
  [[nodiscard]] std::int64_t held() const { return ordered_digest(state.get() ? values{*state.get()} : values{}); }
};
struct kept_list {
  list_state<std::int64_t> state;
  void write(const fact& f) { state.add(f.value); }
  [[nodiscard]] std::int64_t held() const {
    const auto all = state.values();
    return ordered_digest({all.begin(), all.end()});
  }
};
struct kept_map {
  map_state<std::int64_t, std::int64_t> state;
  void write(const fact& f) { state.set(f.value % 3, f.value); }
  [[nodiscard]] std::int64_t held() const {
    values all;
    state.for_each([&all](std::int64_t, std::int64_t v) { all.push_back(v); });
    return digest(all);
  }
};
struct kept_reduction {
  reducing_state<std::int64_t, std::int64_t (*)(std::int64_t, std::int64_t)> state;
  void write(const fact& f) { state.add(f.value); }
  [[nodiscard]] std::int64_t held() const { return ordered_digest(state.get() ? values{*state.get()} : values{}); }
};
struct kept_sum {
  using sum_of_values = decltype(sum(&fact::value));
  aggregating_state<fact, sum_of_values> state;
  void write(const fact& f) { state.add(f); }
  [[nodiscard]] std::int64_t held() const {
    const auto sum = state.get();
    return ordered_digest(sum ? values{*sum} : values{});
  }
};

template <class Kept>
struct keeping {
  Kept kept;

  void open(state_registry& r) { r.add("kept", kept.state); }
  void process(const fact& f, keyed_context<std::int64_t>&, collector<fact>& out) {
    if (use_of(f.value) == use::write)
      kept.write(f);
    else if (use_of(f.value) == use::clear)
      kept.state.clear();
    out.push(fact{f.key, kept.held()});
  }
};

state_ttl ttl_of(const state_kind& kind) {
  if (kind.ttl == end_of_time)
    return {};
  return kind.on_read ? expire_after(duration{kind.ttl}).also_on_read() : expire_after(duration{kind.ttl});
}

stream<fact> keeping_real(const both& from, const state_kind& kind) {
  using is = enum state_kind::is;
  const auto by = by_key(from);
  const auto ttl = ttl_of(kind);
  switch (kind.is) {
  case is::value:
    return by.process<fact>(keeping<kept_value>{{value_state<std::int64_t>{ttl}}});
  case is::list:
    return by.process<fact>(keeping<kept_list>{{list_state<std::int64_t>{ttl}}});
  case is::map:
    return by.process<fact>(keeping<kept_map>{{map_state<std::int64_t, std::int64_t>{ttl}}});
  case is::reducing:
    return by.process<fact>(keeping<kept_reduction>{{decltype(kept_reduction::state){folded, ttl}}});
  default:
    return by.process<fact>(keeping<kept_sum>{{decltype(kept_sum::state){sum(&fact::value), ttl}}});
  }
}

/// With timers by event time, or by processing time.
struct delayed_count {
  std::int64_t delay;
  bool deletes;
  bool by_the_clock;
  value_state<std::int64_t> count{};

  void open(state_registry& r) { r.add("count", count); }
  void process(const fact& f, keyed_context<std::int64_t>& c, collector<fact>&) {
    ++count.edit();
    const bool deletes_timer = deletes && f.value % 4 == 3;
    if (by_the_clock) {
      const auto when = c.processing_time() + duration{delay};
      deletes_timer ? c.delete_processing_timer(when) : c.set_processing_timer(when);
    } else {
      const auto when = c.time() + duration{delay};
      deletes_timer ? c.delete_timer(when) : c.set_timer(when);
    }
  }
  void on_timer(timestamp, keyed_context<std::int64_t>& c, collector<fact>& out) { out.push(fact{c.key(), *count.get()}); }
};

} // namespace

both running(pipeline_builder& b, const both& from) {
  if (!from.in_order())
    return windowed(b, from);
  const auto made = [&](const stream<fact>& real, std::int64_t (*function)(const values&), const char* name) {
    auto& model = b.add<running_model>({from}, function);
    auto rows = b.behind({from}, real, model, name);
    rows.order = record_order::of_keys;
    return rows;
  };
  const auto by = by_key(from);
  switch (b.below(3)) {
  case 0:
    return made(by.process<fact>(running_digest{}), ordered_digest, "running process");
  case 1:
    return made(
      by.reduce(fold_of), [](const values& all) { return reduced(all, folded); }, "running reduce");
  default:
    return made(
      by.aggregate<summary>(key, count, sum(&fact::value), max(&fact::value)).map(fact_of), digest, "running aggregate");
  }
}

both keeping_state(pipeline_builder& b, const both& from) {
  if (!from.in_order())
    return windowed(b, from);
  const char* const names[] = {"value state", "list state", "map state", "reducing state", "aggregating state"};
  const auto which = b.below(std::size(names));
  state_kind kind{static_cast<enum state_kind::is>(which)};
  if (const auto ttl = b.below(12); ttl != 0)
    kind = {kind.is, 4 * ttl, b.coin()};
  auto& model = b.add<state_model>({from}, kind, b.clock());
  auto made = b.behind({from}, keeping_real(from, kind), model, names[which]);
  made.order = record_order::of_keys;
  return made;
}

both timers(pipeline_builder& b, const both& from) {
  const auto delay = b.below(20);
  const bool deletes = from.in_order();
  auto& model = b.add<timer_model>({from}, delay, deletes);
  return b.behind({from}, by_key(from).process<fact>(delayed_count{delay, deletes, false}), model, "timers");
}

both processing_timers(pipeline_builder& b, const both& from) {
  if (from.timed)
    return timers(b, from);
  const auto delay = 2 * b.below(10) + 1;
  const bool deletes = from.in_order();
  auto& model = b.add<timer_model>({from}, delay, deletes, &b.clock());
  auto made = b.behind({from}, by_key(from).process<fact>(delayed_count{delay, deletes, true}), model, "processing timers");
  made.timed = true;
  return made;
}

} // namespace leat::reference
