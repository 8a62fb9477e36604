#include <leat/tests/reference/parts.hpp>
#include <leat/tests/reference/remembering.hpp>
#include <leat/tests/reference/state_models.hpp>
#include <leat/tests/reference/trigger_models.hpp>

#include <algorithm>
#include <optional>

namespace leat::reference {

namespace {

/// An evictor as a user may write one.
struct even_evictor {
  void evict(std::vector<timed_record<fact>>& records) const {
    std::erase_if(records, [](const timed_record<fact>& r) { return r.record.value % 2 != 0; });
  }
};

/// The last `count` values, with every `slide`th.
struct last_ones {
  std::int64_t count;
  std::int64_t slide;

  std::optional<std::int64_t> operator()(const values& all) const {
    const auto size = static_cast<std::int64_t>(all.size());
    if (size % slide != 0)
      return std::nullopt;
    return ordered_digest({all.end() - std::min(size, count), all.end()});
  }
};

stream<fact> lists_of(const auto& windows) { return windows.template process<fact>(list_digest{}); }

} // namespace

both evicting(pipeline_builder& b, const both& from) {
  if (!from.in_order())
    return windowed(b, from);
  auto kind = any_windows(b);
  kind.lateness = b.lateness(true);
  const auto windows = by_key(from).window(spec_of(kind)).allowed_lateness(duration{kind.lateness});
  const auto count = b.below(2) * (1 + b.below(4));
  const bool remembers = b.coin();
  const bool aside = b.coin();
  const auto rows_of = [&](const auto& evicted) {
    return remembers ? with_behind_time(evicted.template process<fact>(remembering{}), aside) : lists_of(evicted);
  };
  const auto function = remembers ? remembered(ordered_digest, aside) : ordered_digest_of_first;
  const auto* const name = remembers ? "evict before a function with state" : "evict";
  const auto made = [&](const auto& evictor, evictor_kind as) {
    using when = enum trigger_kind::when;
    auto& model = b.add<triggered_window_model>(
      {from}, kind, count == 0 ? trigger_kind{} : trigger_kind{when::count, count}, as, function);
    const auto evicted = windows.evict(evictor);
    return b.behind({from}, count == 0 ? rows_of(evicted) : rows_of(evicted.trigger(every_count(count))), model, name);
  };
  using keeps = enum evictor_kind::keeps;
  const auto n = 1 + b.below(5);
  switch (b.below(3)) {
  case 0:
    return made(keep_last(static_cast<std::size_t>(n)), {keeps::last, n});
  case 1:
    return made(keep_last(duration{n}), {keeps::span, n});
  default:
    return made(even_evictor{}, {keeps::even});
  }
}

both counted(pipeline_builder& b, const both& from) {
  if (!from.in_order())
    return windowed(b, from);
  const auto count = 1 + b.below(4);
  const auto slide = b.below(4);
  auto& model = b.add<running_model>({from}, last_ones{count, slide == 0 ? count : slide});
  auto made = b.behind(
    {from}, slide == 0 ? lists_of(by_key(from).count_window(count)) : lists_of(by_key(from).count_window(count, slide)),
    model, slide == 0 ? "count" : "sliding count");
  made.order = record_order::of_keys;
  return made;
}

} // namespace leat::reference
