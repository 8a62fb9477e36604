#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// What one actor of a sink writes: files of each kind lie in a folder of their own.
enum class epoch_file_kind : std::uint8_t { records, letters };

/// A file as it was when an epoch ended.
struct logged_file {
  std::uint8_t kind = 0;   ///< an epoch_file_kind
  std::uint64_t first = 0; ///< the first epoch in it: names it while it is written
  std::uint64_t bytes = 0; ///< that count: what is behind them belongs to later epochs
  std::uint64_t hash = 0;  ///< of those bytes: `content_hash`
  bool complete = false;   ///< nothing is behind them: it gets its name when the checkpoint is durable

  friend bool operator==(const logged_file&, const logged_file&) = default;
};
BOOST_DESCRIBE_STRUCT(logged_file, (), (kind, first, bytes, hash, complete))

/// The log of an epoch, as a checkpoint has it: which files hold it. docs/formats/file_epochs.md
[[nodiscard]] std::string to_log(const std::vector<logged_file>& files);

/// @throws state_error when it is damaged, or of a version that is not known.
[[nodiscard]] std::vector<logged_file> files_in_log(std::string_view log);

} // namespace leat
