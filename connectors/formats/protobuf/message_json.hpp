#pragma once

#include <leat/connectors/formats/schema_format.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace google::protobuf {
class DynamicMessageFactory;
} // namespace google::protobuf

namespace leat {

class proto_schema;

/// A message for a person.
struct shown_message {
  std::string
    json; ///< in one line, by Protobuf's rules for JSON; fields are named as in the .proto file, those of no value left out
  std::string refusal; ///< why there is none; empty: there is
};

/// Shows messages of Protobuf that no class is known of, by the schema that they were written with. Any thread.
class message_json {
public:
  /// @throws config_error saying what is wrong with the schema. Its `message` does not count.
  explicit message_json(const writer_schema& written);
  ~message_json();
  message_json(message_json&&) noexcept;

  /// @param place of the message in its file, as `writer_schema::message` has it. @param bytes without what stands before them.
  [[nodiscard]] shown_message show(std::span<const int> place, std::string_view bytes) const;

private:
  std::shared_ptr<const proto_schema> schema_;
  std::unique_ptr<google::protobuf::DynamicMessageFactory> factory_;
};

} // namespace leat
