#include <leat/tests/support/steps/conformance.hpp>

#include <leat/operators/aggregation.hpp>
#include <leat/operators/broadcast_process.hpp>
#include <leat/operators/keyed_co_process.hpp>
#include <leat/operators/keyed_process.hpp>
#include <leat/operators/running_aggregate.hpp>
#include <leat/operators/state/aggregating_state.hpp>
#include <leat/operators/state/list_state.hpp>
#include <leat/operators/state/map_state.hpp>
#include <leat/operators/state/value_state.hpp>
#include <leat/tests/operators/odd_aside.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

using context = keyed_context<std::int64_t>;
using texts = collector<std::string>;
using key_of = std::int64_t event::*;

template <class Function>
auto keyed(Function function) {
  return [function](step_context c) {
    return std::make_unique<keyed_process_step<event, std::int64_t, key_of, std::string, Function>>(
      std::move(c), &event::key, function);
  };
}

struct greater {
  std::int64_t operator()(std::int64_t a, std::int64_t b) const { return std::max(a, b); }
};

/// Says all that its states hold with every record; every seventh value clears them.
struct every_state {
  explicit every_state(state_ttl ttl)
    : value{ttl}, list{ttl}, map{ttl}, largest{greater{}, ttl}, total{sum(&event::value), ttl} {}

  value_state<std::int64_t> value;
  list_state<std::int64_t> list;
  map_state<std::int64_t, std::string> map;
  reducing_state<std::int64_t, greater> largest;
  aggregating_state<event, sum_aggregate<std::int64_t event::*>> total;

  void open(state_registry& r) {
    r.add("value", value);
    r.add("list", list);
    r.add("map", map);
    r.add("largest", largest);
    r.add("total", total);
  }

  void process(const event& e, context&, texts& out) {
    out.push(said());
    if (e.value % 7 == 0)
      return clear();
    value.set(e.value);
    list.add(e.value);
    map.set(e.value % 5, std::to_string(e.value));
    largest.add(e.value);
    total.add(e);
  }

private:
  void clear() {
    value.clear();
    list.clear();
    map.clear();
    largest.clear();
    total.clear();
  }

  std::string said() const {
    std::string text = value.get() ? std::to_string(*value.get()) : "-";
    for (const auto v : list.values())
      text += ' ' + std::to_string(v);
    std::vector<std::string> entries;
    map.for_each([&](std::int64_t k, const std::string& v) { entries.push_back(std::to_string(k) + '=' + v); });
    std::sort(entries.begin(), entries.end());
    for (const auto& e : entries)
      text += ' ' + e;
    if (const auto* const most = largest.get())
      text += " largest " + std::to_string(*most);
    if (const auto all = total.get())
      text += " total " + std::to_string(*all);
    return text;
  }
};

/// Sets timers of both kinds, deletes some, and counts how often it has rung.
struct many_timers {
  value_state<std::int64_t> rung;

  void open(state_registry& r) { r.add("rung", rung); }
  void process(const event& e, context& c, texts& out) {
    out.push(std::to_string(e.key) + " gets " + std::to_string(e.value));
    if (e.value % 3 == 0)
      c.set_timer(c.time() + duration{e.value});
    else if (e.value % 3 == 1)
      c.set_processing_timer(c.processing_time() + duration{e.value});
    else
      c.delete_timer(c.time() + duration{e.value + 1});
    if (e.value % 11 == 0)
      c.hold_commits_until(c.time() + 50ms);
  }
  void on_timer(timestamp when, context& c, texts& out) {
    out.push(
      std::to_string(c.key()) + (c.domain() == time_domain::event ? " rings " : " strikes ") +
      std::to_string(++rung.edit()));
    if (rung.edit() % 4 == 0 && c.domain() == time_domain::event)
      c.set_timer(when + 3ms);
  }
};

/// The second stream says by how much the values of the first are raised.
struct raised {
  value_state<std::int64_t> by;

  void open(state_registry& r) { r.add("by", by); }
  void process_first(const event& e, context&, texts& out) {
    out.push(std::to_string(e.value + (by.get() ? *by.get() : 0)));
  }
  void process_second(const event& e, context& c, texts&) {
    by.set(e.value);
    c.set_timer(c.time() + 10ms);
  }
  void on_timer(timestamp, context&, texts& out) {
    out.push("no more " + std::to_string(*by.get()));
    by.set(0);
  }
};

/// The broadcast stream says what each value is called.
template <class Context>
struct renamed {
  broadcast_state<std::int64_t, std::string> names;

  template <class Registry>
  void open(Registry& r) {
    r.add("names", names);
  }
  void process(const event& e, Context&, texts& out) {
    const auto* const name = names.get(e.value % 10);
    out.push(name ? *name : std::to_string(e.value));
  }
  void process_broadcast(const event& e, texts& out) {
    if (e.value % 13 == 0)
      names.erase(e.key);
    else
      names.set(e.key, "name " + std::to_string(e.value));
    out.push(std::to_string(names.size()) + " names");
  }
};

struct totals {
  std::int64_t key, records, sum;
  double mean;

  friend std::string to_text(const totals& t) {
    return std::to_string(t.key) + ": " + std::to_string(t.records) + ' ' + std::to_string(t.sum) + ' ' +
           std::to_string(t.mean);
  }
};
BOOST_DESCRIBE_STRUCT(totals, (), (key, records, sum, mean))

} // namespace

TEST_CASE("conformance: states of every kind") { check_conformance<std::string>(keyed(every_state{state_ttl{}})); }

TEST_CASE("conformance: states that expire after they were written, or read") {
  check_conformance<std::string>(keyed(every_state{expire_after(40ms)}));
  check_conformance<std::string>(keyed(every_state{expire_after(40ms).also_on_read()}));
}

TEST_CASE("conformance: side outputs") {
  check_conformance<std::string>(
    [](step_context c) {
      c.side_outputs = {{odd.name, &typeid(std::string)}};
      return keyed(odd_aside{})(std::move(c));
    },
    {.side_outputs = 1, .same = in_any_order});
}

TEST_CASE("conformance: timers") { check_conformance<std::string>(keyed(many_timers{}), {.same = without_settling}); }

TEST_CASE("conformance: running aggregates") {
  using aggregation = columns_aggregation<
    event, std::int64_t, totals, key_tag, count_aggregate, sum_aggregate<key_of>, avg_aggregate<key_of>>;
  using function = running_aggregate<event, std::int64_t, aggregation>;
  check_conformance<totals>([](step_context c) {
    return std::make_unique<keyed_process_step<event, std::int64_t, key_of, totals, function>>(
      std::move(c), &event::key, function{aggregation{key, count, sum(&event::value), avg(&event::value)}});
  });
}

TEST_CASE("conformance: running reduces") {
  const auto least = [](const event& a, const event& b) { return b.value < a.value ? b : a; };
  using aggregation = reduce_aggregation<event, std::int64_t, decltype(least)>;
  using function = running_aggregate<event, std::int64_t, aggregation>;
  check_conformance<event>([=](step_context c) {
    return std::make_unique<keyed_process_step<event, std::int64_t, key_of, event, function>>(
      std::move(c), &event::key, function{aggregation{least}});
  });
}

TEST_CASE("conformance: connected streams") {
  check_conformance<std::string>(
    [](step_context c) {
      return std::make_unique<keyed_co_process_step<event, event, std::int64_t, key_of, key_of, std::string, raised>>(
        std::move(c), &event::key, &event::key, raised{});
    },
    {.inputs = 2});
}

TEST_CASE("conformance: broadcast state, with keys and without") {
  check_conformance<std::string>(
    [](step_context c) {
      return std::make_unique<keyed_broadcast_step<event, event, std::int64_t, key_of, std::string, renamed<context>>>(
        std::move(c), &event::key, renamed<context>{});
    },
    {.inputs = 2});
  check_conformance<std::string>(
    [](step_context c) {
      return std::make_unique<broadcast_step<event, event, std::string, renamed<process_context>>>(
        std::move(c), renamed<process_context>{});
    },
    {.inputs = 2});
}
