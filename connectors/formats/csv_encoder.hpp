#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/formats/format.hpp>

#include <string>
#include <vector>

namespace leat {

/// Encodes records as lines of CSV, without their line breaks, columns in the order of the fields' description.
class csv_encoder final : public encoder {
public:
  csv_encoder(const schema& of, char delimiter) : schema_{of}, delimiter_{delimiter} {}

  void encode(
    const void* records, std::size_t stride, std::size_t count, encoded_records& out,
    std::vector<rejection>& rejected) override;

private:
  // Not null: what is wrong.
  [[nodiscard]] const char* write_record(const void* record, std::string& out);
  [[nodiscard]] const char* write_value(const field_type& type, const void* value, bool present, std::string& out);

  const schema& schema_;
  const char delimiter_;
  const field* refused_ = nullptr;
};

} // namespace leat
