#pragma once

#include <cstdint>

namespace leat {

/// The sender's half of a bounded channel: how many batches it may still send.
///
/// CAF mailboxes have no bound, so the bound comes from credit. The receiver grants N batches when the channel opens and
/// gives one back each time it has *finished* a batch, not when it has merely received it. The sender spends one per
/// batch. At every moment, batches in the receiver's mailbox <= credit granted and not yet spent back: that is the bound.
///
/// Signals (watermarks, barriers) never spend credit: a barrier that waited for a full mailbox would make a checkpoint
/// as slow as the slowest sink.
///
/// Lives in the sending actor and is touched by nobody else; not thread-safe.
class credit_gate {
public:
  /// @param granted batches the receiver accepts before it has finished any; at least 1.
  explicit credit_gate(std::uint32_t granted);

  /// Spends one batch of credit. Returns false, and changes nothing, when none is left: the caller then stops taking
  /// input and tries again after the next `refund`.
  [[nodiscard]] bool try_spend() noexcept;

  /// The receiver has finished `batches` batches.
  /// @throws protocol_error when more comes back than was spent: the two sides disagree, so the attempt must fail.
  void refund(std::uint32_t batches);

  /// Batches that may be sent now.
  [[nodiscard]] std::uint32_t available() const noexcept { return available_; }

  /// Batches sent and not yet finished: what the receiver's mailbox holds at most.
  [[nodiscard]] std::uint32_t in_flight() const noexcept { return granted_ - available_; }

private:
  const std::uint32_t granted_;
  std::uint32_t available_;
};

} // namespace leat
