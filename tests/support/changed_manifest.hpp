#pragma once

#include <leat/base/bytes.hpp>
#include <leat/base/xxh3.hpp>
#include <leat/persistence/lmdb/lmdb_environment.hpp>
#include <leat/persistence/manifest.hpp>
#include <leat/persistence/store_format.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace leat::testing {

/// Writes something else where the manifest of a state directory is.
inline void overwrite_manifest(const std::string& directory, const std::function<std::string(std::string)>& change) {
  const auto env = lmdb_environment::open(directory + "/checkpoints.mdb", lmdb_environment::mode::write, 1 << 24);
  lmdb_transaction txn{env, lmdb_transaction::kind::write};
  auto manifest = decoded_manifest(*txn.get(env->meta(), store_format::manifest_key), "");
  manifest.transaction = txn.number();
  txn.put(env->meta(), store_format::manifest_key, change(encoded(manifest)));
  txn.commit();
}

/// A manifest as another version of the format would have it: head and checksum are the same in all.
/// @param body of an encoded manifest: what is behind the head.
inline std::string manifest_of_version(std::uint32_t version, const std::string& body) {
  std::string bytes;
  byte_writer out{bytes};
  out.fixed(store_format::magic);
  out.fixed(version);
  out.fixed(
    std::uint64_t{XXH3_64bits_withSeed(body.data(), body.size(), std::uint64_t{store_format::magic} << 32 | version)});
  out.raw(body);
  return bytes;
}

} // namespace leat::testing
