#pragma once

#include <string_view>

/// One function a target: see `fuzz_targets`.
namespace leat::testing {

void fuzz_avro(std::string_view bytes);
void fuzz_avro_printer(std::string_view schema_and_bytes);
void fuzz_avro_schema(std::string_view schema_and_bytes);
void fuzz_csv(std::string_view file);
void fuzz_decimal(std::string_view text);
void fuzz_encoded_json(std::string_view text);
void fuzz_encoded_value(std::string_view bytes);
void fuzz_epoch_log(std::string_view log);
void fuzz_json(std::string_view document);
void fuzz_protobuf(std::string_view bytes);
void fuzz_timestamp(std::string_view text);

} // namespace leat::testing
