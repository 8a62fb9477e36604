#pragma once

#include <leat/operators/keyed_process.hpp>
#include <leat/operators/window_spec.hpp>

#include <string>

namespace leat {

/// Which windows a record falls into. An assigner has
///
///     static constexpr bool merging             whether windows of a key that touch become one
///     time_domain domain() const                which time its windows are of
///     void assign(timestamp t, Visit visit)     calls visit(time_window) for each window of t
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
    visit(time_window{t, t + gap_});
  }

private:
  duration gap_;
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

/// The same windows by the wall clock: `processing_time(tumbling(1min))`.
inline aligned_windows processing_time(window_spec spec) { return aligned_windows{spec, time_domain::processing}; }

/// Sessions by the wall clock: `processing_time_session(5min)`.
inline session_windows processing_time_session(duration gap) { return session_windows{gap, time_domain::processing}; }

} // namespace leat
