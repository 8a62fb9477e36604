#pragma once

#include <leat/base/settings.hpp>
#include <leat/connectors/kafka/blocking/kafka_message.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace leat {

class kafka_client;

/// How a producer sends; what is not said is as for the sinks of jobs: all replicas, once and in order, not compressed.
struct producer_options {
  std::string acks = "all";  ///< "0": nobody answers, "1": the leader has it, "all": all replicas in sync
  bool idempotence = true;   ///< what is sent again, as an answer was lost, is there once; wants acks "all"
  std::string compression{}; ///< gzip, snappy, lz4, zstd; empty: as configured

  /// Bytes of records that go together: what the topic takes, so that a batch is never refused but for its one too large record;
  /// none: librdkafka's own.
  std::optional<std::size_t> largest_batch{};
};

/// A record to be sent. What it points to is copied.
struct outgoing_record {
  std::string topic;
  std::int32_t partition = -1; ///< -1: chosen by the key
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::span<const kafka_header> headers{};
};

/// What became of a record.
struct delivery_report {
  std::uint64_t tag = 0; ///< what it was sent with
  std::string refusal;   ///< why it is not in the topic, or may not be; empty: it is
  std::int64_t offset = -1;
  std::chrono::microseconds latency{0}; ///< from `send` to the answer
};

/// Sends records from plain, blocking code, and reports what became of each, once: in `send`, `work_off` or `give_up`.
/// A broker that is away is waited for, two minutes a record unless `kafka.producer-properties.message.timeout.ms` says otherwise.
/// Not thread-safe.
class reporting_producer {
public:
  using listener = std::function<void(const delivery_report&)>;

  /// @throws config_error when a property is refused.
  reporting_producer(const settings& config, const producer_options& options, listener reports);
  ~reporting_producer();

  reporting_producer(const reporting_producer&) = delete;
  reporting_producer& operator=(const reporting_producer&) = delete;

  /// Takes a record, unless as many are under way as there may be.
  /// @returns false: it was not taken; `work_off`, and try again.
  /// @throws connector_error when nothing can be sent any more.
  [[nodiscard]] bool send(const outgoing_record& record, std::uint64_t tag);

  /// Reports what there is to report, and waits at most so long for the first.
  void work_off(duration patience);

  /// Records that are sent and not reported.
  [[nodiscard]] std::uint64_t under_way() const noexcept { return under_way_; }

  /// Reports what is under way as refused; some of it may be in the topic.
  void give_up();

private:
  const bool answered_; // whether brokers answer at all
  listener reports_;
  std::unique_ptr<kafka_client> client_;
  std::uint64_t under_way_ = 0;
};

} // namespace leat
