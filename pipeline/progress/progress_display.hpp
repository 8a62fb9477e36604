#pragma once

#include <leat/base/metrics.hpp>
#include <leat/base/settings.hpp>
#include <leat/pipeline/console.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace leat {

/// When a running job says how far it has come.
struct progress_rhythm {
  bool draw = false; ///< a line drawn over on standard error
  bool log = false;  ///< log messages at level info
  duration every{0};
};

/// What the setting `progress` (auto, always, never) means on this console: drawn four times a second, logged every ten
/// seconds, or nothing.
[[nodiscard]] progress_rhythm progress_rhythm_from(const settings& config, const console& on);

/// Shows the progress of one running job from its construction to its destruction, on a thread of its own. The drawn line
/// is gone afterwards.
class progress_display {
public:
  /// @param of the metrics of the job; `of` and `on` outlive the display.
  /// @param bounded whether the input ends.
  progress_display(const metrics& of, console& on, progress_rhythm rhythm, bool bounded);
  ~progress_display();
  progress_display(const progress_display&) = delete;
  progress_display& operator=(const progress_display&) = delete;

private:
  void run(bool bounded);

  const metrics& of_;
  console& on_;
  const progress_rhythm rhythm_;
  std::mutex m_;
  std::condition_variable stopped_;
  bool stop_ = false;  // guarded by m_
  std::thread thread_; // last: it uses all of the above
};

} // namespace leat
