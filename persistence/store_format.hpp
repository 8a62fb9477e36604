#pragma once

#include <cstddef>
#include <cstdint>

/// The numbers and names of the checkpoint store's format: `docs/formats/checkpoint_store.md`. None may change its meaning.
namespace leat::store_format {

inline constexpr std::uint32_t version = 1;

/// "LEAT", as the first four bytes of a manifest.
inline constexpr std::uint32_t magic = 0x5441'454c;
inline constexpr std::size_t manifest_head = 16; ///< magic, version, checksum

// Files of the directory.
inline constexpr const char* file = "checkpoints.mdb";
inline constexpr const char* new_file = "checkpoints.new"; ///< until it is complete
inline constexpr const char* owner_file = "owner.lock";
inline constexpr const char* retained_folder = "retained";

// Databases of the file, and the only key of the first.
inline constexpr const char* meta = "meta";
inline constexpr const char* deltas = "deltas";
inline constexpr const char* base = "base";
inline constexpr const char* manifest_key = "manifest";

inline constexpr std::size_t delta_key_bytes = 16; ///< checkpoint u64, step u32, group u16, part u16
inline constexpr std::size_t base_key_head = 8;    ///< step u32, group u16, state u16
inline constexpr std::size_t key_limit = 511;      ///< LMDB's; a base key of this length ends in the hash of a longer one
inline constexpr std::size_t key_hash_bytes = 16;

inline constexpr std::uint8_t replaces_flag = 1; ///< of a delta: nothing older of this step and group counts

} // namespace leat::store_format
