#pragma once

#include <leat/connectors/formats/schema_format.hpp>

#include <string>
#include <string_view>

namespace leat {

/// How records are written with Avro.
struct avro_options {
  /// The schema, as JSON. Empty: the one that follows from the record type, see `avro_schema_of`.
  std::string_view schema{};

  /// Digits behind the point of decimals, where the schema follows from the record type.
  int decimal_scale = 9;
};

/// One record, one value in Avro's binary encoding (specification 1.11.1) without a header: who reads it knows the schema.
///
/// | field | of Avro's type | also read from |
/// |---|---|---|
/// | bool | boolean | |
/// | integers of up to 32 bits with a sign, 16 without | int; others are refused when they do not fit | |
/// | other integers | long | int |
/// | float, double | float, double | int, long; a double from a float |
/// | decimal | bytes or fixed with the logical type decimal; a number with more digits is refused | |
/// | string | string, of UTF-8 | bytes, whatever they are |
/// | timestamp | long with the logical type timestamp-millis; other longs are milliseconds | timestamp-micros, cut to the millisecond |
/// | enum | enum of the same names | |
/// | optional | a union of null and the value | the value |
/// | vector, struct | array, record | |
///
/// What another schema has written is read by Avro's rules: fields are found by their names, or by aliases that `schema` has for
/// them; those that there are not are skipped; one that is missing takes the default that `schema` has for it, or is an optional
/// without value; otherwise the writer's schema is refused. Names of records and enums are not compared: they are those of C++
/// types. A value whose branch of a union, symbol or range has no place in the record refuses the record.
class avro_format : public schema_format {
public:
  constexpr explicit avro_format(avro_options options = {}) noexcept : options_{options} {}

  [[nodiscard]] std::string_view name() const noexcept override;
  [[nodiscard]] std::unique_ptr<decoder> make_decoder(const schema& of) const override;
  [[nodiscard]] std::unique_ptr<encoder> make_encoder(const schema& of) const override;

  [[nodiscard]] std::string_view schema_kind() const noexcept override;

  /// The schema that records are written with, as JSON.
  [[nodiscard]] std::string schema_text(const schema& of) const override;
  [[nodiscard]] std::unique_ptr<decoder> make_decoder_of(const writer_schema& written, const schema& of) const override;
  [[nodiscard]] std::unique_ptr<value_printer> make_printer(const writer_schema& written) const override;
  [[nodiscard]] std::unique_ptr<encoder> make_encoder_behind(std::string prefix, const schema& of) const override;

private:
  avro_options options_;
};

/// The schema of Avro that follows from a record type, as JSON: names as they are in C++, namespaces with points.
/// @throws pipeline_error when a name is none in Avro.
[[nodiscard]] std::string avro_schema_of(const schema& of, int decimal_scale);

/// The format to name in a pipeline: `kafka::source<order>("orders", avro)`.
inline constinit const avro_format avro{};

} // namespace leat
