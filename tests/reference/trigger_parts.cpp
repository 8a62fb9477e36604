#include <leat/tests/reference/parts.hpp>
#include <leat/tests/reference/remembering.hpp>
#include <leat/tests/reference/trigger_models.hpp>

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

} // namespace

both triggered(pipeline_builder& b, const both& from) {
  if (!from.in_order())
    return windowed(b, from);
  auto kind = any_windows(b);
  kind.lateness = b.lateness(true);
  const auto windows = by_key(from).window(spec_of(kind)).allowed_lateness(duration{kind.lateness});
  const bool remembers = b.coin();
  const bool aside = b.coin();
  const auto made = [&](const auto& trigger, trigger_kind as) {
    const auto fired = windows.trigger(trigger);
    if (remembers) {
      auto& model = b.add<triggered_window_model>({from}, kind, as, evictor_kind{}, remembered(ordered_digest, aside));
      const auto rows = fired.template process<fact>(remembering{});
      return b.behind({from}, with_behind_time(rows, aside), model, "trigger of a function with state");
    }
    auto& model = b.add<triggered_window_model>({from}, kind, as, evictor_kind{});
    return b.behind({from}, fired.template process<fact>(list_digest{}), model, "trigger");
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

} // namespace leat::reference
