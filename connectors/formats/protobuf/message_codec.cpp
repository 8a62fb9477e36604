#include <leat/connectors/formats/protobuf/message_codec.hpp>

#include <leat/connectors/formats/protobuf/message_bytes.hpp>

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include <utility>

namespace leat {
namespace {

namespace pb = google::protobuf;

/// @tparam Read fills a message, and says why not.
template <std::string (*Read)(std::string_view, pb::Message&)>
class message_decoder final : public decoder {
public:
  explicit message_decoder(const message_access& how) : how_{how} {}

  std::size_t
  decode(std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) override {
    const pb::LogSilencer quiet;
    auto* const slot = static_cast<char*>(slots);
    std::size_t filled = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
      auto why = in[i].payload ? Read(*in[i].payload, how_.in(slot + filled * stride))
                               : "the value is null (a tombstone), not a message";
      if (why.empty())
        ++filled;
      else
        rejected.push_back({i, std::move(why)});
    }
    return filled;
  }

private:
  const message_access& how_;
};

/// @tparam Write appends a message, and says why not.
template <std::string (*Write)(const pb::Message&, std::string&)>
class message_encoder final : public encoder {
public:
  message_encoder(const message_access& how, std::string prefix) : how_{how}, prefix_{std::move(prefix)} {}

  void encode(
    const void* records, std::size_t stride, std::size_t count, encoded_records& out,
    std::vector<rejection>& rejected) override {
    const pb::LogSilencer quiet;
    const auto* record = static_cast<const char*>(records);
    for (std::size_t i = 0; i < count; ++i, record += stride) {
      const auto before = out.bytes.size();
      out.bytes += prefix_;
      if (auto why = Write(how_.in_const(record), out.bytes); !why.empty()) {
        out.bytes.resize(before);
        rejected.push_back({i, std::move(why)});
      }
      out.ends.push_back(out.bytes.size());
    }
  }

private:
  const message_access& how_;
  const std::string prefix_;
};

std::string missing(const pb::Message& in) {
  return fmt::format("required fields are missing: {}", in.InitializationErrorString());
}

std::string write_message(const pb::Message& from, std::string& to) {
  if (!from.IsInitialized())
    return missing(from);
  append_message(from, to);
  return {};
}

std::string read_json(std::string_view text, pb::Message& to) {
  pb::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  to.Clear();
  const auto status = pb::util::JsonStringToMessage({text.data(), text.size()}, &to, options);
  if (!status.ok())
    return fmt::format("is not this message as JSON: {}", status.message().ToString());
  return to.IsInitialized() ? std::string{} : missing(to);
}

std::string write_json_message(const pb::Message& from, std::string& to) {
  std::string text;
  if (!message_to_json(from, text))
    return text;
  to += text;
  return {};
}

} // namespace

std::unique_ptr<decoder> make_message_decoder(const schema& of) {
  return std::make_unique<message_decoder<read_message>>(*of.message());
}

std::unique_ptr<encoder> make_message_encoder(const schema& of, std::string prefix) {
  return std::make_unique<message_encoder<write_message>>(*of.message(), std::move(prefix));
}

std::unique_ptr<decoder> make_json_message_decoder(const schema& of) {
  return std::make_unique<message_decoder<read_json>>(*of.message());
}

std::unique_ptr<encoder> make_json_message_encoder(const schema& of) {
  return std::make_unique<message_encoder<write_json_message>>(*of.message(), std::string{});
}

} // namespace leat
