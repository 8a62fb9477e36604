#pragma once

#include <leat/connectors/kafka/offset_committer.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace leat {

/// Asks Kafka from time to time whether topics have grown, because librdkafka does not say so by itself.
/// A thread of its own from construction to destruction; the destructor waits at most for the question under way.
class partition_watch {
public:
  /// @param known partitions of each topic that are already read.
  /// @param on_new called on the watching thread, once for each further partition.
  partition_watch(
    std::shared_ptr<kafka_consumer> consumer, std::map<std::string, std::int32_t> known, duration interval,
    std::function<void(partition)> on_new);
  ~partition_watch();

private:
  static constexpr int patience = 1000; // ms for one question

  void run();
  void look(const std::string& topic, std::int32_t& known) const;

  const std::shared_ptr<kafka_consumer> consumer_;
  const duration interval_;
  const std::function<void(partition)> on_new_;
  std::map<std::string, std::int32_t> known_; // the thread's own
  std::mutex m_;
  std::condition_variable stop_;
  bool stopped_ = false; // guarded by m_
  std::thread thread_;   // last: starts when the rest is there
};

} // namespace leat
