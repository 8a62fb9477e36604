#pragma once

#include <leat/base/bytes.hpp>
#include <leat/base/time.hpp>
#include <leat/connectors/epochs/epoch_decision.hpp>
#include <leat/connectors/transactional_writer.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// A header of a Kafka record.
using log_header = std::pair<std::string_view, std::string_view>;

/// A record as the log of an epoch has it. Good as long as the log is, its headers until the next record is read.
struct logged_record {
  std::string_view topic;
  timestamp time{};
  std::optional<std::int32_t> partition; ///< none: chosen by the key when it is written
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::span<const log_header> headers{};

  /// Bytes that Kafka's limits count, but for the headers.
  [[nodiscard]] std::size_t size() const noexcept { return (key ? key->size() : 0) + (value ? value->size() : 0); }
};

/// Writes the log of one epoch after the other: docs/formats/epoch_log.md. A record costs its bytes and about four more.
class epoch_log_writer {
public:
  epoch_log_writer();

  void add(const logged_record& record);

  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return log_.size(); }

  /// The log, as that of `epoch`, which follows what is marked as `after`. Begins anew. Whoever has it may be a thread of its own.
  [[nodiscard]] std::shared_ptr<const std::string> finish(std::uint64_t epoch, std::uint64_t after);

private:
  class spare;

  void begin();

  std::shared_ptr<spare> spare_;
  std::string log_;
  std::size_t usual_bytes_ = 0; // of the log before
  std::uint64_t records_ = 0;
  std::string topic_;             // of the last item that said one
  std::optional<timestamp> time_; // likewise
};

/// Reads a log record by record.
class epoch_log_reader {
public:
  /// @param log outlives the reader.
  /// @throws state_error when it is no log, or of a version that is not known.
  explicit epoch_log_reader(std::string_view log);

  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }
  [[nodiscard]] std::uint64_t after() const noexcept { return after_; }
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }

  /// The next record; none at the end.
  /// @throws state_error when the log is damaged: cut off, or with another number of records than it says.
  std::optional<logged_record> next();

private:
  void read_record();

  byte_reader rest_; // of the items
  std::uint64_t epoch_ = 0;
  std::uint64_t after_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t read_ = 0; // of them
  logged_record record_;
  std::vector<log_header> headers_;
};

/// The bytes of logs. They outlive the result.
[[nodiscard]] std::vector<std::string_view> texts_of(const std::vector<saved_epoch_log>& logs);

/// What logs, ascending by epoch, say of themselves: `logs` and `after` of the facts.
/// @throws state_error when one is damaged.
[[nodiscard]] epoch_facts facts_of(std::span<const std::string_view> logs);

} // namespace leat
