#pragma once

#include <leat/connectors/source.hpp>

#include <functional>
#include <type_traits>
#include <utility>

namespace leat {

/// How far behind the newest record of its partition another may be and still count: `late_by(5s)`.
struct out_of_orderness {
  duration bound{};
};

/// Records are out of order by at most `bound`.
inline out_of_orderness late_by(duration bound) { return {bound}; }

/// Reads the event time of records of `T` by a member or a function.
template <class T, class TimeOf>
class typed_timestamps final : public timestamp_assigner {
public:
  explicit typed_timestamps(TimeOf time_of) : time_of_{std::move(time_of)} {
    static_assert(
      std::is_same_v<std::remove_cvref_t<std::invoke_result_t<const TimeOf&, const T&>>, timestamp>,
      "event_time(f): f is a member of type leat::timestamp, or a function of the record that returns one");
  }

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
