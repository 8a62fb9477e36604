#pragma once

#include <leat/connectors/files/epochs/disk_work.hpp>
#include <leat/connectors/files/epochs/epoch_place.hpp>
#include <leat/connectors/files/epochs/file_epoch_log.hpp>
#include <leat/connectors/transactional_writer.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace leat {

/// By epoch_file_kind.
using epoch_places = std::array<epoch_place, 2>;

/// A file that is complete, and the epoch that has ended with it.
struct complete_file {
  std::uint64_t epoch = 0;
  logged_file what;
};

/// The outside of one shard of an exactly-once sink: its files, and its marker. Holds the marker's lock for as long as it
/// lives, so that nobody else writes this shard meanwhile.
///
/// A file that is written aside gets its name once, when the checkpoint that names it is durable. The marker says which
/// file of each kind was the last: so one that has got its name is known to have been there also when a reader has taken it
/// away.
///
/// Blocks; used by one thread at a time.
class shard_files {
public:
  /// How long an instance that is ending is waited for.
  static constexpr std::chrono::seconds patience{5};

  /// Takes the shard over. @param passes is told of each step.
  /// @throws final_error when somebody else holds it.
  shard_files(const epoch_places& in, std::uint32_t shard, std::function<void(epoch_step)> passes);

  /// Goes on from a checkpoint: what `logs`, ascending, name gets its name, and what nobody names is removed.
  /// @throws final_error when something is missing, damaged, or ahead of the checkpoint.
  void restore(std::uint64_t checkpoint, std::span<const saved_epoch_log> logs);

  /// Files of durable checkpoints get their names.
  void publish(std::span<const complete_file> files);

private:
  void lock();
  void read_marker();
  void mark(std::span<const complete_file> out);
  void settle(std::uint64_t checkpoint, const complete_file& f);
  void verify(const std::string& path, const logged_file& f) const;
  void give_name(const complete_file& f);
  void store_all_names() const;
  void remove_strays() const;

  const epoch_places places_;
  const std::uint32_t shard_;
  const std::function<void(epoch_step)> passes_;
  std::string marker_path_;
  open_file marker_file_;
  std::array<std::uint64_t, 2> marker_{}; // by kind, the epoch that the last file with its name is called after; 0: none
};

/// Everything in the folders of a sink that is its own, of all shards.
[[nodiscard]] std::vector<epoch_name> names_in(const epoch_place& place);

/// @throws final_error when a file says that a later epoch than the checkpoint's is out.
void refuse_newer(const epoch_places& in, std::uint64_t checkpoint);

} // namespace leat
