#include <leat/tests/reference/arithmetic.hpp>
#include <leat/tests/reference/parts.hpp>

namespace leat::reference {

namespace {

bool is_even(const fact& f) { return f.value % 2 == 0; }
bool is_third(const fact& f) { return f.value % 3 == 0; }
fact marked(const fact& f) { return {f.key, folded(f.value, 3)}; }

/// Completes its calls when it is told to.
struct client {
  std::shared_ptr<pending_calls> calls;

  void operator()(const fact& f, async_result<fact> result) const {
    calls->push_back([rows = answer(f), result = std::move(result)] { result.complete(rows); });
  }
  static std::vector<fact> answer(const fact& f) {
    return std::vector<fact>(static_cast<std::size_t>(f.value % 3), fact{f.key, small(f.value * 7 + 1)});
  }
};

} // namespace

both mapped(pipeline_builder& b, const both& from) {
  const auto keys = 1 + b.below(3);
  const auto f = [keys](const fact& x) { return fact{x.value % keys, small(x.value * 3 + x.key)}; };
  auto made = b.stateless(
    from, from.real.map(f), [f](const fact& x) { return std::vector{f(x)}; }, "map");
  if (made.order == record_order::of_keys) // records of several keys get one
    made.order = record_order::none;
  return made;
}

both copied(pipeline_builder& b, const both& from) {
  const auto f = [](const fact& x) {
    return std::vector<fact>(static_cast<std::size_t>(x.value % 3), fact{x.key, small(x.value + 1)});
  };
  const auto real = from.real.flat_map<fact>([f](const fact& x, collector<fact>& out) {
    for (const auto& copy : f(x))
      out.push(copy);
  });
  return b.stateless(from, real, f, "copy");
}

/// One of the branches, or all of them.
both split(pipeline_builder& b, const both& from) {
  const auto which = b.below(4);
  const auto branches = from.real.split(is_even, is_third);
  const auto branch_of = [](const fact& f) { return is_even(f) ? 0 : is_third(f) ? 1 : 2; };
  if (which < 3)
    return b.stateless(
      from, branches[which], [=](const fact& f) { return branch_of(f) == which ? std::vector{f} : std::vector<fact>{}; },
      "split");
  auto made = b.stateless(
    from, branches[0].merge(branches[1].map(marked), branches[2]),
    [=](const fact& f) { return std::vector{branch_of(f) == 1 ? marked(f) : f}; }, "split and merge");
  made.order = record_order::none;
  made.merged = true;
  return made;
}

/// What the function emits to two side outputs, or to its main output and one of them.
both side_outputs(pipeline_builder& b, const both& from) {
  const side_output<fact> even{"even"};
  const side_output<fact> third{"third"};
  const auto rows = from.real.process<fact>([=](const fact& f, process_context& c, collector<fact>& out) {
    if (is_even(f))
      c.emit(even, f);
    if (is_third(f))
      c.emit(third, marked(f));
    if (!is_even(f) && !is_third(f))
      out.push(fact{f.key, small(f.value + 2)});
  });
  const bool main = b.coin();
  const auto third_rows = rows.side_output(third);
  auto made = b.stateless(
    from, main ? rows.merge(third_rows) : rows.side_output(even).merge(third_rows),
    [main](const fact& f) {
      std::vector<fact> all;
      if (!main && is_even(f))
        all.push_back(f);
      if (is_third(f))
        all.push_back(marked(f));
      if (main && !is_even(f) && !is_third(f))
        all.push_back({f.key, small(f.value + 2)});
      return all;
    },
    "side outputs");
  made.order = record_order::none;
  made.merged = true;
  return made;
}

both rebalanced(pipeline_builder& b, const both& from) {
  auto made = b.worker(
    from, from.real.rebalance().map(marked), [](const fact& f) { return std::vector{marked(f)}; }, "rebalance");
  made.order = record_order::none;
  return made;
}

/// Each actor has the keys with one remainder: so the order of a key's records stays.
both partitioned(pipeline_builder& b, const both& from) {
  const auto by_remainder = [](const fact& f, std::size_t actors) { return static_cast<std::size_t>(f.key) % actors; };
  auto made = b.worker(
    from, from.real.partition_custom(by_remainder).map(marked), [](const fact& f) { return std::vector{marked(f)}; },
    "partition");
  made.order = std::min(made.order, record_order::of_keys);
  return made;
}

/// The calls end one by one, when all that happened has been worked off.
both asynchronous(pipeline_builder& b, const both& from) {
  if (from.timed)
    return copied(b, from);
  const async_options options{.capacity = static_cast<std::size_t>(1 + b.below(4))};
  return b.worker(from, from.real.async<fact>(client{b.calls()}, options), client::answer, "async");
}

both merged(pipeline_builder& to, const both& a, const both& b) {
  auto made = a;
  made.real = a.real.merge(b.real);
  made.model.insert(made.model.end(), b.model.begin(), b.model.end());
  made.channels.insert(made.channels.end(), b.channels.begin(), b.channels.end());
  made.order = in_order(a, b) ? std::min(a.order, b.order) : record_order::none;
  made.sources.insert(b.sources.begin(), b.sources.end());
  made.timed = a.timed || b.timed;
  made.merged = true;
  to.note("merge");
  made.text = "merge(" + a.text + ", " + b.text + ')';
  return made;
}

} // namespace leat::reference
