#pragma once

#include <leat/actors/credit_gate.hpp>
#include <leat/actors/epochs/in_flight.hpp>
#include <leat/actors/link.hpp>
#include <leat/operators/step.hpp>

#include <deque>
#include <memory>
#include <variant>
#include <vector>

namespace leat {

/// The sender's half of a bounded channel: keeps batches and signals in order and sends as many batches as there is credit.
///
/// What cannot go yet waits in a backlog, and while a batch waits the sender's flow is blocked: it takes no further input,
/// so the backlog stays as short as what one input has led to. A barrier that overtakes goes ahead of the backlog; the batches
/// that it has overtaken are written down by whoever sends it, with `log_overtaken`.
///
/// Lives in the sending actor; not thread-safe.
class output_channel {
public:
  /// @param input the receiver's name for this channel.
  /// @param credit batches the receiver has granted.
  /// @param identity none when no barrier overtakes.
  output_channel(
    input_id input, std::uint32_t credit, std::unique_ptr<downstream_link> link, flow& sender,
    std::shared_ptr<const in_flight_channel> identity = {})
    : input_{input}, gate_{credit}, link_{std::move(link)}, flow_{&sender}, identity_{std::move(identity)} {}

  /// Sends a batch, now or as soon as there is credit.
  void send(batch_ptr batch);

  /// Sends a signal, now or behind the batches that wait. A barrier that overtakes goes now, and an older one that waits not at
  /// all; nothing goes behind the end.
  void send(const signal& s);

  /// Has barrier `epoch` overtake what it waits behind, if it waits.
  void pull_forward(std::uint64_t epoch);

  /// Writes down the batches that the last barrier has overtaken, once, right after.
  void log_overtaken(in_flight_log& to);

  /// Whether the receiver has been told of barrier `epoch`, or of the end.
  [[nodiscard]] bool passed(std::uint64_t epoch) const noexcept { return ended_ || last_barrier_ >= epoch; }

  /// Whether anything waits.
  [[nodiscard]] bool backlogged() const noexcept { return !backlog_.empty(); }

  /// The receiver has finished `batches` batches.
  void refund(std::uint32_t batches);

  /// Whether a batch could go at once.
  [[nodiscard]] bool has_credit() const noexcept { return backlog_.empty() && gate_.available() != 0; }

private:
  using waiting = std::variant<batch_ptr, signal>;

  void overtake(const signal& barrier, std::deque<waiting>::const_iterator until);
  void send_backlog();
  void deliver(batch_ptr batch);
  void deliver(const signal& s);

  const input_id input_;
  credit_gate gate_;
  std::unique_ptr<downstream_link> link_;
  flow* const flow_;
  const std::shared_ptr<const in_flight_channel> identity_;
  std::uint64_t sequence_ = 0;
  std::deque<waiting> backlog_;      // not empty only while its first entry is a batch without credit
  std::vector<batch_ptr> overtaken_; // not written down yet
  std::uint64_t last_barrier_ = 0;   // that was delivered
  bool end_said_ = false;
  bool ended_ = false; // and delivered
};

} // namespace leat
