#pragma once

#include <leat/messages/channel.hpp>

#include <cstdint>
#include <map>

namespace leat {

/// Which barriers have come to an actor, on which inputs and behind which messages, whether they were worked on or not.
///
/// Owned by one actor; not thread-safe.
class barrier_arrivals {
public:
  /// @param first_epoch the first barrier that the input takes part in.
  void add(input_id input, std::uint64_t first_epoch) { inputs_[input] = {first_epoch - 1}; }

  void on_signal(const signal_message& message);

  /// Whether barrier `epoch` has come on some input.
  [[nodiscard]] bool any(std::uint64_t epoch) const noexcept;

  /// Whether it has come, or the end, on every input that takes part.
  [[nodiscard]] bool all(std::uint64_t epoch) const noexcept;

  /// Whether there are inputs, and each has ended.
  [[nodiscard]] bool all_ended() const noexcept;

  /// Whether a message that has come belongs before barrier `epoch`, which is the last of any input.
  [[nodiscard]] bool before(std::uint64_t epoch, input_id input, std::uint64_t sequence) const;

private:
  struct arrival {
    std::uint64_t epoch = 0;    // of the last barrier
    std::uint64_t sequence = 0; // its place; 0: none has come
    bool ended = false;
  };

  std::map<input_id, arrival> inputs_;
};

} // namespace leat
