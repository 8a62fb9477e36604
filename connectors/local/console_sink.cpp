#include <leat/connectors/local/console_sink.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/formats/json/json_encoder.hpp>
#include <leat/connectors/immediate_writer.hpp>
#include <leat/connectors/refusal_log.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <system_error>
#include <vector>

namespace leat {

namespace {

/// Text as it is.
class text_encoder final : public encoder {
public:
  void encode(
    const void* records, std::size_t stride, std::size_t count, encoded_records& out, std::vector<rejection>&) override {
    const auto* record = static_cast<const char*>(records);
    for (std::size_t i = 0; i < count; ++i, record += stride) {
      out.bytes.append(*reinterpret_cast<const std::string*>(record));
      out.ends.push_back(out.bytes.size());
    }
  }
};

class console_writer final : public immediate_writer {
public:
  console_writer(std::unique_ptr<encoder> as, std::FILE* to, std::string step, metrics* notes)
    : encoder_{std::move(as)}, to_{to}, step_{std::move(step)}, refusals_{"sink", step_, notes} {}

  std::size_t write(const batch_base& in, std::size_t from) override {
    const auto count = in.size() - from;
    encoded_.clear();
    refused_.clear();
    const auto* const first = static_cast<const char*>(in.data()) + from * in.stride();
    encoder_->encode(first, in.stride(), count, encoded_, refused_);
    lines_.clear();
    auto refused = refused_.cbegin();
    for (std::size_t i = 0; i < encoded_.size(); ++i)
      if (refused != refused_.cend() && refused->index == i)
        ++refused;
      else
        lines_.append(encoded_[i]).push_back('\n');
    for (const auto& r : refused_)
      refusals_.add(r.reason, false, refusal_log::clock::now());
    rejected_ += refused_.size();
    if (std::fwrite(lines_.data(), 1, lines_.size(), to_) != lines_.size() || std::fflush(to_) != 0)
      throw connector_error{
        fmt::format("sink '{}' cannot write to the console: {}", step_, std::generic_category().message(errno))};
    return count;
  }

  [[nodiscard]] std::uint64_t rejected() const override { return rejected_; }

private:
  const std::unique_ptr<encoder> encoder_;
  std::FILE* const to_;
  const std::string step_;
  refusal_log refusals_;
  encoded_records encoded_;
  std::vector<rejection> refused_;
  std::string lines_;
  std::uint64_t rejected_ = 0;
};

} // namespace

console_sink::console_sink(const field_type& of, std::FILE* to) : to_{to} {
  if (of.kind == field_kind::string)
    make_encoder_ = [] { return std::make_unique<text_encoder>(); };
  else
    make_encoder_ = [&of] { return std::make_unique<json_encoder>(of); };
}

std::unique_ptr<sink_writer> console_sink::make_writer(std::uint32_t, std::uint32_t, waker) {
  return std::make_unique<console_writer>(make_encoder_(), to_, step_, notes_);
}

} // namespace leat
