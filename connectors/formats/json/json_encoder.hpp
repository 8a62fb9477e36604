#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/formats/json/json_writer.hpp>
#include <leat/connectors/formats/refusal.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Encodes records as JSON objects without white space, fields in the order of their description.
///
/// Allocates nothing once its buffer holds the largest record.
class json_encoder final : public encoder, private refusal {
public:
  explicit json_encoder(const schema& of);

  /// Of records that are single values: a number, a list.
  explicit json_encoder(const field_type& of);
  ~json_encoder() override;

  void encode(
    const void* records, std::size_t stride, std::size_t count, encoded_records& out,
    std::vector<rejection>& rejected) override;

private:
  struct field_plan;
  struct record_plan;
  struct value_plan;

  static value_plan plan_value(const field_type& type);
  static record_plan plan_record(const schema& of);

  bool write_record(const record_plan& plan, const void* record);
  bool write_value(const value_plan& plan, const void* value);
  bool write_list(const value_plan& plan, const void* list);
  bool write_enumeration(const field_type& type, const void* value);

  bool refuse_number(double value);

  std::unique_ptr<const record_plan> plan_; ///< null: records are single values
  std::unique_ptr<const value_plan> value_;
  json_writer writer_;
};

} // namespace leat
