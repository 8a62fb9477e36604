#include <leat/connectors/kafka/blocking/group_view.hpp>

#include <leat/connectors/kafka/blocking/admin_request.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <tuple>

namespace leat {

std::vector<group_facts> list_groups(const cluster_view& on) {
  constexpr const char* what = "list the consumer groups";
  const auto& client = on.client();
  const auto answer =
    ask_admin(client, [&](rd_kafka_queue_t* q) { rd_kafka_ListConsumerGroups(client.get(), nullptr, q); });
  expect_answer(on.brokers(), what, answer.get());
  const auto* const result = rd_kafka_event_ListConsumerGroups_result(answer.get());
  std::size_t count = 0;
  if (const auto* const* errors = rd_kafka_ListConsumerGroups_result_errors(result, &count); count > 0)
    fail_request(on.brokers(), what, rd_kafka_error_string(errors[0]), rd_kafka_error_code(errors[0]));
  const auto* const* found = rd_kafka_ListConsumerGroups_result_valid(result, &count);
  std::vector<group_facts> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(
      {rd_kafka_ConsumerGroupListing_group_id(found[i]),
       rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupListing_state(found[i]))});
  std::ranges::sort(all, {}, &group_facts::name);
  return all;
}

namespace {

constexpr std::chrono::milliseconds before_asking_again{50};
constexpr std::chrono::seconds settle_patience{70}; // brokers end a transaction after a minute

/// @param stable null: as the brokers have it now. @returns null when a transaction is not done yet.
std::optional<std::vector<committed_offset>>
ask_committed(const cluster_view& on, const std::string& group, const rd_kafka_AdminOptions_t* stable) {
  const auto what = fmt::format("ask what group \"{}\" has committed", group);
  const auto& client = on.client();
  auto* wanted = rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr);
  const auto answer =
    ask_admin(client, [&](rd_kafka_queue_t* q) { rd_kafka_ListConsumerGroupOffsets(client.get(), &wanted, 1, stable, q); });
  rd_kafka_ListConsumerGroupOffsets_destroy(wanted);
  expect_answer(on.brokers(), what, answer.get());
  std::size_t count = 0;
  const auto* const* groups =
    rd_kafka_ListConsumerGroupOffsets_result_groups(rd_kafka_event_ListConsumerGroupOffsets_result(answer.get()), &count);
  if (count != 1)
    fail_request(on.brokers(), what, "an empty answer", RD_KAFKA_RESP_ERR_NO_ERROR);
  if (const auto* const failed = rd_kafka_group_result_error(groups[0]))
    fail_request(on.brokers(), what, rd_kafka_error_string(failed), rd_kafka_error_code(failed));
  std::vector<committed_offset> all;
  const auto* const list = rd_kafka_group_result_partitions(groups[0]);
  for (int i = 0; i < list->cnt; ++i) {
    const auto& e = list->elems[i];
    if (stable && e.err == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT)
      return std::nullopt;
    if (e.err != RD_KAFKA_RESP_ERR_NO_ERROR)
      fail_request(on.brokers(), what, rd_kafka_err2str(e.err), e.err);
    if (e.offset >= 0)
      all.push_back({{e.topic, e.partition}, e.offset, {static_cast<const char*>(e.metadata), e.metadata_size}});
  }
  std::ranges::sort(all, {}, [](const committed_offset& o) { return std::tie(o.of.topic, o.of.number); });
  return all;
}

} // namespace

std::vector<committed_offset> committed_by(const cluster_view& on, const std::string& group) {
  return ask_committed(on, group, nullptr).value();
}

std::vector<committed_offset> settled_by(const cluster_view& on, const std::string& group) {
  const kafka_ptr<rd_kafka_AdminOptions_t> stable{
    rd_kafka_AdminOptions_new(on.client().get(), RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS)};
  const kafka_ptr<rd_kafka_error_t> never{rd_kafka_AdminOptions_set_require_stable_offsets(stable.get(), 1)};
  for (const kafka_deadline deadline{settle_patience}; !deadline.over(); std::this_thread::sleep_for(before_asking_again))
    if (auto all = ask_committed(on, group, stable.get()))
      return *std::move(all);
  fail_request(
    on.brokers(), fmt::format("ask what group \"{}\" has committed", group), "a transaction of another program goes on",
    RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT);
}

} // namespace leat
