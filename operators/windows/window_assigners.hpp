#pragma once

#include <leat/operators/keyed_process.hpp>
#include <leat/operators/window_spec.hpp>

#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace leat {

/// A record of one of two streams, on its way into a window.
template <class First, class Second>
struct either_record {
  const First* first = nullptr;
  const Second* second = nullptr;
};

/// Which windows a record falls into. An assigner has
///
///     static constexpr bool merging             whether windows of a key that touch become one
///     time_domain domain() const                which time its windows are of
///     void assign(timestamp t, Visit visit)     calls visit(time_window) for each window of t; or
///     void assign(const T&, timestamp, Visit)   the same for the windows of a record
///     std::string mistake() const               what is wrong with it, for a person; empty when it can be used
///
/// Windows side by side or overlapping, of event time or processing time.
class aligned_windows {
public:
  static constexpr bool merging = false;

  explicit aligned_windows(window_spec spec, time_domain domain = time_domain::event) : spec_{spec}, domain_{domain} {}

  [[nodiscard]] time_domain domain() const noexcept { return domain_; }
  [[nodiscard]] std::string mistake() const { return spec_.mistake(); }

  template <class Visit>
  void assign(timestamp t, Visit&& visit) const {
    for (auto w = spec_.first_window_ending_after(t); w.start <= t; w = spec_.next(w))
      visit(w);
  }

private:
  window_spec spec_;
  time_domain domain_;
};

namespace detail {

/// The session of one record; one that would end behind all times ends with them.
inline time_window session_of(timestamp t, duration gap) noexcept {
  return {t, t > max_timestamp - gap ? max_timestamp : t + gap};
}

} // namespace detail

/// Windows of one key's activity: each record keeps its session open for `gap`; sessions that touch become one.
class session_windows {
public:
  static constexpr bool merging = true;

  explicit session_windows(duration gap, time_domain domain = time_domain::event) : gap_{gap}, domain_{domain} {}

  [[nodiscard]] time_domain domain() const noexcept { return domain_; }
  [[nodiscard]] std::string mistake() const {
    return gap_ > duration::zero() ? "" : "a session needs a gap above 0 ms, not " + std::to_string(gap_.count()) + " ms";
  }

  template <class Visit>
  void assign(timestamp t, Visit&& visit) const {
    visit(detail::session_of(t, gap_));
  }

private:
  duration gap_;
  time_domain domain_;
};

/// Sessions that each record keeps open for a gap of its own: until the latest of its records' gaps is over.
template <class GapOf>
class dynamic_sessions {
public:
  static constexpr bool merging = true;

  explicit dynamic_sessions(GapOf gap_of, time_domain domain) : gap_of_{std::move(gap_of)}, domain_{domain} {}

  [[nodiscard]] time_domain domain() const noexcept { return domain_; }
  [[nodiscard]] std::string mistake() const { return {}; }

  /// @throws std::invalid_argument for a gap that is not above 0.
  template <class T, class Visit>
  void assign(const T& record, timestamp t, Visit&& visit) const {
    const duration gap = gap_of(record);
    if (gap <= duration::zero())
      throw std::invalid_argument{
        "a record asks for a session with a gap of " + std::to_string(gap.count()) +
        " ms: session(f) takes an f that gives more than 0 ms for every record; drop others by .filter(…) before "
        ".key_by(…)"};
    visit(detail::session_of(t, gap));
  }

private:
  template <class T>
  [[nodiscard]] duration gap_of(const T& record) const {
    static_assert(
      std::is_invocable_r_v<duration, const GapOf&, const T&>,
      "session(f): f is a member of the record, or a function that takes it by const reference, and gives a span of time");
    return std::invoke(gap_of_, record);
  }

  /// A record of one of two streams, in a join.
  template <class First, class Second>
  [[nodiscard]] duration gap_of(const either_record<First, Second>& record) const {
    return record.first ? gap_of(*record.first) : gap_of(*record.second);
  }

  GapOf gap_of_;
  time_domain domain_;
};

/// One window per key that holds everything and never ends: only a trigger makes it emit.
class global_windows {
public:
  static constexpr bool merging = false;
  static constexpr time_window window{min_timestamp, max_timestamp};

  [[nodiscard]] time_domain domain() const noexcept { return time_domain::event; }
  [[nodiscard]] std::string mistake() const { return {}; }

  template <class Visit>
  void assign(timestamp, Visit&& visit) const {
    visit(window);
  }
};

/// `session(5min)`: a user's clicks until there has been none for five minutes.
inline session_windows session(duration gap) { return session_windows{gap}; }

/// Sessions whose gap depends on the record: `session(&click::patience)`, or `session([](const click& c) { return …; })`. In a
/// join, the function takes the records of both streams.
template <class GapOf>
requires(!std::is_convertible_v<GapOf, duration>) dynamic_sessions<GapOf> session(GapOf gap_of) {
  return dynamic_sessions<GapOf>{std::move(gap_of), time_domain::event};
}

/// The same windows by the wall clock: `processing_time(tumbling(1min))`.
inline aligned_windows processing_time(window_spec spec) { return aligned_windows{spec, time_domain::processing}; }

/// Sessions by the wall clock: `processing_time_session(5min)`.
inline session_windows processing_time_session(duration gap) { return session_windows{gap, time_domain::processing}; }
template <class GapOf>
requires(!std::is_convertible_v<GapOf, duration>) dynamic_sessions<GapOf> processing_time_session(GapOf gap_of) {
  return dynamic_sessions<GapOf>{std::move(gap_of), time_domain::processing};
}

} // namespace leat
