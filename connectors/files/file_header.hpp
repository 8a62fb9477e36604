#pragma once

#include <leat/connectors/files/open_file.hpp>
#include <leat/connectors/formats/format.hpp>

#include <cstddef>
#include <string>

namespace leat {

/// The first record of a file, whatever was read of it before.
struct file_header {
  std::string text;      ///< empty: it is not there yet
  bool too_long = false; ///< longer than allowed; then it has no text
};

/// @param whole whether what there is of it is all that will come.
/// @throws connector_error when it cannot be read.
[[nodiscard]] file_header read_header(const open_file& file, const format& read_as, std::size_t longest, bool whole);

} // namespace leat
