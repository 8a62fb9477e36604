#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/formats/schema_format.hpp>

#include <google/protobuf/descriptor.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// See `proto_schema::place` and `proto_schema::text`.
[[nodiscard]] std::vector<int> place_of(const google::protobuf::Descriptor& message);
[[nodiscard]] std::string text_of_file(const google::protobuf::Descriptor& message);

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

  /// What follows from a record type: its fields, numbered in the order of their description from 1 on; of a class that Protobuf's compiler
  /// has made, what that was made from.
  /// @throws pipeline_error when a field has no form in Protobuf; the text names it.
  static std::shared_ptr<const proto_schema> of(const schema& record);

  [[nodiscard]] const google::protobuf::Descriptor& message() const noexcept { return *message_; }

  /// Another message of the same file. @param place as `writer_schema::message` has it; empty: the first one.
  /// @throws config_error when there is none.
  [[nodiscard]] const google::protobuf::Descriptor& message_at(std::span<const int> place) const;

  /// Where in its file the message is, as `writer_schema::message` has it.
  [[nodiscard]] std::vector<int> place() const { return place_of(*message_); }

  /// The text of a `.proto` file with the message.
  /// @throws pipeline_error when it imports others than those that come with Protobuf.
  [[nodiscard]] std::string text() const { return text_of_file(*message_); }

private:
  proto_schema();

  const google::protobuf::FileDescriptor& add_file(const std::string& path, std::string_view text);

  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
  const google::protobuf::Descriptor* message_ = nullptr;
};

} // namespace leat
