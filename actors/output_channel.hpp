#pragma once

#include <leat/actors/credit_gate.hpp>
#include <leat/actors/link.hpp>
#include <leat/operators/step.hpp>

#include <deque>
#include <memory>
#include <variant>

namespace leat {

/// The sender's half of a bounded channel: keeps batches and signals in order and sends as many batches as there is credit.
///
/// What cannot go yet waits in a backlog, and while a batch waits the sender's flow is blocked: it takes no further input,
/// so the backlog stays as short as what one input has led to.
///
/// Lives in the sending actor; not thread-safe.
class output_channel {
public:
  /// @param input the receiver's name for this channel.
  /// @param credit batches the receiver has granted.
  output_channel(input_id input, std::uint32_t credit, std::unique_ptr<downstream_link> link, flow& sender)
    : input_{input}, gate_{credit}, link_{std::move(link)}, flow_{&sender} {}

  /// Sends a batch, now or as soon as there is credit.
  void send(batch_ptr batch);

  /// Sends a signal, now or behind the batches that wait.
  void send(const signal& s);

  /// The receiver has finished `batches` batches.
  void refund(std::uint32_t batches);

  /// Whether a batch could go at once.
  [[nodiscard]] bool has_credit() const noexcept { return backlog_.empty() && gate_.available() != 0; }

private:
  void send_backlog();
  void deliver(batch_ptr batch);
  void deliver(const signal& s);

  const input_id input_;
  credit_gate gate_;
  std::unique_ptr<downstream_link> link_;
  flow* const flow_;
  std::uint64_t sequence_ = 0;
  std::deque<std::variant<batch_ptr, signal>> backlog_; // not empty only while its first entry is a batch without credit
};

} // namespace leat
