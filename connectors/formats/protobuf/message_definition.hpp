#pragma once

#include <string>
#include <string_view>

namespace google::protobuf {
class Descriptor;
} // namespace google::protobuf

namespace leat {

// What saved messages are, as text beside them: so they can be shown without the class that wrote them, and it is known before they are
// read whether another one understands them. See docs/formats/encoded_types.md.

/// Whether a .proto file comes with Protobuf, so that everybody has it.
[[nodiscard]] bool is_file_of_library(std::string_view path) noexcept;

/// The files that a message is defined by, a FileDescriptorSet in hexadecimal digits. Those that come with Protobuf are left out.
[[nodiscard]] std::string definition_of(const google::protobuf::Descriptor& message);

/// Why messages that were written by one definition cannot be read by another, going by the numbers of their fields as Protobuf does; empty:
/// they can. Fields that have come or gone are no reason.
[[nodiscard]] std::string
clash_between(const google::protobuf::Descriptor& written, const google::protobuf::Descriptor& now);

/// The same for what was saved beside state.
/// @throws state_error when that is no definition of a message of the same name.
[[nodiscard]] std::string clash_with(std::string_view stored_definition, const google::protobuf::Descriptor& now);

/// @throws config_error when messages that were written as the one cannot be read as the other: it has another name, or they clash.
void expect_readable(const google::protobuf::Descriptor& written, const google::protobuf::Descriptor& now);

/// A saved message as JSON, see `message_to_json`; empty when it has no form there. Any thread.
/// @throws state_error when the bytes are no such message.
[[nodiscard]] std::string
message_in_json(std::string_view definition, std::string_view message_name, std::string_view bytes);

} // namespace leat
