#pragma once

#include <leat/connectors/formats/avro/avro_schema.hpp>

#include <simdjson.h>

#include <string>
#include <string_view>

namespace leat {

/// The bytes of a default value that a schema gives as JSON.
/// @param where the field, for the complaint.
/// @throws config_error when the value is not of the type.
[[nodiscard]] std::string avro_default(const avro_type& type, simdjson::dom::element value, std::string_view where);

} // namespace leat
