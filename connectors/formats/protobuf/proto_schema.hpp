#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/formats/schema_format.hpp>

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// A message of Protobuf as data, with all that it contains. Immutable; any thread.
class proto_schema {
public:
  /// From the text of a `.proto` file. It may import what comes with Protobuf (`google/protobuf/timestamp.proto`).
  /// @param message which of its messages, with its package; empty: the first one.
  /// @throws config_error saying what is wrong, and in which line.
  static std::shared_ptr<const proto_schema> parse(std::string_view text, std::string_view message);

  /// From what whoever wrote records says of them: also other files that it imports, and a message by its place.
  /// @throws config_error saying what is wrong.
  static std::shared_ptr<const proto_schema> parse(const writer_schema& written);

  /// What follows from a record type: its fields, numbered in the order of their description from 1 on.
  /// @throws pipeline_error when a field has no form in Protobuf; the text names it.
  static std::shared_ptr<const proto_schema> of(const schema& record);

  [[nodiscard]] const google::protobuf::Descriptor& message() const noexcept { return *message_; }

  /// Where in its file the message is, as `writer_schema::message` has it.
  [[nodiscard]] std::vector<int> place() const;

  /// The text of a `.proto` file with the message.
  [[nodiscard]] std::string text() const;

private:
  proto_schema();

  const google::protobuf::FileDescriptor& add_file(const std::string& path, std::string_view text);

  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
  const google::protobuf::Descriptor* message_ = nullptr;
};

} // namespace leat
