#pragma once

#include <leat/connectors/kafka/record_producer.hpp>
#include <leat/messages/dead_letter.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace leat {

/// How an outbox does its work.
struct dead_letter_options {
  std::string fallback;        ///< stands in for the topic of letters that come from none: the job's name
  bool creates_topics = false; ///< false leaves the creation of topics to the brokers (see `has_controller`)
  bool writes = true;          ///< false: letters are counted only
};

/// The topic for dead letters of one that is read or written, or of a job.
[[nodiscard]] std::string dead_letter_topic(const std::string& of);

/// Sends dead letters to `<topic>-dlq` through a producer, and creates that topic when it is first needed.
///
/// A letter is the original key and bytes, with headers that say the rest: docs/formats/dead_letters.md. Key and value
/// that Kafka will not take are cut to `cut_bytes` together, or to what the producer itself takes (`message.max.bytes`),
/// or further until the broker agrees. A letter must never stop the job.
///
/// Creating a topic takes a moment; letters wait for it here, counted in their segment, at most
/// `max_waiting` or `max_waiting_bytes`.
/// In the actor of its producer.
class dead_letter_outbox : public record_producer::listener {
public:
  static constexpr std::size_t max_waiting = 1024;
  static constexpr std::size_t max_waiting_bytes = 16 * 1024 * 1024;
  static constexpr std::size_t cut_bytes = 512 * 1024;

  dead_letter_outbox(record_producer& through, dead_letter_options options);

  /// Whether it takes no more for now; the producer's waker calls when that has changed.
  [[nodiscard]] bool full() const noexcept {
    return waiting_ >= max_waiting || waiting_bytes_ >= max_waiting_bytes || through_.room() == 0;
  }

  /// Sends a letter in the open segment, now or when its topic is there; only counts it when letters are not written.
  void put(const dead_letter& letter) { put(letter, through_.segments().sent()); }

  /// How many letters there were, those of refused records included.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  void on_refused(const rd_kafka_message_t& record, std::uint64_t segment) override;
  void on_admin_event(const rd_kafka_event_t* event) override;
  [[nodiscard]] std::string advice(const std::string& topic) const override;

private:
  struct target {
    bool ready = false;
    std::string refusal; // why the topic could not be created; empty when it was, or is there
    std::deque<std::pair<dead_letter, std::uint64_t>> waiting; // with their segments
  };

  void put(const dead_letter& letter, std::uint64_t segment);
  void create(const std::string& topic);
  void send(const std::string& topic, const dead_letter& letter, std::uint64_t segment);
  void send_cut(const rd_kafka_message_t& record, std::uint64_t segment);
  [[nodiscard]] std::size_t room_beside(const rd_kafka_headers_t* headers) const;
  void fail(const std::string& topic, rd_kafka_resp_err_t code);
  void send_waiting(const std::string& topic, target& to, rd_kafka_resp_err_t creation);

  record_producer& through_;
  const dead_letter_options options_;
  const std::size_t largest_record_; // bytes the producer takes
  std::uint64_t count_ = 0;
  std::map<std::string, target> targets_; // by the name of the dead-letter topic
  std::size_t waiting_ = 0;               // letters in all targets
  std::size_t waiting_bytes_ = 0;
};

} // namespace leat
