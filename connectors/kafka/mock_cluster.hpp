#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace leat {

/// A small Kafka inside this process (librdkafka's mock cluster): for a first run without a broker, and for tests.
///
/// It keeps only about the last 5 MB of a partition (30,000 records of 140 bytes) and drops older ones silently, so
/// whoever feeds it must not run ahead of the readers. It creates any topic that is asked for, knows no administration
/// and no abort of transactions: no proof of anything that depends on those.
///
/// Thread-safe.
class mock_cluster {
public:
  explicit mock_cluster(int brokers = 1);
  ~mock_cluster();

  mock_cluster(const mock_cluster&) = delete;
  mock_cluster& operator=(const mock_cluster&) = delete;

  /// `host:port,…` for `kafka.brokers`.
  [[nodiscard]] std::string brokers() const;

  /// @throws connector_error when there is such a topic already.
  void create_topic(const std::string& name, int partitions);

  /// Cuts the connections of a broker, numbered from 1, and accepts none.
  void take_down(std::int32_t broker);
  void bring_up(std::int32_t broker);

  /// From now on the topic answers with this error of Kafka's protocol: 29 is "no permission", 0 is none.
  void set_topic_error(const std::string& name, int code);

  /// The next requests of one kind (0 is to produce, 8 to commit offsets) are answered with these errors, one each.
  void fail_requests(std::int16_t kind, const std::vector<int>& codes);

private:
  struct handles;
  std::unique_ptr<handles> handles_;
};

} // namespace leat
