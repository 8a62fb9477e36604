#pragma once

#include <leat/base/time.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/formats/protobuf/proto_plan.hpp>
#include <leat/connectors/formats/protobuf/proto_schema.hpp>
#include <leat/connectors/formats/refusal.hpp>
#include <leat/connectors/formats/wire_bytes.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace leat {

/// Reads described structs from messages of one type. Belongs to one reader.
class proto_decoder final : public decoder, private refusal {
public:
  /// @throws pipeline_error when records cannot be read from the message; the text names the field.
  proto_decoder(std::shared_ptr<const proto_schema> message, const schema& of);

  std::size_t
  decode(std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) override;

private:
  enum class wire_kind : std::uint8_t { number = 0, eight_bytes = 1, sized = 2, begin = 3, end = 4, four_bytes = 5 };

  static void clear(const proto_record_plan& plan, void* record);
  bool message(const proto_record_plan& plan, void* record, std::string_view bytes, bool merge);
  bool field(const proto_record_plan& plan, std::size_t place, wire_kind kind, wire_reader& from, void* record);
  bool elements(const proto_field_plan& f, wire_kind kind, wire_reader& from, void* list);
  bool value(const proto_field_plan& f, wire_kind kind, wire_reader& from, void* to, bool merge);
  bool number(const proto_field_plan& f, wire_reader& from, void* to);
  bool text(const proto_field_plan& f, wire_reader& from, void* to);
  bool stamp(wire_reader& from, timestamp& to);
  bool skip(wire_kind kind, std::uint32_t number, wire_reader& from);
  bool complete(const proto_record_plan& plan);

  static wire_kind kind_of(const proto_field_plan& f);
  bool cut_off();

  const std::shared_ptr<const proto_schema> schema_;
  const proto_plan plan_;
  unsigned depth_ = 0;
};

} // namespace leat
