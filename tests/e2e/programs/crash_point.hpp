#pragma once

#include <leat/connectors/kafka/kafka_sink.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace leat::testing {

/// At which point the process is to end by itself, as a crash would end it.
struct crash_wish {
  std::string point;                 ///< empty: nowhere
  int after = 1;                     ///< at which of its passings
  bool freezes = false;              ///< stops with SIGSTOP instead, and goes on there when it is let
  std::chrono::microseconds delay{}; ///< for "storing": how long after the storage has begun

  /// Whether the point is passed by the storage of checkpoints.
  [[nodiscard]] bool is_in_storage() const;
};

/// Before anything passes.
void wish_crash(crash_wish what);

/// Says that the process is at this point. Does not return when it is the wished one. Any thread.
void pass(std::string_view point) noexcept;

/// The same for a point in a transaction of this sink: passes "begun", "half-produced", "produced", "ending" or "answered", while a
/// writer is being restored also "rewriting-" and these.
///
/// For "NAME-only", transactions of other sinks stand still from the wished passing on, and the process ends when the sink of
/// that name has committed one meanwhile.
void pass_transaction(const std::string& sink, transaction_point point) noexcept;

/// A writer begins, and has finished, its restore. When all have, standard error says "all writers are restored".
void pass_restore_begun() noexcept;
void pass_restored() noexcept;

/// The storage begins, and has done, to store a checkpoint.
void pass_storing() noexcept;
void pass_stored() noexcept;

/// … and to fold what others have stored, if there is anything to fold.
void pass_folding() noexcept;
void pass_folded() noexcept;

} // namespace leat::testing
