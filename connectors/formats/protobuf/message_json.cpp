#include <leat/connectors/formats/protobuf/message_json.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/formats/protobuf/message_bytes.hpp>
#include <leat/connectors/formats/protobuf/proto_schema.hpp>

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/stubs/logging.h>

namespace leat {

message_json::message_json(const writer_schema& written)
  : schema_{proto_schema::parse({.text = written.text, .beside = written.beside})},
    factory_{std::make_unique<google::protobuf::DynamicMessageFactory>()} {}

message_json::~message_json() = default;
message_json::message_json(message_json&&) noexcept = default;

shown_message message_json::show(std::span<const int> place, std::string_view bytes) const {
  const google::protobuf::LogSilencer quiet;
  try {
    const std::unique_ptr<google::protobuf::Message> read{factory_->GetPrototype(&schema_->message_at(place))->New()};
    if (auto why = read_message(bytes, *read); !why.empty())
      return {{}, std::move(why)};
    shown_message shown;
    if (!message_to_json(*read, shown.json))
      std::swap(shown.json, shown.refusal);
    return shown;
  } catch (const config_error& e) { // of the place
    return {{}, e.what()};
  }
}

} // namespace leat
