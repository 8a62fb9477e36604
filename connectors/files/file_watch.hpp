#pragma once

#include <leat/base/time.hpp>
#include <leat/connectors/alarm_clock.hpp>
#include <leat/connectors/files/file_facts.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace leat {

/// Looks at followed files from time to time and wakes whoever waits for a change of one.
///
/// It asks the file system instead of being told (inotify): that works on every file system, network ones included, and
/// needs no descriptor and no kernel limit per file; one question a file costs about a microsecond. Thread-safe; calls from a
/// thread of its own.
class file_watch {
public:
  /// What is asked about a path: may wait for long, and throw a connector_error.
  using question = std::function<std::optional<file_facts>(const std::string&)>;

  static constexpr auto never = std::numeric_limits<std::uint64_t>::max();

  explicit file_watch(
    duration interval, question ask = [](const std::string& path) { return facts_of(path); });

  /// Calls `wake` once when `path` is no longer as `seen` (nothing: not there), or at the look with the number `at_latest`.
  /// Replaces what `who` waited for before.
  void wait_for_change(
    const void* who, std::string path, std::optional<file_facts> seen, waker wake, std::uint64_t at_latest = never);

  /// `who` waits no longer. Its waker may still be called.
  void forget(const void* who);

  /// The number of the present look, or of the last one; 0 before the first.
  [[nodiscard]] std::uint64_t looks() const noexcept { return looks_; }

  /// Calls `look` at each interval, from now on.
  void at_each_interval(std::function<void()> look);

private:
  struct watched {
    std::string path;
    std::optional<file_facts> seen;
    waker wake;
    std::uint64_t at_latest = never;
  };

  void set_alarm();
  void look();
  [[nodiscard]] bool differs(const watched& w) const;
  [[nodiscard]] bool take(const void* who, const std::shared_ptr<const watched>& waits);

  const duration interval_;
  const question ask_;
  std::atomic<std::uint64_t> looks_{0};
  std::mutex m_;
  std::map<const void*, std::shared_ptr<const watched>> watched_; // guarded by m_
  std::function<void()> look_further_;                            // guarded by m_
  alarm_clock clock_;                                             // last: its thread uses the others
};

} // namespace leat
