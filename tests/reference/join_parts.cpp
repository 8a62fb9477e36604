#include <leat/tests/reference/functions.hpp>
#include <leat/tests/reference/join_models.hpp>
#include <leat/tests/reference/parts.hpp>

namespace leat::reference {

namespace {

const side_output<fact> far_apart{"far apart"};
const side_output<fact> late_first{"late first"};
const side_output<fact> late_second{"late second"};

/// Facts of a pair: one of how far apart they are, and one of values unless they meet at once. Those far apart go aside as well.
struct pair_facts {
  void operator()(const fact& first, const fact& second, join_context<std::int64_t>& c, collector<fact>& out) const {
    const auto apart = (c.second_time() - c.first_time()).count();
    out.push(fact{c.key(), 1'000 + apart});
    if (apart != 0)
      out.push(fact{c.key(), joined(first.value, second.value)});
    if (apart > 3)
      c.emit(far_apart, fact{c.key(), 2'000 + apart});
  }

  static values of(const timed_fact& first, const timed_fact& second, bool aside) {
    const auto apart = second.time - first.time;
    values all{1'000 + apart};
    if (apart != 0)
      all.push_back(joined(first.what.value, second.what.value));
    if (aside && apart > 3)
      all.push_back(2'000 + apart);
    return all;
  }
};

} // namespace

both interval_joined(pipeline_builder& b, const both& first, const both& second) {
  if (too_many_pairs(first, second))
    return merged(b, first, second);
  interval_join_kind kind{.lower = b.below(25) - 15};
  kind.upper = kind.lower + b.below(20);
  kind.late_aside = {b.coin(), b.coin()};
  const auto close = by_key(first)
                       .join(by_key(second))
                       .between(duration{kind.lower}, duration{kind.upper})
                       .late_outputs(late_first, late_second);
  const auto with_late = [&](const stream<fact>& rows, stream<fact> all) {
    if (kind.late_aside[0])
      all = all.merge(rows.side_output(late_first));
    return kind.late_aside[1] ? all.merge(rows.side_output(late_second)) : all;
  };
  if (kind.late_aside[0] || kind.late_aside[1])
    b.note("late outputs of an interval join");
  if (b.coin()) {
    const bool aside = b.coin();
    const auto rows = close.process<fact>(pair_facts{});
    auto& model = b.add<interval_join_model>(
      {first, second}, kind, [aside](const timed_fact& f, const timed_fact& s) { return pair_facts::of(f, s, aside); });
    return b.behind(
      {first, second}, with_late(rows, aside ? rows.merge(rows.side_output(far_apart)) : rows), model,
      "interval join process");
  }
  kind.left = b.coin();
  const auto rows = kind.left ? close.left(join_facts{}) : close.inner(join_facts{});
  auto& model = b.add<interval_join_model>({first, second}, kind);
  return b.behind({first, second}, with_late(rows, rows), model, kind.left ? "left interval join" : "interval join");
}

both looked_up(pipeline_builder& b, const both& first, const both& second) {
  if (!second.in_order())
    return window_joined(b, first, second);
  const bool left = b.coin();
  const auto asked = by_key(first).lookup(by_key(second));
  auto& model = b.add<lookup_model>({first, second}, left);
  return b.behind(
    {first, second}, left ? asked.left(join_facts{}) : asked.inner(join_facts{}), model, left ? "left lookup" : "lookup");
}

both looked_up_latest(pipeline_builder& b, const both& first, const both& second) {
  if (!in_order(first, second))
    return window_joined(b, first, second);
  const bool left = b.coin();
  const auto asked = by_key(first).lookup_latest(by_key(second));
  auto& model = b.add<latest_lookup_model>({first, second}, left);
  auto made = b.behind(
    {first, second}, left ? asked.left(join_facts{}) : asked.inner(join_facts{}), model,
    left ? "left lookup of the latest" : "lookup of the latest");
  made.order = record_order::of_keys;
  return made;
}

} // namespace leat::reference
