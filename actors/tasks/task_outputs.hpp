#pragma once

#include <leat/actors/exchange.hpp>

#include <memory>
#include <vector>

namespace leat {

/// All the ways out of one actor: its exchanges, whose channels are numbered through as `output_id`.
///
/// Lives in that actor; not thread-safe.
class task_outputs {
public:
  /// Adds the exchange whose first channel has the next free `output_id`.
  exchange& add(std::unique_ptr<exchange> next) { return *exchanges_.emplace_back(std::move(next)); }

  /// Credit has come back for channel `output`.
  /// @throws protocol_error for a channel that does not exist, or for more credit than was spent.
  void refund(output_id output, std::uint32_t batches);

  void flush();
  [[nodiscard]] bool flushable() noexcept;

private:
  std::vector<std::unique_ptr<exchange>> exchanges_;
};

} // namespace leat
