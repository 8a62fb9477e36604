#pragma once

#include <leat/connectors/formats/schema_format.hpp>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>

namespace leat {

/// A type of messages that no class is known of, made from the files that define it. Types that were asked for once stay for ever, so that
/// records can point at theirs: they are few. Any thread.
class message_type {
public:
  /// By its definition, as `definition_of` returns it.
  /// @throws state_error when that does not define the message.
  static const message_type& of(std::string_view definition, std::string_view name);

  /// From the bytes of a FileDescriptorSet.
  /// @throws config_error saying what is wrong.
  static const message_type& of_file_set(std::string_view bytes, std::string_view name);

  message_type(std::string definition, std::string_view name);

  [[nodiscard]] const google::protobuf::Descriptor& message() const noexcept { return *message_; }
  [[nodiscard]] const std::string& definition() const noexcept { return definition_; }

  /// A new one with nothing in it.
  [[nodiscard]] std::unique_ptr<google::protobuf::Message> make() const;

private:
  const std::string definition_;
  google::protobuf::DescriptorPool pool_;
  const google::protobuf::Descriptor* message_ = nullptr;
  mutable google::protobuf::DynamicMessageFactory factory_; // has a lock of its own
};

} // namespace leat
