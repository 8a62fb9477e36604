#pragma once

#include <leat/connectors/formats/protobuf/proto_schema.hpp>
#include <leat/connectors/formats/value_printer.hpp>

#include <google/protobuf/dynamic_message.h>

#include <memory>
#include <string_view>

namespace leat {

/// Shows messages of Protobuf as JSON, by Protobuf's own rules for that: whole numbers of 64 bits and bytes (base64) are strings, fields
/// without a value are left out. Names are those of the `.proto` file.
class proto_printer final : public value_printer {
public:
  explicit proto_printer(std::shared_ptr<const proto_schema> written);

  [[nodiscard]] printed_value print(std::string_view bytes) override;

private:
  const std::shared_ptr<const proto_schema> written_;
  google::protobuf::DynamicMessageFactory factory_;
  const std::unique_ptr<google::protobuf::Message> message_; // the one that is shown
};

} // namespace leat
