#include <leat/tests/reference/functions.hpp>
#include <leat/tests/reference/join_models.hpp>
#include <leat/tests/reference/parts.hpp>

namespace leat::reference {

both interval_joined(pipeline_builder& b, const both& first, const both& second) {
  const auto lower = b.below(25) - 15;
  const auto upper = lower + b.below(20);
  const bool left = b.coin();
  const auto close = by_key(first).join(by_key(second)).between(duration{lower}, duration{upper});
  const auto real = left ? close.left(join_facts{}) : close.inner(join_facts{});
  auto& model = b.add<interval_join_model>({first, second}, lower, upper, left);
  return b.behind({first, second}, real, model, left ? "left interval join" : "interval join");
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
