#pragma once

#include <cstddef>
#include <cstdint>

/// The log of an epoch in a checkpoint: docs/formats/epoch_log.md.
namespace leat::epoch_log_format {

inline constexpr std::uint8_t version = 1; ///< the first byte of every log

// The first byte of each item:
inline constexpr std::uint8_t topic = 1;  ///< of the records behind it
inline constexpr std::uint8_t time = 2;   ///< of the records behind it
inline constexpr std::uint8_t record = 3; ///< one record

// Bits of a record's second byte: which of its parts follow, in this order.
inline constexpr std::uint8_t has_partition = 1;
inline constexpr std::uint8_t has_key = 2;
inline constexpr std::uint8_t has_value = 4;
inline constexpr std::uint8_t has_headers = 8;

inline constexpr std::size_t trailer_bytes = 24; ///< epoch, marker before it, records: eight bytes each, behind the items

} // namespace leat::epoch_log_format
