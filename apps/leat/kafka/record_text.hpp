#pragma once

#include <leat/apps/leat/json_object.hpp>
#include <leat/connectors/formats/json/json_writer.hpp>
#include <leat/connectors/kafka/blocking/kafka_message.hpp>
#include <leat/connectors/registry/registered_printer.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace leat::cli {

// Records as people and programs read them.

/// A key or a value, and what it says by a schema.
struct payload {
  std::optional<std::string_view> bytes;
  std::optional<std::uint32_t> schema{}; ///< the id that the bytes name
  std::string json{};                    ///< what they say; empty: it is not known
  std::string failure{};                 ///< then, when somebody should know: why not
};

/// For a person, on one line of a terminal: text as it is, all other bytes as `\x0a`. "(empty)" when there are none.
/// @param none what stands for null.
[[nodiscard]] std::string shown(std::optional<std::string_view> bytes, std::string_view none = "(null)");

/// What it says; otherwise the bytes as above, with a remark when somebody should know why: `\x00 (schema 7 is not in the registry)`.
[[nodiscard]] std::string shown(const payload& p, std::string_view none = "(null)");

/// What stands for the value of a tombstone.
inline constexpr std::string_view tombstone = "(tombstone)";

/// `name=value name=value`.
[[nodiscard]] std::string shown_headers(const std::vector<kafka_header>& headers);

/// A string; bytes that are no UTF-8 as {"$bytes": "fffe"}; null.
void write_payload(json_writer& to, std::optional<std::string_view> bytes);

/// What it says, or the bytes as above; `value_schema_id` when they name a schema, and `value_error` when somebody should know why
/// they are bytes. @param name "value", or "key".
void write_payload(json_object& to, std::string_view name, const payload& p);

/// An object, one line: topic, partition, offset, timestamp, key, value, and headers as objects of name and value, in their order.
void write_record(json_writer& to, const kafka_message& record, const payload& key, const payload& value);

} // namespace leat::cli
