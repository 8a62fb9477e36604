#pragma once

#include <leat/connectors/files/file_facts.hpp>
#include <leat/connectors/files/open_file.hpp>

#include <string>

namespace leat {

/// Opens for reading the file that once had this path, by whatever name it has in the same folder now.
/// @returns a closed one when it is not found there, or cannot be opened.
[[nodiscard]] open_file open_renamed(const std::string& path, const file_identity& which);

} // namespace leat
