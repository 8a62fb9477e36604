#pragma once

#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/kafka/kafka_sink.hpp>
#include <leat/connectors/source.hpp>

#include <boost/describe.hpp>

#include <string>

namespace leat::testing {

/// A record that is one text.
struct line {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(line, (), (text))

/// The least of a format: the bytes are the text. What starts with "bad" cannot be decoded, nor encoded.
class line_format : public format {
public:
  [[nodiscard]] std::string_view name() const noexcept override { return "line"; }

  [[nodiscard]] std::unique_ptr<decoder> make_decoder(const schema&) const override {
    return std::make_unique<line_decoder>();
  }

  [[nodiscard]] std::unique_ptr<encoder> make_encoder(const schema&) const override {
    return std::make_unique<line_encoder>();
  }

private:
  struct line_decoder : decoder {
    std::size_t
    decode(std::span<const raw_record> in, void* slots, std::size_t, std::vector<rejection>& rejected) override {
      auto* slot = static_cast<line*>(slots);
      for (std::size_t i = 0; i < in.size(); ++i)
        if (!in[i].payload || in[i].payload->starts_with("bad"))
          rejected.push_back({i, in[i].payload ? "it says that it is bad" : "there is no payload"});
        else
          (slot++)->text = *in[i].payload;
      return static_cast<std::size_t>(slot - static_cast<line*>(slots));
    }
  };

  struct line_encoder : encoder {
    void encode(const void* records, std::size_t, std::size_t count, encoded_records& out, std::vector<rejection>& rejected)
      override {
      const auto* record = static_cast<const line*>(records);
      for (std::size_t i = 0; i < count; ++i) {
        if (record[i].text.starts_with("bad"))
          rejected.push_back({i, "it says that it is bad"});
        else
          out.bytes += record[i].text;
        out.ends.push_back(out.bytes.size());
      }
    }
  };
};

/// The key of a line is what comes before its first space.
class first_word : public key_extractor {
public:
  void keys(const batch_base& records, std::size_t from, encoded_records& out) const override {
    const auto* const lines = static_cast<const line*>(records.data());
    for (std::size_t i = from; i < records.size(); ++i) {
      out.bytes += lines[i].text.substr(0, lines[i].text.find(' '));
      out.ends.push_back(out.bytes.size());
    }
  }
};

} // namespace leat::testing
