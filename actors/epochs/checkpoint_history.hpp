#pragma once

#include <leat/base/metrics.hpp>
#include <leat/messages/snapshot.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace leat {

/// What a checkpoint took, of one step: an actor's stage.
struct checkpoint_part {
  duration alignment{};              ///< the longest of its actors': from a barrier's first coming until it has passed
  duration reported{};               ///< from the beginning of the checkpoint until the last actor had handed over
  std::uint64_t state_bytes = 0;     ///< that were handed over, records on their way as well
  std::uint64_t in_flight_bytes = 0; ///< of them, records on their way
};

/// One checkpoint.
struct checkpoint_summary {
  std::uint64_t epoch = 0;
  bool stored = false;                          ///< otherwise it was given up, or could not be stored
  duration took{};                              ///< until it was stored
  std::map<std::string, checkpoint_part> parts; ///< by the stage's name

  [[nodiscard]] std::uint64_t bytes() const;
};

/// The last checkpoints of a job, and what they took. One is under way at a time. Owned by the coordinator; not thread-safe.
class checkpoint_history {
public:
  using clock = std::chrono::steady_clock;

  /// @param kept how many it knows of.
  /// @param registry gets, for each step, what its part in the last checkpoint took; outlives this.
  checkpoint_history(std::size_t kept, metrics& registry) : kept_{kept}, registry_{registry} {}

  void begin(std::uint64_t epoch, clock::time_point now);
  void on_snapshot(const std::string& stage, const snapshot_taken& fact, clock::time_point now);
  void end(bool stored, clock::time_point now);

  /// The newest last.
  [[nodiscard]] const std::deque<checkpoint_summary>& last() const noexcept { return done_; }

private:
  void show(const checkpoint_summary& of);

  const std::size_t kept_;
  metrics& registry_;
  checkpoint_summary open_;
  clock::time_point begun_{};
  std::deque<checkpoint_summary> done_;
};

/// One line of text: "checkpoint 7 took 12ms: 34567 bytes; of 'totals' 30000, 5000 of them on their way, aligned in 3ms".
[[nodiscard]] std::string to_text(const checkpoint_summary& summary);

} // namespace leat
