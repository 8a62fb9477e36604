#pragma once

#include <leat/connectors/formats/format.hpp>

#include <memory>
#include <string>

namespace leat {

// Records that are objects of a class of Protobuf's, whose library does the work. `of.message()` is not null.

[[nodiscard]] std::unique_ptr<decoder> make_message_decoder(const schema& of);
[[nodiscard]] std::unique_ptr<encoder> make_message_encoder(const schema& of, std::string prefix);

// The same as JSON, by Protobuf's own rules for it; fields are written with their names in the .proto file.

[[nodiscard]] std::unique_ptr<decoder> make_json_message_decoder(const schema& of);
[[nodiscard]] std::unique_ptr<encoder> make_json_message_encoder(const schema& of);

} // namespace leat
