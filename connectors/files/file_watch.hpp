#pragma once

#include <leat/base/time.hpp>
#include <leat/connectors/alarm_clock.hpp>
#include <leat/connectors/files/file_facts.hpp>

#include <functional>
#include <map>
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
  explicit file_watch(duration interval);

  /// Calls `wake` once when `path` is no longer as `seen` (nothing: not there). Replaces what `who` waited for before.
  void wait_for_change(const void* who, std::string path, std::optional<file_facts> seen, waker wake);

  /// `who` waits no longer. Its waker may still be called.
  void forget(const void* who);

  /// Calls `look` at each interval, from now on.
  void at_each_interval(std::function<void()> look);

private:
  struct watched {
    std::string path;
    std::optional<file_facts> seen;
    waker wake;
  };

  void set_alarm();
  void look();

  const duration interval_;
  std::mutex m_;
  std::map<const void*, watched> watched_; // guarded by m_
  std::function<void()> look_further_;     // guarded by m_
  alarm_clock clock_;                      // last: its thread uses the others
};

} // namespace leat
