#include <leat/connectors/formats/dynamic_protobuf.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/formats/protobuf/message_bytes.hpp>
#include <leat/connectors/formats/protobuf/message_definition.hpp>
#include <leat/connectors/formats/protobuf/message_type.hpp>
#include <leat/connectors/formats/protobuf/proto_printer.hpp>
#include <leat/connectors/formats/protobuf/proto_schema.hpp>

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include <fstream>
#include <iterator>
#include <utility>

namespace leat {
namespace {

const message_type& type_of(const proto_schema& of) {
  return message_type::of(definition_of(of.message()), of.message().full_name());
}

const message_type& type_of(const dynamic_protobuf_options& options) {
  if (options.descriptors.empty())
    return type_of(*proto_schema::parse(options.proto, options.message));
  const std::string path{options.descriptors};
  std::ifstream file{path, std::ios::binary};
  if (!file)
    throw config_error{fmt::format("the file of descriptors {} cannot be read", path)};
  const std::string bytes{std::istreambuf_iterator{file}, {}};
  return message_type::of_file_set(bytes, options.message);
}

void expect_messages(const schema& of, std::string_view format) {
  if (&of != &schema_of<protobuf_message>())
    throw pipeline_error{fmt::format(
      "records `{}` are no leat::protobuf_message, which is what the format {} reads and writes: the format protobuf is "
      "for "
      "described structs and generated classes",
      of.name(), format)};
}

class dynamic_decoder final : public decoder {
public:
  explicit dynamic_decoder(const message_type& type) : type_{type} {}

  std::size_t
  decode(std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) override {
    const google::protobuf::LogSilencer quiet;
    std::size_t filled = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
      auto& slot = *reinterpret_cast<protobuf_message*>(static_cast<char*>(slots) + filled * stride);
      slot.become(type_);
      auto why =
        in[i].payload ? read_message(*in[i].payload, *slot.get()) : "the value is null (a tombstone), not a message";
      if (why.empty())
        ++filled;
      else
        rejected.push_back({i, std::move(why)});
    }
    return filled;
  }

private:
  const message_type& type_;
};

class dynamic_encoder final : public encoder {
public:
  dynamic_encoder(const message_type& type, std::string prefix) : type_{type}, prefix_{std::move(prefix)} {}

  void encode(
    const void* records, std::size_t stride, std::size_t count, encoded_records& out,
    std::vector<rejection>& rejected) override {
    const auto* record = static_cast<const char*>(records);
    for (std::size_t i = 0; i < count; ++i, record += stride) {
      const auto& message = *reinterpret_cast<const protobuf_message*>(record);
      if (auto why = refusal_of(message); why.empty()) {
        out.bytes += prefix_;
        append_message(*message.get(), out.bytes);
      } else {
        rejected.push_back({i, std::move(why)});
      }
      out.ends.push_back(out.bytes.size());
    }
  }

private:
  [[nodiscard]] std::string refusal_of(const protobuf_message& message) const {
    if (message.type() != type_.message().full_name())
      return fmt::format("is a message `{}`, not `{}`", message.type(), type_.message().full_name());
    if (!message.get()->IsInitialized())
      return fmt::format("required fields are missing: {}", message.get()->InitializationErrorString());
    return {};
  }

  const message_type& type_;
  const std::string prefix_;
};

/// While no record has come, nothing is known.
class unknown_decoder final : public decoder {
public:
  std::size_t decode(std::span<const raw_record> in, void*, std::size_t, std::vector<rejection>& rejected) override {
    for (std::size_t i = 0; i < in.size(); ++i)
      rejected.push_back(
        {i, "of which type the message is nobody says: name .descriptors or .proto, or a schema registry"});
    return 0;
  }
};

} // namespace

protobuf_message dynamic_protobuf_format::make() const { return protobuf_message{type_of(options_)}; }

std::string_view dynamic_protobuf_format::name() const noexcept { return "dynamic_protobuf"; }

std::unique_ptr<decoder> dynamic_protobuf_format::make_decoder(const schema& of) const {
  expect_messages(of, name());
  if (of_any_type())
    return std::make_unique<unknown_decoder>();
  return std::make_unique<dynamic_decoder>(type_of(options_));
}

std::unique_ptr<encoder> dynamic_protobuf_format::make_encoder(const schema& of) const {
  return make_encoder_behind({}, of);
}

std::string_view dynamic_protobuf_format::schema_kind() const noexcept { return "PROTOBUF"; }

std::string dynamic_protobuf_format::schema_text(const schema& of) const {
  expect_messages(of, name());
  return text_of_file(type_of(options_).message());
}

std::vector<int> dynamic_protobuf_format::message_place(const schema& of) const {
  expect_messages(of, name());
  return of_any_type() ? std::vector{0} : place_of(type_of(options_).message());
}

std::unique_ptr<decoder> dynamic_protobuf_format::make_decoder_of(const writer_schema& written, const schema& of) const {
  expect_messages(of, name());
  const auto writers = proto_schema::parse(written);
  if (of_any_type())
    return std::make_unique<dynamic_decoder>(type_of(*writers));
  const auto& type = type_of(options_);
  expect_readable(writers->message(), type.message());
  return std::make_unique<dynamic_decoder>(type);
}

std::unique_ptr<value_printer> dynamic_protobuf_format::make_printer(const writer_schema& written) const {
  return std::make_unique<proto_printer>(proto_schema::parse(written));
}

std::unique_ptr<encoder> dynamic_protobuf_format::make_encoder_behind(std::string prefix, const schema& of) const {
  expect_messages(of, name());
  if (of_any_type())
    throw pipeline_error{"the format dynamic_protobuf writes messages of one type: name it by .descriptors or .proto"};
  return std::make_unique<dynamic_encoder>(type_of(options_), std::move(prefix));
}

} // namespace leat
