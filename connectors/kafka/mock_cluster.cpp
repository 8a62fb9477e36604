#include <leat/connectors/kafka/mock_cluster.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/client.hpp>

#include <fmt/format.h>
#include <librdkafka/rdkafka_mock.h>

namespace leat {

struct mock_cluster::handles {
  kafka_client client{client_role::producer, {}, "mock cluster"}; // only lends its threads
  rd_kafka_mock_cluster_t* cluster = nullptr;
};

mock_cluster::mock_cluster(int brokers) : handles_{std::make_unique<handles>()} {
  handles_->cluster = rd_kafka_mock_cluster_new(handles_->client.get(), brokers);
  if (!handles_->cluster)
    throw connector_error{fmt::format("cannot start a mock Kafka cluster of {} brokers", brokers)};
}

mock_cluster::~mock_cluster() {
  if (handles_->cluster)
    rd_kafka_mock_cluster_destroy(handles_->cluster);
}

std::string mock_cluster::brokers() const { return rd_kafka_mock_cluster_bootstraps(handles_->cluster); }

void mock_cluster::create_topic(const std::string& name, int partitions) {
  const auto code = rd_kafka_mock_topic_create(handles_->cluster, name.c_str(), partitions, 1);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw connector_error{fmt::format(
      "cannot create topic \"{}\" with {} partitions on the mock cluster: {}", name, partitions, rd_kafka_err2str(code))};
}

void mock_cluster::take_down(std::int32_t broker) { rd_kafka_mock_broker_set_down(handles_->cluster, broker); }

void mock_cluster::bring_up(std::int32_t broker) { rd_kafka_mock_broker_set_up(handles_->cluster, broker); }

void mock_cluster::set_topic_error(const std::string& name, int code) {
  rd_kafka_mock_topic_set_error(handles_->cluster, name.c_str(), static_cast<rd_kafka_resp_err_t>(code));
}

void mock_cluster::fail_requests(std::int16_t kind, const std::vector<int>& codes) {
  std::vector<rd_kafka_resp_err_t> errors;
  for (const auto code : codes)
    errors.push_back(static_cast<rd_kafka_resp_err_t>(code));
  rd_kafka_mock_push_request_errors_array(handles_->cluster, kind, errors.size(), errors.data());
}

} // namespace leat
