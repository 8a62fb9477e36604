#include <leat/connectors/formats/json.hpp>

#include <leat/connectors/formats/json/json_decoder.hpp>
#include <leat/connectors/formats/json/json_encoder.hpp>
#include <leat/connectors/formats/protobuf/message_codec.hpp>

namespace leat {

std::string_view json_format::name() const noexcept { return "json"; }

std::unique_ptr<decoder> json_format::make_decoder(const schema& of) const {
  return of.message() ? make_json_message_decoder(of) : std::make_unique<json_decoder>(of);
}

std::unique_ptr<encoder> json_format::make_encoder(const schema& of) const {
  return of.message() ? make_json_message_encoder(of) : std::make_unique<json_encoder>(of);
}

} // namespace leat
