#include <leat/connectors/kafka/partition_watch.hpp>

namespace leat {

partition_watch::partition_watch(
  std::shared_ptr<kafka_consumer> consumer, std::map<std::string, std::int32_t> known, duration interval,
  std::function<void(partition)> on_new)
  : consumer_{std::move(consumer)}, interval_{interval}, on_new_{std::move(on_new)}, known_{std::move(known)}, thread_{
                                                                                                                 [this] {
                                                                                                                   run();
                                                                                                                 }} {}

partition_watch::~partition_watch() {
  {
    const std::lock_guard lock{m_};
    stopped_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void partition_watch::run() {
  std::unique_lock lock{m_};
  while (!stop_.wait_for(lock, interval_, [this] { return stopped_; })) {
    lock.unlock();
    for (auto& [topic, known] : known_)
      look(topic, known);
    lock.lock();
  }
}

/// A broker that does not answer, or a topic that is gone, is the readers' business: here it means nothing new.
void partition_watch::look(const std::string& topic, std::int32_t& known) const {
  auto* const rk = consumer_->client->get();
  const kafka_ptr<rd_kafka_topic_t> handle{rd_kafka_topic_new(rk, topic.c_str(), nullptr)};
  const rd_kafka_metadata_t* raw = nullptr;
  if (!handle || rd_kafka_metadata(rk, 0, handle.get(), &raw, patience) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return;
  const kafka_ptr<const rd_kafka_metadata_t> found{raw};
  if (found->topic_cnt != 1 || found->topics[0].err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return;
  for (; known < found->topics[0].partition_cnt; ++known)
    on_new_({topic, known});
}

} // namespace leat
