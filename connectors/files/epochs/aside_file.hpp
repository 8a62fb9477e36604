#pragma once

#include <leat/base/time.hpp>
#include <leat/connectors/files/content_hash.hpp>
#include <leat/connectors/files/epochs/epoch_place.hpp>
#include <leat/connectors/files/epochs/file_epoch_log.hpp>
#include <leat/connectors/formats/format.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace leat {

/// When a file is complete, at the end of an epoch.
struct epoch_rolling {
  std::size_t at = 0; ///< bytes
  duration after{};   ///< age
};

/// Writes the lines of one actor aside: to a hidden file that holds whole epochs, one or several. Nothing waits for the disk.
///
/// Lives in the sink's actor; not thread-safe.
class aside_file {
public:
  aside_file(epoch_place place, std::uint32_t shard, epoch_file_kind kind, epoch_rolling rolling)
    : place_{std::move(place)}, shard_{shard}, kind_{kind}, rolling_{rolling} {}

  /// An epoch that has ended: what is to be said of it in the checkpoint, and what has to be on the disk before.
  struct ended_epoch {
    logged_file log;
    std::shared_ptr<open_file> file;
    bool is_new = false; ///< its name is not on the disk
  };

  /// Appends lines, each with a line break; empty ones are left out. @param epoch that is under way.
  /// @throws connector_error when the operating system does not take them.
  void write(const encoded_records& lines, std::uint64_t epoch);

  /// Ends the epoch. @param last nothing comes behind it: a file is complete.
  /// @returns nothing when no file is being written.
  [[nodiscard]] std::optional<ended_epoch> cut(bool last);

private:
  struct current {
    std::shared_ptr<open_file> file;
    std::string path;
    std::uint64_t first = 0;
    std::uint64_t bytes = 0;
    running_hash hash;
    std::chrono::steady_clock::time_point begun;
    bool is_new = true;
  };

  void begin(std::uint64_t epoch);
  void append(std::string_view bytes);

  const epoch_place place_;
  const std::uint32_t shard_;
  const epoch_file_kind kind_;
  const epoch_rolling rolling_;
  std::optional<current> current_; // none: the next line begins a file
  std::string lines_;              // of the present call
};

} // namespace leat
