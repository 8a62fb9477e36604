#pragma once

#include <leat/connectors/files/file_bookmark.hpp>
#include <leat/connectors/files/file_pattern.hpp>
#include <leat/connectors/source.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace leat {

/// A file that is read on in its middle.
struct resumed_file {
  std::string path;
  file_facts now;
  std::int64_t position = 0;
  std::string head; ///< the first bytes, at most `record_buffer::excerpt`
  std::string tail; ///< those in front of the position, likewise
  std::optional<record_splitter::place> skipping{};
};

struct resuming {
  std::string step; ///< for errors
  file_pattern pattern;
  bool follows = false;
  bool accepts_changes = false; ///< what would be refused is logged instead
};

/// Looks for the files that a checkpoint knows, and decides where each is read on: `decide_file`. What it does not name is new,
/// whatever name it has.
/// @throws connector_error when records would be lost or come twice, naming the file; state_error when the checkpoint is
///         damaged.
[[nodiscard]] std::vector<resumed_file> find_again(const std::vector<saved_reading>& read, const resuming& how);

/// Reads what a file is known by at a position that nothing else is known of.
/// @throws connector_error when there is nothing at that position.
[[nodiscard]] resumed_file resume_at(const std::string& path, std::int64_t position);

} // namespace leat
