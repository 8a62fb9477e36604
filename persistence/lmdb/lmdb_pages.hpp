#pragma once

#include <leat/persistence/manifest.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace leat {

/// What an LMDB file looks like from outside.
struct lmdb_file_facts {
  std::uint64_t transaction = 0; ///< number of the last one committed
  std::uint64_t pages = 0;       ///< that the file has to have, but for free ones at its end
  std::uint64_t free_pages = 0;  ///< of them, how many are in nobody's use
  std::size_t page_bytes = 0;
};

/// Looks at an LMDB 0.9 file without LMDB, which trusts every byte: it follows a wrong page number or offset into whatever is
/// there, and a file that is too short ends the process with SIGBUS. What has passed this check can be read and written without
/// that. Values are not looked at: checksums do that.
///
/// Of this one only the meta pages, and of a copy its length: for a file that its owner has verified and writes to.
///
/// @param copy the file was made by `mdb_env_copy2` and never written to since.
/// @throws state_error that says what is damaged.
lmdb_file_facts check_lmdb_head(const std::string& file, bool copy);

/// The same, and every page of the last transaction: trees whose nodes lie inside their pages, each page used once or free,
/// and the numbers of pages and entries that LMDB has noted of each database. Also that the meta page of the transaction
/// before is no newer one with a changed number, by the manifest it leads to. Reads the file once; the file must not be
/// written to meanwhile.
lmdb_file_facts check_lmdb_pages(const std::string& file, bool copy);

/// What the last checkpoint in a file says of itself, read without LMDB; no more of the file is looked at than leads there.
/// @throws state_error as `check_lmdb_head` does, and when the manifest is damaged.
checkpoint_manifest read_manifest(const std::string& file, bool copy);

} // namespace leat
