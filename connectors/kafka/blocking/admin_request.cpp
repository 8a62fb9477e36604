#include <leat/connectors/kafka/blocking/admin_request.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

namespace leat {

std::string advice_for(rd_kafka_resp_err_t code) {
  switch (code) {
  case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    return "; grant the user of kafka.properties a permission for the topic: DESCRIBE and DESCRIBE_CONFIGS to look, READ, "
           "WRITE, "
           "CREATE, ALTER, ALTER_CONFIGS or DELETE to do that";
  case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    return "; grant the user of kafka.properties DESCRIBE on the group, and READ to commit";
  case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    return "; grant the user of kafka.properties a permission for the cluster: CREATE for topics, DESCRIBE to list groups";
  default:
    return {};
  }
}

void fail_request(const std::string& brokers, std::string_view what, std::string_view why, rd_kafka_resp_err_t code) {
  throw connector_error{fmt::format("cannot {} on {}: {}{}", what, brokers, why, advice_for(code))};
}

void expect_answer(const std::string& brokers, std::string_view what, rd_kafka_event_t* answer) {
  if (!answer)
    fail_request(brokers, what, "no answer within 10 s", RD_KAFKA_RESP_ERR__TIMED_OUT);
  if (const auto code = rd_kafka_event_error(answer); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    fail_request(brokers, what, rd_kafka_event_error_string(answer), code);
}

} // namespace leat
