#include <leat/connectors/formats/protobuf.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/formats/protobuf/message_codec.hpp>
#include <leat/connectors/formats/protobuf/message_definition.hpp>
#include <leat/connectors/formats/protobuf/proto_decoder.hpp>
#include <leat/connectors/formats/protobuf/proto_encoder.hpp>
#include <leat/connectors/formats/protobuf/proto_printer.hpp>

#include <fmt/format.h>
#include <google/protobuf/message.h>

namespace leat {
namespace {

std::shared_ptr<const proto_schema> schema_for(const protobuf_options& options, const schema& of) {
  if (of.message() && !options.proto.empty())
    throw pipeline_error{fmt::format(
      "records `{}` are of a class that Protobuf's compiler has made, which knows its .proto file: name the format without "
      "one",
      of.name())};
  return options.proto.empty() ? proto_schema::of(of) : proto_schema::parse(options.proto, options.message);
}

} // namespace

std::string_view protobuf_format::name() const noexcept { return "protobuf"; }

std::unique_ptr<decoder> protobuf_format::make_decoder(const schema& of) const {
  auto message = schema_for(options_, of);
  return of.message() ? make_message_decoder(of) : std::make_unique<proto_decoder>(std::move(message), of);
}

std::unique_ptr<encoder> protobuf_format::make_encoder(const schema& of) const { return make_encoder_behind({}, of); }

std::string_view protobuf_format::schema_kind() const noexcept { return "PROTOBUF"; }

std::string protobuf_format::schema_text(const schema& of) const { return schema_for(options_, of)->text(); }

std::vector<int> protobuf_format::message_place(const schema& of) const { return schema_for(options_, of)->place(); }

std::unique_ptr<decoder> protobuf_format::make_decoder_of(const writer_schema& written, const schema& of) const {
  auto message = proto_schema::parse(written);
  if (!of.message())
    return std::make_unique<proto_decoder>(std::move(message), of);
  expect_readable(message->message(), schema_for(options_, of)->message());
  return make_message_decoder(of);
}

std::unique_ptr<value_printer> protobuf_format::make_printer(const writer_schema& written) const {
  return std::make_unique<proto_printer>(proto_schema::parse(written));
}

std::unique_ptr<encoder> protobuf_format::make_encoder_behind(std::string prefix, const schema& of) const {
  auto message = schema_for(options_, of);
  if (of.message())
    return make_message_encoder(of, std::move(prefix));
  return std::make_unique<proto_encoder>(std::move(message), of, std::move(prefix));
}

} // namespace leat
