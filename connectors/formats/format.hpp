#pragma once

#include <leat/base/schema.hpp>
#include <leat/base/time.hpp>
#include <leat/connectors/formats/record_splitter.hpp>
#include <leat/connectors/source.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// A record as a source found it: bytes that live until the source's next read.
struct raw_record {
  std::optional<std::string_view> key;
  std::optional<std::string_view> payload; ///< none is Kafka's null value (a tombstone), not the empty one
  std::int64_t offset = -1;
  timestamp time{}; ///< the source's own time of the record: Kafka's timestamp
};

/// A record that could not be decoded.
struct rejection {
  std::size_t index = 0; ///< its place among the records given
  std::string reason;    ///< for a person: which field, what was expected, what was found
};

/// Turns bytes into records of one schema, many at a call.
///
/// One decoder belongs to one reader and is used by one thread at a time.
class decoder {
public:
  virtual ~decoder() = default;

  /// How many of `in`, from the first one on, can be decoded now: what a decoder has to learn from outside before, such as the schema
  /// of a record, it asks for without waiting, and calls `wake` when more may be ready. Most decoders need nothing.
  [[nodiscard]] virtual std::size_t ready(std::span<const raw_record> in, const waker& wake) {
    (void)wake;
    return in.size();
  }

  /// Decodes `in` into consecutive slots of `stride` bytes from `slots` on. A slot may hold a stale record and is
  /// overwritten whole. A record that cannot be decoded takes no slot and adds one `rejection`, in order.
  /// @returns how many slots were filled: `in.size()` minus the rejections added.
  virtual std::size_t
  decode(std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) = 0;
};

/// Records as bytes: one buffer, and where each record ends in it.
struct encoded_records {
  std::string bytes;
  std::vector<std::size_t> ends;

  void clear() noexcept {
    bytes.clear();
    ends.clear();
  }

  [[nodiscard]] std::size_t size() const noexcept { return ends.size(); }

  [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
    const auto begin = i == 0 ? 0 : ends[i - 1];
    return std::string_view{bytes}.substr(begin, ends[i] - begin);
  }
};

/// Turns records of one schema into bytes, many at a call.
class encoder {
public:
  virtual ~encoder() = default;

  /// Appends `count` records, `stride` bytes apart from `records` on. A record that has no form in this format (NaN in
  /// JSON) leaves an empty entry in `out` and adds one `rejection`.
  virtual void encode(
    const void* records, std::size_t stride, std::size_t count, encoded_records& out, std::vector<rejection>& rejected) = 0;
};

/// Where a format is used, as the connector knows it that opens.
struct format_use {
  enum class way { reads, writes };

  way does = way::reads;
  const connector_context* context = nullptr; ///< outlives what is made with the format
  std::string topic;
  const schema* of = nullptr; ///< of the records
};

/// How records of a schema are written as bytes: a factory of decoders and encoders. Immutable; any thread.
class format {
public:
  virtual ~format() = default;

  /// "json".
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// @throws pipeline_error when the schema has a field this format cannot hold; the text names it.
  [[nodiscard]] virtual std::unique_ptr<decoder> make_decoder(const schema& of) const = 0;
  [[nodiscard]] virtual std::unique_ptr<encoder> make_encoder(const schema& of) const = 0;

  /// The format to use there: itself, unless it has something to find out beforehand. May wait, as `source::open` and `sink::open` do.
  /// @throws connector_error, config_error or pipeline_error naming the step when records cannot be read or written there.
  [[nodiscard]] virtual std::shared_ptr<const format> opened(const format_use& where) const;

  // Of records in a file, behind each other with a line break behind each:

  /// What tells where a record ends. Lines, unless a format has line breaks inside of records.
  [[nodiscard]] virtual record_splitter make_splitter() const;

  /// The line in front of the first record, without its line break; empty: there is none, as with most formats.
  [[nodiscard]] virtual std::string header(const schema& of) const;

  /// A decoder of the records of a file that begins with this header.
  /// @throws connector_error saying what is wrong with the header.
  [[nodiscard]] virtual std::unique_ptr<decoder> make_decoder_behind(std::string_view header, const schema& of) const;
};

} // namespace leat
