#pragma once

#include <leat/connectors/formats/json/json_writer.hpp>
#include <leat/connectors/kafka/blocking/kafka_message.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace leat::cli {

// Records as people and programs read them. Keys and values are bytes here; what decodes them by a schema would stand in for
// `shown` and `write_payload`.

/// For a person, on one line of a terminal: text as it is, all other bytes as `\x0a`. "(empty)" when there are none.
/// @param none what stands for null.
[[nodiscard]] std::string shown(std::optional<std::string_view> bytes, std::string_view none = "(null)");

/// What stands for the value of a tombstone.
inline constexpr std::string_view tombstone = "(tombstone)";

/// `name=value name=value`.
[[nodiscard]] std::string shown_headers(const std::vector<kafka_header>& headers);

/// A string; bytes that are no UTF-8 as {"$bytes": "fffe"}; null.
void write_payload(json_writer& to, std::optional<std::string_view> bytes);

/// An object, one line: topic, partition, offset, timestamp, key, value, and headers as objects of name and value, in their order.
void write_record(json_writer& to, const kafka_message& record);

} // namespace leat::cli
