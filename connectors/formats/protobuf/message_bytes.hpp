#pragma once

#include <leat/connectors/formats/refusal.hpp>
#include <leat/connectors/formats/wire_bytes.hpp>

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace leat {

/// Reads bytes into an object of a class of Protobuf's, over what was in it: what was allocated for it is used again.
/// @returns why not, for a person; empty: done. Required fields count.
/// The library writes what it refuses to the standard error stream: hold a `google::protobuf::LogSilencer` meanwhile.
[[nodiscard]] std::string read_message(std::string_view bytes, google::protobuf::Message& to);

/// The bytes of a message behind what is there; equal messages have equal bytes within one version of a program, maps included.
void append_message(const google::protobuf::Message& from, std::string& to);

/// One message as JSON, in one line, with its fields named as in the .proto file.
/// @returns whether it has a form in JSON; otherwise `to` says why not.
[[nodiscard]] bool message_to_json(const google::protobuf::Message& from, std::string& to);

/// Finds what is wrong with the bytes of a message, which the library does not say.
class message_fault : private refusal {
public:
  /// @returns for a person; empty: nothing was found.
  [[nodiscard]] std::string find(const google::protobuf::Descriptor& type, std::string_view bytes);

private:
  // False: it is here.
  bool message(const google::protobuf::Descriptor& type, std::string_view bytes);
  bool field(const google::protobuf::FieldDescriptor* known, std::uint64_t tag, wire_reader& from);
  bool group(std::uint32_t number, wire_reader& from);

  int depth_ = 0;
};

} // namespace leat
