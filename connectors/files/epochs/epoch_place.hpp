#pragma once

#include <leat/connectors/files/open_file.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leat {

/// Where an exactly-once sink writes files of one kind, and what it calls them: docs/formats/file_epochs.md.
struct epoch_place {
  std::string step; ///< for errors
  std::string folder;
  std::string prefix;    ///< of all names; nobody else's: `epoch_prefix`
  std::string extension; ///< ".json"
  std::string header;    ///< the first line of each file; empty: none
};

/// `fraud-9f86d081884c7d65`: the job, and a hash of it and the uid of the sink.
[[nodiscard]] std::string epoch_prefix(const std::string& job, const std::string& uid);

/// What a name says.
struct epoch_name {
  enum class what {
    file,  ///< a complete file; `epoch` is the last one in it
    aside, ///< one that is being written; `epoch` is the first one in it
    marker ///< who writes holds its lock, and it says which epoch is out; `epoch` is 0
  };

  what kind = what::file;
  std::uint32_t shard = 0;
  std::uint64_t epoch = 0;

  friend bool operator==(const epoch_name&, const epoch_name&) = default;
};

/// The path of what has this name.
[[nodiscard]] std::string path_of(const epoch_place& in, const epoch_name& name);

/// What a name in the folder says; none: it is not one of this sink.
[[nodiscard]] std::optional<epoch_name> epoch_name_of(const epoch_place& in, std::string_view name);

/// Waits until the names in the folder are on the disk.
/// @throws connector_error when that fails.
void store_names(const epoch_place& in);

/// "sink 'alerts': cannot rename /out/a: No space left on device"
/// @throws connector_error.
[[noreturn]] void fail_on(const epoch_place& in, std::string_view what, const std::string& path, int error);

} // namespace leat
