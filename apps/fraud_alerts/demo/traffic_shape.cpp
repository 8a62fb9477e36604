#include <leat/apps/fraud_alerts/demo/traffic_shape.hpp>

#include <algorithm>
#include <cmath>

namespace leat::fraud {

namespace {

/// A pause of a window's n-th part lets at most n transactions into it.
duration part_of(duration window, double n) {
  return duration{static_cast<std::int64_t>(std::ceil(static_cast<double>(window.count()) / n))};
}

} // namespace

traffic_shape shape_of(const rules& what, std::int64_t events) {
  traffic_shape s;
  s.largest_amount = 500;
  if (what.large_amount.enabled)
    s.largest_amount = std::min(s.largest_amount, what.large_amount.limit / 4);
  if (what.spending.enabled)
    s.largest_amount = std::min(s.largest_amount, what.spending.limit / 12);
  s.pause = 10s;
  if (what.rate.enabled) {
    s.pause = std::max(s.pause, part_of(what.rate.window, std::max(1.0, static_cast<double>(what.rate.limit) / 2)));
    s.quiet = std::max(s.quiet, what.rate.window);
  }
  if (what.spending.enabled) {
    s.pause = std::max(s.pause, part_of(what.spending.window, 12));
    s.quiet = std::max(s.quiet, what.spending.window);
  }
  if (what.country_change.enabled) {
    s.stay = what.country_change.window;
    s.quiet = std::max(s.quiet, what.country_change.window);
  }
  if (what.small_then_large.enabled) {
    s.largest_amount = std::min(s.largest_amount, what.small_then_large.large);
    s.quiet = std::max(s.quiet, what.small_then_large.window);
  }
  s.span = std::max({duration{2h}, 8 * s.quiet, duration{events * 10}}); // at most a hundred transactions a second
  const auto at_once =
    static_cast<double>(events) * static_cast<double>(s.pause.count()) / static_cast<double>(s.span.count());
  s.users = std::max<std::size_t>(5'000, static_cast<std::size_t>(4 * at_once));
  return s;
}

} // namespace leat::fraud
