#include <leat/connectors/formats/protobuf/proto_file.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>
#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>

#include <cstdint>
#include <optional>
#include <utility>

namespace leat {
namespace {

namespace pb = google::protobuf;

/// Keeps the first complaint.
class first_mistake : public pb::io::ErrorCollector {
public:
  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty())
      text_ = fmt::format("line {}, column {}: {}", line + 1, column + 1, message);
  }

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
  std::string text_;
};

/// @returns none: it is no base64 and so, as every file has more than letters, the text of a file.
std::optional<std::string> from_base64(std::string_view text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (text.ends_with('='))
    text.remove_suffix(1);
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const auto c : text) {
    const auto digit = digits.find(c);
    if (digit == std::string_view::npos)
      return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8)
      continue;
    count -= 8;
    bytes.push_back(static_cast<char>(bits >> count));
  }
  return bytes;
}

} // namespace

pb::FileDescriptorProto proto_file(const std::string& path, std::string_view text) {
  const pb::LogSilencer quiet; // of what is old-fashioned in a file that somebody else has written
  pb::FileDescriptorProto file;
  if (const auto bytes = from_base64(text); bytes && !text.empty()) {
    if (!file.ParseFromString(*bytes))
      throw config_error{"the .proto file is neither text nor a descriptor in base64"};
    file.set_name(path);
    return file;
  }
  first_mistake wrong;
  pb::io::ArrayInputStream bytes{text.data(), static_cast<int>(text.size())};
  pb::io::Tokenizer tokens{&bytes, &wrong};
  pb::compiler::Parser parser;
  parser.RecordErrorsTo(&wrong);
  file.set_name(path);
  if (!parser.Parse(&tokens, &file) || !wrong.text().empty())
    throw config_error{fmt::format("the .proto file: {}", wrong.text())};
  return file;
}

} // namespace leat
