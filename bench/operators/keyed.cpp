#include <leat/bench/operators/pipeline_table.hpp>

namespace leat::bench::operators {

namespace {

struct running_row {
  std::int64_t key = 0;
  std::int64_t value = 0;
};
BOOST_DESCRIBE_STRUCT(running_row, (), (key, value))

/// Remembers a sum and a timer per key.
struct sum_and_timer {
  value_state<std::int64_t> sum;

  void open(state_registry& r) { r.add("sum", sum); }
  void process(const event& e, keyed_context<std::int64_t>& c, collector<running_row>&) {
    sum.edit() += e.value;
    c.set_timer(from_millis(to_millis(c.time()) / 60'000 * 60'000 + 60'000));
  }
  void on_timer(timestamp, keyed_context<std::int64_t>& c, collector<running_row>& out) {
    if (const auto* const all = sum.get()) // otherwise the timer before has said it: partitions are not read in step
      out.push(running_row{c.key(), *all});
    sum.clear();
  }
};

/// Counts the records of two streams.
struct count_both {
  value_state<std::int64_t> count;

  void open(state_registry& r) { r.add("count", count); }
  void process_first(const event&, keyed_context<std::int64_t>&, collector<running_row>&) { ++count.edit(); }
  void process_second(const event&, keyed_context<std::int64_t>&, collector<running_row>&) { ++count.edit(); }
};

/// Compares records with what was last said to all actors for the same last digit.
struct above_limit {
  broadcast_state<std::int64_t, std::int64_t> limits;

  void open(state_registry& r) { r.add("limits", limits); }
  void process(const event& e, keyed_context<std::int64_t>&, collector<event>& out) {
    if (const auto* const limit = limits.get(e.key % 10); limit && e.value > *limit)
      out.push(e);
  }
  void process_broadcast(const event& e, collector<event>&) { limits.set(e.key % 10, e.value); }
};

} // namespace

void add_keyed(pipeline_table& t) {
  t.add("running aggregate", [](const auto& s) {
    return s.key_by(&event::key).template aggregate<running_row>(key, sum(&event::value));
  });
  t.add("running reduce", [](const auto& s) {
    return s.key_by(&event::key).reduce([](const event& a, const event& b) { return event{a.key, a.value + b.value}; });
  });
  t.add("process with state and timers", [](const auto& s) {
    return s.key_by(&event::key).template process<running_row>(sum_and_timer{});
  });
  t.add_two("co-process", [](const auto& a, const auto& b) {
    return a.key_by(&event::key).connect(b.key_by(&event::key)).template process<running_row>(count_both{});
  });
  t.add_two("broadcast state", [](const auto& a, const auto& b) {
    return a.key_by(&event::key).with_broadcast(b).template process<event>(above_limit{});
  });
  t.add_two("interval join, 10 ms", [](const auto& a, const auto& b) {
    return a.key_by(&event::key).join(b.key_by(&event::key)).between(0ms, 10ms).inner([](const event& x, const event& y) {
      return event{x.key, x.value + y.value};
    });
  });
  const auto with_latest = [](const event& x, const event* y) { return event{x.key, y ? y->value : 0}; };
  t.add_two("lookup", [=](const auto& a, const auto& b) {
    return a.key_by(&event::key).lookup(b.key_by(&event::key)).left(with_latest);
  });
  t.add_two("lookup, latest", [=](const auto& a, const auto& b) {
    return a.key_by(&event::key).lookup_latest(b.key_by(&event::key)).left(with_latest);
  });
}

} // namespace leat::bench::operators
