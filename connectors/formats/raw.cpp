#include <leat/connectors/formats/raw.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

namespace leat {
namespace {

const field& only_field(const schema& of) {
  if (of.fields().size() != 1 || of.fields().front().type->kind != field_kind::string)
    throw pipeline_error{
      fmt::format("record `{}` has no form as raw bytes: the format takes structs of one std::string", of.name())};
  return of.fields().front();
}

class raw_decoder final : public decoder {
public:
  explicit raw_decoder(const schema& of) : text_{only_field(of)} {}

  std::size_t
  decode(std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) override {
    auto* slot = static_cast<char*>(slots);
    std::size_t filled = 0;
    for (std::size_t i = 0; i < in.size(); ++i)
      if (in[i].payload)
        static_cast<std::string*>(text_.in(slot + filled++ * stride))->assign(*in[i].payload);
      else
        rejected.push_back({i, "the value is null (a tombstone), not a record"});
    return filled;
  }

private:
  const field& text_;
};

class raw_encoder final : public encoder {
public:
  raw_encoder(const schema& of, bool lines) : text_{only_field(of)}, lines_{lines} {}

  void encode(
    const void* records, std::size_t stride, std::size_t count, encoded_records& out,
    std::vector<rejection>& rejected) override {
    const auto* record = static_cast<const char*>(records);
    for (std::size_t i = 0; i < count; ++i, record += stride) {
      const auto& text = *static_cast<const std::string*>(text_.in(record));
      if (lines_ && text.find_first_of("\r\n") != std::string::npos)
        rejected.push_back({i, fmt::format("field `{}`: has a line break in it", text_.name)});
      else
        out.bytes += text;
      out.ends.push_back(out.bytes.size());
    }
  }

private:
  const field& text_;
  const bool lines_;
};

} // namespace

std::string_view raw_format::name() const noexcept { return "raw"; }

std::unique_ptr<decoder> raw_format::make_decoder(const schema& of) const { return std::make_unique<raw_decoder>(of); }

std::unique_ptr<encoder> raw_format::make_encoder(const schema& of) const {
  return std::make_unique<raw_encoder>(of, options_.lines);
}

std::string raw_format::header(const schema& of) const {
  if (!options_.lines)
    throw pipeline_error{fmt::format(
      "records `{}` cannot be written to files as `raw`, which may have line breaks in them: use `raw_lines`", of.name())};
  return {};
}

} // namespace leat
