#pragma once

#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/kafka/kafka_sink.hpp>
#include <leat/connectors/refusal_log.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Turns batches into keys and values for Kafka, and what can be told already to be unwritable into dead letters: the part
/// that all writers of a sink have in common.
///
/// Belongs to one writer.
class record_lineup {
public:
  struct parts {
    std::string step;
    std::string topic;
    std::unique_ptr<encoder> encoding;
    std::shared_ptr<const key_extractor> key;
    std::optional<std::size_t> limit; ///< bytes of the largest record the topic takes; none: the broker decides
    bool writes_letters = true;       ///< false: letters are counted only
    metric* bytes_out = nullptr;
    metrics* notes = nullptr; ///< why the first record was refused
  };

  /// A record, good until the next batch is lined up.
  struct lined_up {
    std::optional<std::string_view> key;
    std::string_view value;
  };

  explicit record_lineup(parts with);

  /// Encodes `count` records of `in` from index `from` on.
  void line_up(const batch_base& in, std::size_t from, std::size_t count);

  /// What can be written, in order.
  [[nodiscard]] std::span<const lined_up> records() const noexcept { return records_; }

  /// What cannot, in order.
  [[nodiscard]] std::span<const dead_letter> refused() const noexcept { return refused_; }

  /// The letter for a record that was found to be unwritable, which the log tells of.
  [[nodiscard]] dead_letter refuse(const lined_up& record, std::string reason);

  /// Why a record of `bytes` is refused as too large.
  [[nodiscard]] std::string too_large(std::size_t bytes) const;

private:
  void encode(const batch_base& in, std::size_t from, std::size_t count);

  const parts with_;
  refusal_log refusals_;
  encoded_records values_;
  encoded_records keys_;
  std::vector<rejection> rejected_;
  std::vector<lined_up> records_;
  std::vector<dead_letter> refused_;
};

} // namespace leat
