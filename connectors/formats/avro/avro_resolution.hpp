#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/formats/avro/avro_schema.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace leat {

/// How a value that was written as one type of Avro becomes one of a type of Leat: the outcome of schema resolution (specification
/// 1.11.1), worked out once, so that a decoder only follows it.
struct avro_plan {
  enum class way : std::uint8_t {
    skip,
    boolean,
    integer,      ///< of Avro's int or long
    real32,       ///< a float
    real64,       ///< a float or double, as double
    whole_real32, ///< an int or long, as float
    whole_real64, ///< … as double
    widened_real, ///< a float, as double
    text,         ///< must be UTF-8
    bytes,        ///< whatever they are, into a string
    millis,
    micros,
    decimal,
    enumeration,
    present, ///< into an optional that has a value then
    absent,  ///< null, into an optional
    list,
    record,
    either,     ///< what comes is said in front of it
    impossible, ///< this branch of a union has no place
  };

  /// A field of the writer's.
  struct step {
    const avro_plan* what = nullptr;
    const field* into = nullptr; ///< null: it is skipped
  };

  /// A field that the writer does not have.
  struct gap {
    const field* of = nullptr;
    const avro_plan* fallback = nullptr; ///< null: an optional, which has no value then
    std::string bytes{};                 ///< of the default
  };

  way how = way::skip;
  const field_type* to = nullptr;
  const avro_type* from = nullptr;
  std::vector<const avro_plan*> parts{};             ///< of what is inside: one, or the branches of a union
  std::vector<step> steps{};                         ///< of a record
  std::vector<gap> gaps{};                           ///< of a record
  std::vector<std::optional<std::int64_t>> values{}; ///< of an enumeration, by the writer's symbols
  std::string reason{};                              ///< when impossible
  std::string where{};                               ///< likewise: the path inside of it of what is wrong; empty: all of it
};

/// The plan for records of one schema, written with one schema of Avro; it and the reader's schema outlive this.
class avro_resolution {
public:
  /// @param reader has defaults for fields that the writer does not have, and aliases; null: there are none.
  /// @throws connector_error saying which field cannot be read.
  avro_resolution(const avro_schema& writer, const schema& of, const avro_schema* reader);

  avro_resolution(const avro_resolution&) = delete;
  avro_resolution& operator=(const avro_resolution&) = delete;

  [[nodiscard]] const avro_plan& root() const noexcept { return *root_; }

private:
  class resolver;

  field_type record_; // of the records themselves
  std::deque<avro_plan> plans_;
  const avro_plan* root_ = nullptr;
};

} // namespace leat
