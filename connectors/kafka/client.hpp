#pragma once

#include <leat/connectors/kafka/client_log.hpp>
#include <leat/connectors/kafka/client_settings.hpp>
#include <leat/connectors/kafka/handles.hpp>
#include <leat/connectors/kafka/partition_reach.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace leat {

/// Takes the events of a client that no reader or writer waits for (results of commits).
/// Called on a thread of librdkafka's, one event at a time.
class background_events {
public:
  virtual ~background_events() = default;
  virtual void on_event(rd_kafka_event_t* event) noexcept = 0;
};

/// Sees the requests of a client come and go. Called on threads of librdkafka's, which wait meanwhile.
class request_watch {
public:
  virtual ~request_watch() = default;

  /// @param kind Kafka's number of the request (API key).
  virtual void on_sent(std::int16_t kind) noexcept = 0;

  /// @param failed why there is no answer; none: there is one, whatever it says.
  virtual void on_answered(std::int16_t kind, rd_kafka_resp_err_t failed) noexcept = 0;
};

/// An error that librdkafka reports beside the messages of a queue.
struct queue_error {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text;
};

/// Whether a report of delivery without an error can be believed. librdkafka counts a record as written, without an offset, when a later
/// one of its partition is; but a broker that does not know the producer, as it has just begun to lead the partition of a new
/// topic, takes the later one although it has refused the record. Not for `acks=0`.
bool is_proven(const rd_kafka_message_t& reported) noexcept;

/// Whether an error goes away by itself (a broker away, a leader being chosen), so that librdkafka or the caller just
/// tries again. Everything else ends the job.
bool is_passing(rd_kafka_resp_err_t code) noexcept;

/// Owns one librdkafka handle: makes it from properties, routes its log, and destroys it without ever hanging.
///
/// `rd_kafka_destroy` may wait for ever (for a broker, or for a queue somebody forgot). It therefore runs on a thread of
/// its own; after `destroy_patience` that thread is left behind and the job ends anyway.
///
/// Thread-safe, as librdkafka is. Messages and queues got from it must be gone before it is destroyed.
class kafka_client {
public:
  static constexpr std::chrono::seconds destroy_patience{5};

  /// @param who begins its log lines: "kafka source transactions".
  /// @param background takes errors' neighbours, see there; none for a producer, which serves its main queue itself.
  /// @param requests is told of each request; null: nobody is.
  /// @throws config_error when librdkafka refuses a property; the text says where it was set.
  kafka_client(
    client_role role, const std::vector<client_property>& properties, std::string who,
    std::shared_ptr<background_events> background = nullptr, std::shared_ptr<request_watch> requests = nullptr);
  ~kafka_client();

  kafka_client(const kafka_client&) = delete;
  kafka_client& operator=(const kafka_client&) = delete;

  [[nodiscard]] rd_kafka_t* get() const noexcept { return rk_; }
  [[nodiscard]] client_log& log() const noexcept { return state_->log; }

  /// What a consumer's statistics say of its partitions.
  [[nodiscard]] const partition_reach& reach() const noexcept { return state_->reach; }

  /// The value a property has in the end, after librdkafka's own defaults.
  [[nodiscard]] std::string property(const char* name) const;

  /// Takes up to `to.size()` messages from a queue, without waiting. Some errors, such as a topic that is gone, are not
  /// messages in librdkafka but calls of a callback while a queue is served: the last of them is in `failed`.
  std::size_t consume(rd_kafka_queue_t* queue, std::span<rd_kafka_message_t*> to, queue_error& failed) const;

  /// Notes an error event of the main queue.
  void note_error(rd_kafka_event_t* event) const { state_->note_error(event); }

private:
  /// What librdkafka's threads may touch: lives until the handle is really gone.
  struct state {
    state(std::string who, bool debug) : log{std::move(who), debug} {}
    void note_error(rd_kafka_event_t* event);
    void note_statistics(rd_kafka_event_t* event);

    client_log log;
    partition_reach reach;
    std::shared_ptr<background_events> background;
    std::shared_ptr<request_watch> requests;
  };

  static void watch_requests(rd_kafka_conf_t* conf, request_watch* with);

  static void on_log(const rd_kafka_t* rk, int level, const char* facility, const char* text);
  static void on_error(rd_kafka_t* rk, int code, const char* text, void* opaque);
  static void on_background_event(rd_kafka_t* rk, rd_kafka_event_t* event, void* opaque);

  std::shared_ptr<state> state_;
  rd_kafka_t* rk_ = nullptr;
};

} // namespace leat
