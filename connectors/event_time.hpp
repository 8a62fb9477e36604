#pragma once

#include <leat/connectors/source.hpp>
#include <leat/messages/watermark_strategy.hpp>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace leat {

/// How far behind the newest record of its partition another may be and still count: `late_by(5s)`.
struct out_of_orderness {
  duration bound{};
};

/// Records are out of order by at most `bound`.
inline out_of_orderness late_by(duration bound) { return {bound}; }

/// The records of each partition come in the order of their times.
inline constexpr out_of_orderness monotonous{};

/// How the watermarks of a source come about: from a known out-of-orderness, or from a strategy of the user's own.
class watermark_rule {
public:
  watermark_rule(out_of_orderness late = monotonous) // NOLINT(google-explicit-constructor): `event_time(t, late_by(5s))`
    : make_{[late] { return std::make_unique<bounded_out_of_orderness>(late.bound); }} {
    if (late.bound < duration::zero())
      mistake_ = "late_by takes a span that is not negative";
  }

  explicit watermark_rule(make_watermark_strategy make) : make_{std::move(make)} {}

  [[nodiscard]] const make_watermark_strategy& make() const noexcept { return make_; }

  /// What is wrong with it, for a person; empty when it can be used.
  [[nodiscard]] const std::string& mistake() const noexcept { return mistake_; }

private:
  make_watermark_strategy make_;
  std::string mistake_;
};

/// Watermarks by a strategy of one's own, of which each partition gets a copy: a class that is a `watermark_strategy`.
template <class Strategy>
watermark_rule watermarks_by(Strategy strategy) {
  static_assert(
    std::is_base_of_v<watermark_strategy, Strategy>,
    "watermarks_by(s): s is of a class derived from leat::watermark_strategy");
  return watermark_rule{make_watermark_strategy{[strategy] { return std::make_unique<Strategy>(strategy); }}};
}

/// Whether a `TimeOf` reads a time from a `T`.
template <class T, class TimeOf>
constexpr bool reads_time() {
  if constexpr (std::is_invocable_v<const TimeOf&, const T&>)
    return std::is_same_v<std::remove_cvref_t<std::invoke_result_t<const TimeOf&, const T&>>, timestamp>;
  else
    return false;
}

/// Reads the event time of records of `T` by a member or a function.
template <class T, class TimeOf>
class typed_timestamps final : public timestamp_assigner {
public:
  explicit typed_timestamps(TimeOf time_of) : time_of_{std::move(time_of)} {}

  void assign(batch_base& records, std::size_t from) const override {
    auto& typed = batch<T>::of(records);
    const auto in = std::as_const(typed).records();
    const auto times = typed.timestamps();
    for (std::size_t i = from; i < in.size(); ++i)
      times[i] = std::invoke(time_of_, in[i]);
  }

private:
  TimeOf time_of_;
};

} // namespace leat
