#include "commits.hpp"

#include "pipes.hpp"

#include "../support/wait_until.hpp"

#include <leat/connectors/kafka/client.hpp>

#include <algorithm>
#include <span>

namespace leat::testing {

void wait_for_commit(const std::string& group, const std::string& topic) {
  const leat::kafka_client client{
    leat::client_role::consumer,
    {{"bootstrap.servers", brokers(), "the test"}, {"group.id", group, "the test"}},
    "commits of " + group};
  const auto partitions = leat::kafka_admin{brokers()}.partitions(topic).value();
  wait_until("a commit of group " + group, std::chrono::seconds{30}, [&] {
    const leat::kafka_ptr<rd_kafka_topic_partition_list_t> all{rd_kafka_topic_partition_list_new(partitions)};
    for (int p = 0; p < partitions; ++p)
      rd_kafka_topic_partition_list_add(all.get(), topic.c_str(), p);
    if (rd_kafka_committed(client.get(), all.get(), 5000) != RD_KAFKA_RESP_ERR_NO_ERROR)
      return false;
    const std::span committed{all->elems, static_cast<std::size_t>(all->cnt)};
    return std::any_of(committed.begin(), committed.end(), [](const auto& c) { return c.offset > 0; });
  });
}

} // namespace leat::testing
