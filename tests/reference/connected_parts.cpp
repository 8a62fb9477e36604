#include <leat/operators/state/broadcast_state.hpp>
#include <leat/operators/state/list_state.hpp>
#include <leat/tests/reference/join_models.hpp>
#include <leat/tests/reference/parts.hpp>

namespace leat::reference {

namespace {

/// See `co_process_model`.
struct waiting_for_second {
  std::int64_t delay;
  list_state<std::int64_t> waiting{};
  using context = keyed_context<std::int64_t>;

  void open(state_registry& r) { r.add("waiting", waiting); }
  void process_first(const fact& f, context& c, collector<fact>&) {
    waiting.add(f.value);
    c.set_timer(c.time() + duration{delay});
  }
  void process_second(const fact& f, context& c, collector<fact>& out) {
    out.push(fact{f.key, joined(all(), f.value)});
    c.delete_timer(c.time() + duration{delay});
    if (f.value % 2 != 0)
      waiting.clear();
  }
  void on_timer(timestamp, context& c, collector<fact>& out) { out.push(fact{c.key(), all()}); }

private:
  [[nodiscard]] std::int64_t all() const {
    const auto held = waiting.values();
    return ordered_digest({held.begin(), held.end()});
  }
};

const side_output<fact> copies{"copies"};

values of_first(std::int64_t value) { return {small(value * 5 + 1)}; }
values of_second(std::int64_t value) { return {small(value * 11 + 2)}; }
values copies_of(std::int64_t value) { return values(static_cast<std::size_t>(value % 3), small(value + 3)); }

/// A record of the first stream once, those of the second to a side output, some of them several times.
struct two_ways {
  void process_first(const fact& f, process_context&, collector<fact>& out) {
    for (const auto v : of_first(f.value))
      out.push(fact{f.key, v});
  }
  void process_second(const fact& f, process_context& c, collector<fact>&) {
    for (const auto v : copies_of(f.value))
      c.emit(copies, fact{f.key, v});
  }
};

/// See `broadcast_model`. With keys and without.
struct rule_of_key {
  broadcast_state<std::int64_t, std::int64_t> rules;

  void open(broadcast_registry& r) { r.add("rules", rules); }
  void open(state_registry& r) { r.add("rules", rules); }
  template <class Context>
  void process(const fact& f, Context&, collector<fact>& out) {
    const auto* const rule = rules.get(f.key);
    out.push(
      fact{f.key, joined(f.value, rule ? std::optional{*rule} : std::nullopt) + static_cast<std::int64_t>(rules.size())});
  }
  void process_broadcast(const fact& f, collector<fact>&) {
    if (f.value % 17 == 16)
      rules.clear();
    else if (f.value % 5 == 4)
      rules.erase(f.key);
    else
      rules.set(f.key, f.value);
  }
};

} // namespace

both co_processed(pipeline_builder& b, const both& first, const both& second) {
  if (!in_order(first, second))
    return window_joined(b, first, second);
  const auto delay = b.below(20);
  auto& model = b.add<co_process_model>({first, second}, delay);
  return b.behind(
    {first, second}, by_key(first).connect(by_key(second)).process<fact>(waiting_for_second{delay}), model, "co-process");
}

both plainly_connected(pipeline_builder& b, const both& first, const both& second) {
  const auto connected = first.real.connect(second.real);
  if (b.coin()) {
    const auto mapped_by = [](values (*function)(std::int64_t)) {
      return [function](const fact& f) { return fact{f.key, function(f.value).front()}; };
    };
    auto& model = b.add<plain_co_process_model>({first, second}, of_first, of_second);
    return b.behind({first, second}, connected.map(mapped_by(of_first), mapped_by(of_second)), model, "co-map");
  }
  const auto rows = connected.process<fact>(two_ways{});
  auto& model = b.add<plain_co_process_model>({first, second}, of_first, copies_of);
  return b.behind({first, second}, rows.merge(rows.side_output(copies)), model, "plain co-process");
}

/// Rules of one key end those of others: so they need an order among all keys.
both with_broadcast(pipeline_builder& b, const both& first, const both& second) {
  if (!in_order(first, second) || second.order != record_order::of_all)
    return window_joined(b, first, second);
  const bool keyed = b.coin();
  const auto real = keyed ? by_key(first).with_broadcast(second.real).process<fact>(rule_of_key{})
                          : first.real.with_broadcast(second.real).process<fact>(rule_of_key{});
  auto& model = b.add<broadcast_model>({first, second});
  auto made = b.behind({first, second}, real, model, keyed ? "keyed broadcast" : "broadcast");
  made.order = keyed ? record_order::of_keys : first.order;
  return made;
}

} // namespace leat::reference
