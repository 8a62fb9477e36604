#pragma once

#include <leat/connectors/kafka/offset_committer.hpp>

#include <cstdint>
#include <map>
#include <mutex>

namespace leat::testing {

/// A librdkafka that a test can see through: it takes the requests of an `offset_committer`, and a thread of the test
/// answers them. The real one is not built for ThreadSanitizer, which then takes its threads' hand-over for races.
///
/// One at a time, because librdkafka's functions belong to nobody. Thread-safe.
class commit_requests {
public:
  commit_requests();
  ~commit_requests();
  commit_requests(const commit_requests&) = delete;
  commit_requests& operator=(const commit_requests&) = delete;

  /// What `offset_committer::attach` takes; nothing looks behind it.
  [[nodiscard]] rd_kafka_t* client() noexcept { return reinterpret_cast<rd_kafka_t*>(this); }

  /// Takes a request from the committer.
  void put(const rd_kafka_topic_partition_list_t& offsets);

  /// Stores what was requested and answers `who`. @returns false when there is nothing to answer.
  bool answer(offset_committer& who);

  [[nodiscard]] std::int64_t stored(const partition& which) const;

private:
  mutable std::mutex m_;
  kafka_ptr<rd_kafka_topic_partition_list_t> asked_; // guarded by m_
  std::map<partition, std::int64_t> stored_;         // guarded by m_
};

} // namespace leat::testing
