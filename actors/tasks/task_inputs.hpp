#pragma once

#include <leat/actors/epochs/in_flight.hpp>
#include <leat/actors/link.hpp>
#include <leat/base/metrics.hpp>
#include <leat/messages/channel.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace leat {

/// All the ways into one subtask: finds out when a message was lost or a sender exceeds its credit, and gives credit back when a batch
/// is finished. Lives in one actor; not thread-safe.
class task_inputs {
public:
  struct port {
    std::shared_ptr<upstream_link> sender;
    std::uint32_t credit = 0;                            // batches in all
    std::size_t to_input = 0;                            // of the first step
    std::shared_ptr<const in_flight_channel> identity{}; // none when no barrier overtakes
    std::uint64_t sequence = 0;                          // the last message seen
    std::uint32_t held = 0;                              // batches received and not finished
  };

  /// @param name of the subtask, for errors and metrics.
  task_inputs(std::string name, std::uint32_t instance, metrics& registry);

  void add(input_id input, port what);

  /// The port that message `sequence` has come on. @throws protocol_error when it is not open, or one was lost.
  port& receive(input_id input, std::uint64_t sequence);

  /// A batch has come on it. @throws protocol_error when the sender has exceeded its credit.
  void hold(input_id input, port& on);

  /// That batch is finished.
  void finish(port& on);

  [[nodiscard]] port& at(input_id input) { return ports_.at(input); }

  [[nodiscard]] bool empty() const noexcept { return ports_.empty(); }

  /// Batches received and not finished.
  [[nodiscard]] std::uint32_t held() const noexcept { return held_; }

private:
  const std::string name_;
  std::unordered_map<input_id, port> ports_;
  std::uint32_t held_ = 0;
  std::uint32_t granted_ = 0;
  metric& most_held_;
  metric& credit_granted_;
};

} // namespace leat
