#pragma once

#include <leat/connectors/transactional_writer.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace leat {

/// What an outlet and whoever it works for say to each other beside calls.
struct outlet_link {
  std::atomic<bool> stop = false;          ///< set: every call of the outlet returns soon
  std::atomic<std::uint64_t> rejected = 0; ///< records that only the outside has refused
};

/// The way out of one shard of an exactly-once sink: brings the logs of epochs out, each once, and the marker with them.
///
/// When a transaction has ended in doubt it shuts the one before it out, asks for the marker (`decide_epoch`) and writes the
/// rest again. Blocks; used by one thread.
class epoch_outlet {
public:
  virtual ~epoch_outlet() = default;

  /// Takes the shard over and goes on from a checkpoint with what is in these logs, ascending by epoch.
  /// @returns the marker then; 0: none.
  /// @throws connector_error when the marker contradicts the checkpoint, or writing cannot go on; state_error when a log is
  ///         damaged.
  virtual std::uint64_t restore(std::uint64_t checkpoint, const std::vector<saved_epoch_log>& logs) = 0;

  /// Writes logs out, at least one, ascending by epoch, with the last one's epoch as the marker.
  /// @throws as above, and final_error when another instance has taken over.
  virtual void write(std::vector<std::string_view> logs) = 0;
};

/// Makes the outlet of a shard. @param link outlives it.
using outlet_maker = std::function<std::unique_ptr<epoch_outlet>(std::uint32_t shard, outlet_link& link)>;

} // namespace leat
