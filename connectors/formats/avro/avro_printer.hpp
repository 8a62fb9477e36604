#pragma once

#include <leat/connectors/formats/avro/avro_schema.hpp>
#include <leat/connectors/formats/json/json_writer.hpp>
#include <leat/connectors/formats/refusal.hpp>
#include <leat/connectors/formats/value_printer.hpp>
#include <leat/connectors/formats/wire_bytes.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace leat {

/// Shows values in Avro's binary encoding as JSON, all that the writer's schema has:
///
///     records             objects, fields in the schema's order; maps likewise
///     unions              the value alone, without the name of its branch
///     enums               the symbol
///     int, long           numbers, all digits
///     float, double       the shortest number that reads back as the same; "NaN", "Infinity", "-Infinity"
///     string, bytes       a string when they are UTF-8, {"$bytes": "fffe"} otherwise; fixed always the latter
///     decimal             a number with all its digits: 12.50; its bytes when it has more than 38
///     date                "2024-05-01"; times of a day "12:00:00.250", with six digits from microseconds
///     timestamps          "2024-05-01T12:00:00.250Z", likewise; local ones without the Z
///     uuid                "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
///
/// Dates and times that have no such form, as they are not in the years 0 to 9999 or longer than a day, are the numbers that were written.
class avro_printer final : public value_printer, private refusal {
public:
  explicit avro_printer(std::shared_ptr<const avro_schema> written);

  [[nodiscard]] printed_value print(std::string_view bytes) override;

private:
  // Each reads what it writes. False: refused.
  bool value(const avro_type& type);
  bool simple(const avro_type& type);
  bool nested(const avro_type& type);
  bool boolean();
  bool whole(const avro_type& type);
  bool octets(const avro_type& type);
  bool enumeration(const avro_type& type);
  bool record(const avro_type& type);
  bool either(const avro_type& type);
  bool elements(const avro_type& type);
  bool element(const avro_type& inner, std::size_t place);
  bool entry(const avro_type& inner);
  bool block(std::int64_t& count, const avro_type& inner);
  bool cut_off();

  void write_quoted(std::string_view ascii);
  void write_date(std::int64_t days);
  void write_time_of_day(std::int64_t number, std::int64_t in_second, int digits);
  void write_timestamp(std::int64_t number, avro_logical what);

  const std::shared_ptr<const avro_schema> written_;
  json_writer to_;
  wire_reader in_{{}};
  unsigned depth_ = 0;
};

} // namespace leat
