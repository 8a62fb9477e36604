#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/formats/avro/avro_schema.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/formats/refusal.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// Encodes records in Avro's binary encoding, as a schema of Avro says. Belongs to one writer.
class avro_encoder final : public encoder, private refusal {
public:
  /// @param prefix stands before each record.
  /// @throws pipeline_error when records cannot be written with the schema; the text names the field.
  avro_encoder(std::shared_ptr<const avro_schema> with, const schema& of, std::string prefix = {});
  ~avro_encoder() override;

  void encode(
    const void* records, std::size_t stride, std::size_t count, encoded_records& out,
    std::vector<rejection>& rejected) override;

private:
  struct plan;
  class planner;

  // False: refused.
  bool value(const plan& how, const void* from, std::string& to);
  bool record(const plan& how, const void* from, std::string& to);
  bool list(const plan& how, const void* from, std::string& to);
  bool integer(const plan& how, const void* from, std::string& to);
  bool decimal_number(const plan& how, const void* from, std::string& to);
  bool enumeration(const plan& how, const void* from, std::string& to);

  const std::shared_ptr<const avro_schema> with_;
  const std::string prefix_;
  field_type record_; // of the records themselves
  std::deque<plan> plans_;
  const plan* root_ = nullptr;
};

} // namespace leat
