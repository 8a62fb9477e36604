#pragma once

#include "json_fixture.hpp"

#include <leat/connectors/formats/avro.hpp>
#include <leat/connectors/formats/avro/avro_decoder.hpp>
#include <leat/connectors/formats/avro/avro_encoder.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace leat::testing {

inline std::shared_ptr<const avro_schema> avro_schema_from(std::string_view json) {
  return std::make_shared<const avro_schema>(json);
}

/// What becomes of bytes that were written with the schema. @param reader see `avro_resolution`; empty: none.
template <class T>
decoding<T> read_avro(std::string_view schema, std::string_view bytes, std::string_view reader = {}) {
  avro_decoder with{avro_schema_from(schema), schema_of<T>(), reader.empty() ? nullptr : avro_schema_from(reader)};
  return decode_all<T>(with, {bytes}).front();
}

/// The bytes of a record; or why it has none.
template <class T>
std::string write_avro(std::string_view schema, const T& record) {
  avro_encoder with{avro_schema_from(schema), schema_of<T>()};
  encoded_records out;
  std::vector<rejection> rejected;
  with.encode(&record, sizeof record, 1, out, rejected);
  return rejected.empty() ? out.bytes : "refused: " + rejected.front().reason;
}

/// Bytes of a few numbers.
inline std::string bytes(std::initializer_list<int> all) {
  std::string made;
  for (const auto b : all)
    made += static_cast<char>(b);
  return made;
}

} // namespace leat::testing
