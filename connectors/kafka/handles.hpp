#pragma once

#include <leat/connectors/source.hpp>

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stop_token>
#include <utility>

namespace leat {

/// Frees what librdkafka hands out. Private to this folder: no public header includes librdkafka.
struct kafka_deleter {
  void operator()(rd_kafka_conf_t* p) const noexcept { rd_kafka_conf_destroy(p); }
  void operator()(rd_kafka_topic_t* p) const noexcept { rd_kafka_topic_destroy(p); }
  void operator()(rd_kafka_queue_t* p) const noexcept { rd_kafka_queue_destroy(p); }
  void operator()(rd_kafka_event_t* p) const noexcept { rd_kafka_event_destroy(p); }
  void operator()(rd_kafka_message_t* p) const noexcept { rd_kafka_message_destroy(p); }
  void operator()(rd_kafka_error_t* p) const noexcept { rd_kafka_error_destroy(p); }
  void operator()(rd_kafka_headers_t* p) const noexcept { rd_kafka_headers_destroy(p); }
  void operator()(rd_kafka_AdminOptions_t* p) const noexcept { rd_kafka_AdminOptions_destroy(p); }
  void operator()(rd_kafka_NewTopic_t* p) const noexcept { rd_kafka_NewTopic_destroy(p); }
  void operator()(rd_kafka_topic_partition_list_t* p) const noexcept { rd_kafka_topic_partition_list_destroy(p); }
  void operator()(rd_kafka_consumer_group_metadata_t* p) const noexcept { rd_kafka_consumer_group_metadata_destroy(p); }
  void operator()(const rd_kafka_metadata_t* p) const noexcept { rd_kafka_metadata_destroy(p); }
};

template <class T>
using kafka_ptr = std::unique_ptr<T, kafka_deleter>;

/// An empty list with room for `size` partitions.
inline kafka_ptr<rd_kafka_topic_partition_list_t> make_partition_list(std::size_t size) {
  return kafka_ptr<rd_kafka_topic_partition_list_t>{rd_kafka_topic_partition_list_new(static_cast<int>(size))};
}

/// When a blocking sequence of calls must be over: at a time, or when a stop is requested before.
class kafka_deadline {
public:
  explicit kafka_deadline(std::chrono::milliseconds from_now, std::stop_token stop = {})
    : at_{std::chrono::steady_clock::now() + from_now}, stop_{std::move(stop)} {}

  /// What is left, at most `limit`, for librdkafka's timeouts in milliseconds; 0 when it is over.
  [[nodiscard]] int left(int limit = 3'600'000) const {
    if (stopped())
      return 0;
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(at_ - std::chrono::steady_clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(rest, 0, limit));
  }

  [[nodiscard]] bool over() const { return left() == 0; }

  /// Whether it is over because a stop was requested.
  [[nodiscard]] bool stopped() const { return stop_.stop_requested(); }

private:
  std::chrono::steady_clock::time_point at_;
  std::stop_token stop_;
};

/// Calls a waker whenever `queue` stops being empty, on a thread of librdkafka's and under the queue's lock.
/// @param wake outlives the queue, or `call_nobody`.
inline void call_when_filled(rd_kafka_queue_t* queue, const waker& wake) {
  rd_kafka_queue_cb_event_enable(
    queue, [](rd_kafka_t*, void* opaque) { (*static_cast<const waker*>(opaque))(); }, const_cast<waker*>(&wake));
}

/// Ends that; waits for a call that is under way.
inline void call_nobody(rd_kafka_queue_t* queue) { rd_kafka_queue_cb_event_enable(queue, nullptr, nullptr); }

/// How long `open` may take before it must have failed.
inline constexpr std::chrono::milliseconds kafka_open_timeout{9'000};

} // namespace leat
