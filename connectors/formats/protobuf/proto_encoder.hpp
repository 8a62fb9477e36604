#pragma once

#include <leat/base/time.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/formats/protobuf/proto_plan.hpp>
#include <leat/connectors/formats/protobuf/proto_schema.hpp>
#include <leat/connectors/formats/refusal.hpp>

#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace leat {

/// Writes described structs as messages of one type, fields in the order of their numbers. Belongs to one writer.
class proto_encoder final : public encoder, private refusal {
public:
  /// @param prefix stands before each record.
  /// @throws pipeline_error when records cannot be written as the message; the text names the field.
  proto_encoder(std::shared_ptr<const proto_schema> message, const schema& of, std::string prefix = {});

  void encode(
    const void* records, std::size_t stride, std::size_t count, encoded_records& out,
    std::vector<rejection>& rejected) override;

private:
  // False: refused.
  bool message(const proto_record_plan& plan, const void* record, std::string& to);
  bool field(const proto_field_plan& f, const void* from, std::string& to);
  bool elements(const proto_field_plan& f, const void* list, std::string& to);
  bool tagged(const proto_field_plan& f, const void* value, std::string& to);
  bool value(const proto_field_plan& f, const void* from, std::string& to);
  bool number(const proto_field_plan& f, const void* from, std::string& to);
  bool stamp(timestamp t, std::string& to);
  static bool is_default(const proto_field_plan& f, const void* value);
  static void tag(const proto_field_plan& f, bool packed, std::string& to);

  const std::shared_ptr<const proto_schema> schema_;
  const std::string prefix_;
  const proto_plan plan_;
  std::deque<std::string> inner_; // messages in one another, whose size stands before them
  std::size_t depth_ = 0;
};

} // namespace leat
