#pragma once

#include <leat/base/decimal.hpp>
#include <leat/base/schema.hpp>
#include <leat/connectors/formats/csv_fields.hpp>
#include <leat/connectors/formats/format.hpp>

#include <string>
#include <vector>

namespace leat {

/// Decodes CSV lines whose columns are known. Allocates nothing once its buffers hold the widest record.
class csv_decoder final : public decoder {
public:
  /// @param columns the field that each column holds; null for one that is left out. Fields without a column are optional.
  csv_decoder(const schema& of, std::vector<const field*> columns, char delimiter);

  std::size_t
  decode(std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) override;

private:
  // False: `reason_` says why.
  [[nodiscard]] bool read_record(const raw_record& from, void* record);
  [[nodiscard]] std::string wrong_count(std::string_view line) const;
  [[nodiscard]] bool read_value(const field& of, const field_type& type, const csv_fields::raw_field& from, void* to);
  [[nodiscard]] bool read_integer(const field& of, const field_type& type, std::string_view text, void* to);
  [[nodiscard]] bool read_enumeration(const field& of, const field_type& type, std::string_view text, void* to);
  [[nodiscard]] bool read_decimal(const field& of, std::string_view text, decimal& to);
  [[nodiscard]] bool read_time(const field& of, std::string_view text, void* to);
  bool refuse(const field& of, std::string_view expected, std::string_view found);

  std::vector<const field*> columns_;
  std::vector<const field*> absent_;
  const char delimiter_;
  std::vector<csv_fields::raw_field> fields_; // of the present record
  std::string scratch_;
  std::string reason_;
};

} // namespace leat
