#include <leat/tests/reference/functions.hpp>
#include <leat/tests/reference/parts.hpp>

namespace leat::reference {

namespace {

enum class keeps { pairs, first_too, both_too };

/// What a window join emits: pairs, and what is alone when it is to be kept.
window_function join_of(keeps which) {
  return [which](const window_contents& w) {
    values all;
    for (const auto first : w.first)
      for (const auto second : w.second)
        all.push_back(joined(first, second));
    if (w.second.empty() && which != keeps::pairs)
      for (const auto first : w.first)
        all.push_back(joined(first, std::nullopt));
    if (w.first.empty() && which == keeps::both_too)
      for (const auto second : w.second)
        all.push_back(joined(std::nullopt, second));
    return all;
  };
}

struct group_digest {
  void operator()(
    std::int64_t key, const time_window& w, std::span<const timed_record<fact>> first,
    std::span<const timed_record<fact>> second, collector<fact>& out) const {
    out.push(fact{key, joined(digest(values_of(first)), digest(values_of(second)))});
    out.push(fact{key, to_millis(w.start) + 1'000});
  }
};

values digest_of_group(const window_contents& w) { return {joined(digest(w.first), digest(w.second)), w.start + 1'000}; }

} // namespace

both window_joined(pipeline_builder& b, const both& first, const both& second) {
  if (too_many_pairs(first, second))
    return merged(b, first, second);
  window_kind kind{.size = 5 + b.below(20), .slide = 3 + b.below(12), .lateness = b.lateness(in_order(first, second))};
  const auto which = static_cast<keeps>(b.below(3));
  const auto windows = by_key(first)
                         .join(by_key(second))
                         .window(sliding(duration{kind.size}, duration{kind.slide}))
                         .allowed_lateness(duration{kind.lateness});
  auto& model = b.add<window_model>({first, second}, kind, join_of(which));
  switch (which) {
  case keeps::pairs:
    return b.behind({first, second}, windows.inner(join_facts{}), model, "window join");
  case keeps::first_too:
    return b.behind({first, second}, windows.left(join_facts{}), model, "left window join");
  default:
    return b.behind({first, second}, windows.full(join_facts{}), model, "full window join");
  }
}

/// In windows side by side, with what is too late for them, or in sessions.
both co_grouped(pipeline_builder& b, const both& first, const both& second) {
  const side_output<fact> late_first{"late first"};
  const side_output<fact> late_second{"late second"};
  const bool ordered = in_order(first, second);
  const auto late = [&](const auto& windows, std::int64_t lateness, bool late_aside) {
    const auto rows = windows.allowed_lateness(duration{lateness})
                        .late_outputs(late_first, late_second)
                        .template co_group<fact>(group_digest{});
    return late_aside ? rows.merge(rows.side_output(late_first), rows.side_output(late_second)) : rows;
  };
  const auto joined_streams = by_key(first).join(by_key(second));
  if (ordered && b.coin()) {
    const session_kind kind{2 + b.below(15), b.lateness(true), b.coin(), b.below(2) * (1 + b.below(9))};
    auto& model = b.add<session_model>({first, second}, kind, nullptr, digest_of_group);
    const auto in = [&](const auto& windows, const char* name) {
      return b.behind({first, second}, late(joined_streams.window(windows), kind.lateness, kind.late_aside), model, name);
    };
    return kind.patient == 0 ? in(session(duration{kind.gap}), "co-group of sessions")
                             : in(session(gap_of_record(kind)), "co-group of sessions with gaps of the records");
  }
  window_kind kind{.size = 5 + b.below(20), .slide = 0, .lateness = b.lateness(ordered), .late_aside = b.coin()};
  kind.slide = kind.size;
  auto& model = b.add<window_model>({first, second}, kind, digest_of_group);
  return b.behind(
    {first, second}, late(joined_streams.window(tumbling(duration{kind.size})), kind.lateness, kind.late_aside), model,
    "co-group");
}

} // namespace leat::reference
