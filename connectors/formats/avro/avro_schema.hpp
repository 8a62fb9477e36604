#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// The kinds of types that Avro has (specification 1.11.1, "Schema Declaration").
enum class avro_kind : std::uint8_t {
  null,
  boolean,
  int32, ///< "int"
  int64, ///< "long"
  float32,
  float64,
  bytes,
  string,
  record,
  enumeration,
  array,
  map,
  either, ///< a union
  fixed,
};

/// What a value of a simpler type stands for. Those that are none of these are read as what they annotate.
enum class avro_logical : std::uint8_t {
  none,
  decimal,
  date,
  time_millis, ///< of a day
  time_micros,
  timestamp_millis,
  timestamp_micros,
  local_timestamp_millis, ///< wherever one is: without a zone
  local_timestamp_micros,
  uuid, ///< as a fixed (1.12); one that is a string is read as that
};

struct avro_type;

struct avro_field {
  std::string name;
  std::vector<std::string> aliases; ///< what readers may know it as
  const avro_type* type = nullptr;
  std::optional<std::string> fallback; ///< the bytes of its default; none: it has none
};

/// A type in a schema. Those with a name may contain themselves.
struct avro_type {
  avro_kind kind = avro_kind::null;
  avro_logical logical = avro_logical::none;
  int precision = 0; ///< of a decimal
  int scale = 0;     ///< of a decimal

  std::string name;                    ///< of records, enumerations and fixed: with its namespace
  std::vector<avro_field> fields;      ///< of a record
  std::vector<std::string> symbols;    ///< of an enumeration
  std::vector<const avro_type*> parts; ///< of a union its branches, of arrays and maps the one type of what is in them
  std::size_t size = 0;                ///< of a fixed, in bytes
  std::size_t least_bytes = 0;         ///< that a value takes
};

/// "long", "a record `shop.Order`", "an array": for a person.
[[nodiscard]] std::string to_text(const avro_type& type);

/// A schema of Avro, made from its JSON. Immutable; any thread.
class avro_schema {
public:
  /// @param beside schemas whose types it may name, each behind those that it names itself.
  /// @throws config_error saying what is wrong with it, and where.
  explicit avro_schema(std::string_view json, std::span<const std::string> beside = {});

  avro_schema(const avro_schema&) = delete;
  avro_schema& operator=(const avro_schema&) = delete;
  ~avro_schema();

  [[nodiscard]] const avro_type& root() const noexcept { return *root_; }

private:
  struct parts;

  std::unique_ptr<parts> parts_; // what `root_` is in
  const avro_type* root_ = nullptr;
};

} // namespace leat
