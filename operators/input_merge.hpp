#pragma once

#include <leat/messages/signal.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace leat {

/// How far one input is.
struct input_time {
  std::uint32_t input = 0;
  timestamp watermark = min_timestamp;
  bool idle = false;
  bool ended = false;
};

/// Makes one stream of signals out of those of several inputs.
///
/// - The watermark is the least of the inputs that are not idle, and never goes back. An idle input that speaks again holds
///   it again. When all are idle it is the newest of theirs, so that it does not depend on which fell idle last; +inf only
///   when all have said so. An input that has ended keeps holding its last watermark: one that is complete has said +inf
///   before its end, and one that was stopped has records left, so nothing may fire past it.
/// - Inputs from the shards of one stage hear of idleness from the same sources, each in its own time. So an idle one is left
///   out only when its siblings are idle as well: while one of them is awake it holds its last watermark, for it is about to
///   wake, and the rows it then fires must not come late.
/// - A barrier is passed on when every input that takes part has passed it, with the latest of their settling times.
/// - idle is passed on when every input that has not ended is idle, and the next watermark after it even if it has not risen:
///   so that those behind wait for this stream again. end is passed on when all have ended.
///
/// Owned by one actor; not thread-safe.
class input_merge {
public:
  using emit = std::function<void(const signal&)>;

  /// Before the first message: what an earlier run has come to, and never goes back from.
  void start_at(timestamp watermark) noexcept { watermark_ = watermark; }

  /// Adds an input, which takes part in barriers from `first_epoch` on and counts for the watermark at once.
  /// @param stage the stage whose shard it comes from, the same number for its siblings; none for an input of its own kind.
  void add(std::uint32_t input, std::uint64_t first_epoch, std::optional<std::size_t> stage = {});

  /// A batch has come from `input`. It does not wake an idle one: a source that wakes says a watermark before its records,
  /// and what a step emits by processing time while its inputs are idle announces no further watermark.
  /// @throws protocol_error for an input that is unknown or has ended.
  void on_data(std::uint32_t input);

  /// A signal has come from `input`; what it leads to goes to `out`, in order.
  /// @throws protocol_error for an input that is unknown or has ended, and for a barrier that is not newer than the last.
  void on_signal(std::uint32_t input, const signal& s, const emit& out);

  /// Barrier `epoch` has passed without waiting for all inputs: it, and those before, lead to nothing where they still come.
  void overtake(std::uint64_t epoch);

  /// The watermark last passed on.
  [[nodiscard]] timestamp watermark() const noexcept { return watermark_; }

  [[nodiscard]] std::vector<input_time> inputs() const;

  /// The input that the merged watermark waits for: the one with the least watermark of those that are awake and not
  /// complete. None when there is none.
  [[nodiscard]] std::optional<std::uint32_t> held_by() const;

  /// The least watermark of the inputs that have windows on their way, idle ones as well; +inf when there is none. Everything
  /// up to it has fired and has arrived here. The merged watermark says less: it leaves out an idle input, which may have
  /// just woken and be about to fire.
  [[nodiscard]] timestamp fired_until() const noexcept;

  /// Whether `input` has passed a barrier that others have still to pass: what comes from it now belongs behind that barrier.
  [[nodiscard]] bool ahead(std::uint32_t input) const;

  /// Whether idle was passed on, and nothing has come since.
  [[nodiscard]] bool idle() const noexcept { return idle_; }

  /// Whether every input has ended.
  [[nodiscard]] bool ended() const noexcept;

private:
  struct input_state {
    std::optional<std::size_t> stage;
    std::uint64_t epoch = 0; // the last barrier seen
    timestamp watermark = min_timestamp;
    bool idle = false;
    bool ended = false;
    bool windowed = false; // said by its last barrier
  };

  input_state& at(std::uint32_t input);
  [[nodiscard]] bool asleep(const input_state& in) const;
  void advance_watermark(const emit& out);
  void say_watermark(const emit& out);
  void advance_epoch(const emit& out);
  void update_idle(const emit& out);

  std::map<std::uint32_t, input_state> inputs_;
  std::map<std::uint64_t, timestamp> settles_at_; // of epochs not passed on yet
  std::uint64_t overtaken_ = 0;                   // the last epoch that was
  timestamp watermark_ = min_timestamp;
  bool idle_ = false;
  bool said_idle_ = false; // and no watermark since
};

} // namespace leat
