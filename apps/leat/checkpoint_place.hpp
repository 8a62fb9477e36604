#pragma once

#include <leat/persistence/checkpoint_view.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace leat::cli {

/// Where a checkpoint lies that somebody asks for: the last one of a state directory, or a file with one that was retained, or a
/// savepoint.
struct checkpoint_place {
  std::string directory; ///< the state directory that it belongs to; empty: it is a file elsewhere
  std::string file;
  bool copy = false; ///< a file with one checkpoint, which is never written to

  /// What it says of itself; of a file that no job writes to, only as much is read.
  [[nodiscard]] checkpoint_manifest manifest() const;

  /// @param max_age see `checkpoint_view`; does not matter for a copy.
  /// @throws state_error when it is damaged, and when there is no checkpoint yet.
  [[nodiscard]] checkpoint_view open(std::chrono::milliseconds max_age) const;

  [[nodiscard]] std::uint64_t bytes() const;
};

/// @param path a state directory, or a file.
/// @param number of a checkpoint in the directory; none: the last.
/// @throws config_error when there is none, which says what there is.
[[nodiscard]] checkpoint_place find_checkpoint(const std::string& path, std::optional<std::uint64_t> number);

/// All checkpoints of a state directory: retained ones, ascending, and the last one behind them.
/// @throws config_error when it is no state directory.
[[nodiscard]] std::vector<checkpoint_place> all_checkpoints(const std::string& directory);

/// @throws config_error when there is no such directory, which says what there is.
void expect_directory(const std::string& path);

/// Who writes to a state directory, "process 17 on host-a"; none: nobody does.
[[nodiscard]] std::optional<std::string> owner_of(const std::string& directory);

} // namespace leat::cli
