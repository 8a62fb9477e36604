#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Confluent's wire format: which schema of a registry a record was written with, in front of its bytes. See
/// docs/formats/registered_records.md.
namespace confluent_wire {

constexpr char magic = 0;
constexpr std::size_t id_bytes = 4;             ///< most significant first
constexpr std::uint32_t largest_id = INT32_MAX; ///< ids are numbers of Java's
constexpr std::size_t deepest_message = 1000;   ///< of messages in one another; more are no Protobuf

} // namespace confluent_wire

/// A record taken apart; views into it.
struct registered_bytes {
  std::uint32_t schema = 0;
  std::string_view place; ///< Protobuf: where in the schema the message is, as it was written; otherwise empty
  std::string_view payload;
};

/// @param has_place whether the record's format says where in its schema its type is.
/// @returns none: it is not in this format.
[[nodiscard]] std::optional<registered_bytes> read_registered(std::string_view record, bool has_place) noexcept;

/// What stands before each record.
/// @param place as `writer_schema::message` has it; empty: the format has none.
[[nodiscard]] std::string registered_prefix(std::uint32_t schema, const std::vector<int>& place);

/// The numbers of a place, from its bytes.
[[nodiscard]] std::vector<int> place_numbers(std::string_view place);

} // namespace leat
