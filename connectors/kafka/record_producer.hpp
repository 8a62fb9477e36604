#pragma once

#include <leat/connectors/kafka/client.hpp>
#include <leat/connectors/kafka/cluster_check.hpp>
#include <leat/connectors/kafka/delivery_segments.hpp>
#include <leat/connectors/source.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace leat {

/// One Kafka producer and the count of what it still owes: the core of every writer to Kafka.
///
/// Records are copied into librdkafka's queue and sent by its threads, at least once, without limit in time; reports of
/// delivery come back through its main queue, which calls the waker when it stops being empty and is emptied by `poll`.
/// What may be under way is bounded by `queue.buffering.max.messages` and `.kbytes`; librdkafka itself is allowed more, so
/// that a dead letter for a record under way always finds room.
///
/// In one actor; the waker is called on a thread of librdkafka's.
class record_producer {
public:
  /// Takes what the producer itself cannot decide about.
  class listener {
  public:
    virtual ~listener() = default;

    /// The broker will never take this record, as it is too large or not acceptable. The listener sends something instead,
    /// which takes the record's place in its segment.
    virtual void on_refused(const rd_kafka_message_t& record, std::uint64_t segment) = 0;

    /// An answer to a request of the administration (topic created).
    virtual void on_admin_event(const rd_kafka_event_t* event) = 0;

    /// What ends the error about a topic that cannot be written, beyond Kafka's own reason; empty when there is nothing.
    [[nodiscard]] virtual std::string advice(const std::string& topic) const = 0;
  };

  /// @param who begins its log lines.
  record_producer(std::vector<client_property> properties, const std::string& who, cluster_user user, waker wake);
  ~record_producer();

  /// Must be set before the first `poll`; outlives the producer.
  void listen(listener* to) noexcept { listener_ = to; }

  /// The handle of a topic, made at its first use.
  rd_kafka_topic_t* topic(const std::string& name);

  /// How many more records may be sent now; 0 also when the bound in bytes is reached.
  [[nodiscard]] std::size_t room() const noexcept;

  /// Whether nothing is under way: then no report will call the waker.
  [[nodiscard]] bool idle() const noexcept { return messages_ == 0; }

  /// Sends records, whose `payload`, `len`, `key`, `key_len` are set, in the open segment: at most `room()`. Afterwards
  /// their `err` is none or `MSG_SIZE_TOO_LARGE`; the latter were not sent.
  /// @throws connector_error when writing cannot go on.
  void send(rd_kafka_topic_t* to, std::span<rd_kafka_message_t> records);

  /// Sends one record with headers, in a segment that already counts it. Takes the headers over on success only.
  rd_kafka_resp_err_t
  send_letter(rd_kafka_topic_t* to, const rd_kafka_message_t& record, rd_kafka_headers_t* headers, std::uint64_t segment);

  /// Works off the reports that have come.
  void poll();

  /// @throws connector_error when writing cannot go on.
  void check() const;

  /// From now on every `check` throws `text`.
  void fail(std::string text);

  /// Why a record for `topic` was not taken, and what to do, for a person.
  [[nodiscard]] std::string explain_refusal(rd_kafka_resp_err_t code, const std::string& topic) const;

  [[nodiscard]] delivery_segments& segments() noexcept { return segments_; }
  [[nodiscard]] const kafka_client& client() const noexcept { return client_; }
  [[nodiscard]] rd_kafka_queue_t* main_queue() const noexcept { return main_.get(); }
  [[nodiscard]] const cluster_user& user() const noexcept { return user_; }

private:
  void on_delivery(rd_kafka_event_t* event);
  void send_again(const rd_kafka_message_t& record, std::uint64_t segment);
  void on_failed_delivery(const rd_kafka_message_t& record, std::uint64_t segment);
  void on_error(rd_kafka_event_t* event);

  struct bounds {
    std::size_t messages;
    std::size_t bytes;
  };
  static bounds take_bounds(std::vector<client_property>& properties);

  const cluster_user user_;
  const waker wake_;
  const bounds bounds_;
  kafka_client client_;
  kafka_ptr<rd_kafka_queue_t> main_;
  std::map<std::string, kafka_ptr<rd_kafka_topic_t>> topics_;
  std::size_t messages_ = 0; // under way
  std::size_t bytes_ = 0;    // under way
  delivery_segments segments_;
  listener* listener_ = nullptr;
  std::optional<std::string> failure_;
};

} // namespace leat
