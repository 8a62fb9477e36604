#include <leat/connectors/kafka/blocking/group_offsets.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/blocking/admin_request.hpp>
#include <leat/connectors/kafka/blocking/position_list.hpp>
#include <leat/connectors/kafka/client.hpp>

#include <fmt/format.h>

#include <thread>

namespace leat {

namespace {

/// A group that is new has no coordinator yet: asked again while that is so.
rd_kafka_resp_err_t commit(const kafka_client& client, const rd_kafka_topic_partition_list_t& list) {
  auto code = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (const kafka_deadline deadline{admin_patience};; std::this_thread::sleep_for(std::chrono::milliseconds{50})) {
    code = rd_kafka_commit(client.get(), &list, 0);
    for (int i = 0; i < list.cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
      code = list.elems[i].err;
    if (!is_passing(code) || deadline.over())
      return code;
  }
}

} // namespace

group_offsets::group_offsets(const settings& config, std::string group)
  : group_{std::move(group)}, client_{std::make_unique<kafka_client>(
                                client_role::consumer,
                                client_properties(config, client_role::consumer, {{"group.id", group_, "the group"}}),
                                "kafka group " + group_)} {
  rd_kafka_poll_set_consumer(client_->get());
}

group_offsets::~group_offsets() = default;

void group_offsets::store(const std::vector<group_position>& positions) {
  if (positions.empty())
    return;
  const auto list = make_position_list(positions);
  const auto code = commit(*client_, *list);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
    return;
  const bool taken = code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID || code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION;
  throw connector_error{fmt::format(
    "how far group \"{}\" has come cannot be stored: {}{}", group_, rd_kafka_err2str(code),
    taken ? "; somebody is in the group: end that program, or take another group" : advice_for(code))};
}

} // namespace leat
