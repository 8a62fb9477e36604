#include <leat/tests/reference/parts.hpp>
#include <leat/tests/reference/trigger_models.hpp>
#include <leat/tests/reference/window_functions.hpp>

namespace leat::reference {

namespace {

/// A trigger as a user may write one.
struct special_trigger : event_time_trigger {
  trigger_result on_record(state& s, timestamp time, trigger_context& c) const {
    const auto result = event_time_trigger::on_record(s, time, c);
    return to_millis(time) % 3 == 0 ? trigger_result::fire : result;
  }
  trigger_result on_event_time(state& s, timestamp when, trigger_context& c) const {
    return event_time_trigger::on_event_time(s, when, c) == trigger_result::fire ? trigger_result::fire_and_purge
                                                                                 : trigger_result::go_on;
  }
};

/// An evictor as a user may write one.
struct even_evictor {
  void evict(std::vector<timed_record<fact>>& records) const {
    std::erase_if(records, [](const timed_record<fact>& r) { return r.record.value % 2 != 0; });
  }
};

window_kind any_windows(pipeline_builder& b) {
  window_kind kind{.size = 5 + b.below(20), .slide = 3 + b.below(12), .offset = b.below(5)};
  kind.lateness = b.lateness(true);
  return kind;
}

auto windows_of(const both& from, const window_kind& kind) {
  return by_key(from)
    .window(sliding(duration{kind.size}, duration{kind.slide}, duration{kind.offset}))
    .allowed_lateness(duration{kind.lateness});
}

stream<fact> lists_of(const auto& windows) { return windows.template process<fact>(list_digest{}); }

} // namespace

both triggered(pipeline_builder& b, const both& from) {
  if (!from.in_order())
    return windowed(b, from);
  const auto kind = any_windows(b);
  const auto windows = windows_of(from, kind);
  const auto made = [&](const auto& trigger, trigger_kind as) {
    auto& model = b.add<triggered_window_model>({from}, kind, as, evictor_kind{});
    return b.behind({from}, lists_of(windows.trigger(trigger)), model, "trigger");
  };
  using when = enum trigger_kind::when;
  const auto n = 1 + b.below(8);
  switch (b.below(5)) {
  case 0:
    return made(every_count(n), {when::count, n, false});
  case 1:
    return made(purging(every_count(n)), {when::count, n, true});
  case 2:
    return made(every(duration{n}), {when::every, n, false});
  case 3:
    return made(purging(every(duration{n})), {when::every, n, true});
  default:
    return made(special_trigger{}, {when::special});
  }
}

both evicting(pipeline_builder& b, const both& from) {
  if (!from.in_order())
    return windowed(b, from);
  const auto kind = any_windows(b);
  const auto windows = windows_of(from, kind);
  const auto count = b.below(2) * (1 + b.below(4));
  const auto made = [&](const auto& evictor, evictor_kind as) {
    using when = enum trigger_kind::when;
    auto& model =
      b.add<triggered_window_model>({from}, kind, count == 0 ? trigger_kind{} : trigger_kind{when::count, count}, as);
    const auto evicted = windows.evict(evictor);
    return b.behind({from}, count == 0 ? lists_of(evicted) : lists_of(evicted.trigger(every_count(count))), model, "evict");
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
  auto& model = b.add<count_model>({from}, count, slide == 0 ? count : slide);
  auto made = b.behind(
    {from}, slide == 0 ? lists_of(by_key(from).count_window(count)) : lists_of(by_key(from).count_window(count, slide)),
    model, slide == 0 ? "count" : "sliding count");
  made.order = record_order::of_keys;
  return made;
}

} // namespace leat::reference
