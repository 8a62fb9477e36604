#include <leat/connectors/formats/protobuf.hpp>

#include <leat/connectors/formats/protobuf/proto_decoder.hpp>
#include <leat/connectors/formats/protobuf/proto_encoder.hpp>
#include <leat/connectors/formats/protobuf/proto_printer.hpp>

namespace leat {
namespace {

std::shared_ptr<const proto_schema> schema_for(const protobuf_options& options, const schema& of) {
  return options.proto.empty() ? proto_schema::of(of) : proto_schema::parse(options.proto, options.message);
}

} // namespace

std::string_view protobuf_format::name() const noexcept { return "protobuf"; }

std::unique_ptr<decoder> protobuf_format::make_decoder(const schema& of) const {
  return std::make_unique<proto_decoder>(schema_for(options_, of), of);
}

std::unique_ptr<encoder> protobuf_format::make_encoder(const schema& of) const { return make_encoder_behind({}, of); }

std::string_view protobuf_format::schema_kind() const noexcept { return "PROTOBUF"; }

std::string protobuf_format::schema_text(const schema& of) const { return schema_for(options_, of)->text(); }

std::vector<int> protobuf_format::message_place(const schema& of) const { return schema_for(options_, of)->place(); }

std::unique_ptr<decoder> protobuf_format::make_decoder_of(const writer_schema& written, const schema& of) const {
  return std::make_unique<proto_decoder>(proto_schema::parse(written), of);
}

std::unique_ptr<value_printer> protobuf_format::make_printer(const writer_schema& written) const {
  return std::make_unique<proto_printer>(proto_schema::parse(written));
}

std::unique_ptr<encoder> protobuf_format::make_encoder_behind(std::string prefix, const schema& of) const {
  return std::make_unique<proto_encoder>(schema_for(options_, of), of, std::move(prefix));
}

} // namespace leat
