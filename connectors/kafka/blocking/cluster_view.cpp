#include <leat/connectors/kafka/blocking/cluster_view.hpp>

#include <leat/base/error.hpp>
#include <leat/base/nearest_name.hpp>
#include <leat/connectors/kafka/blocking/admin_request.hpp>
#include <leat/connectors/kafka/cluster_check.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace leat {

namespace {

constexpr std::chrono::milliseconds between_questions{50};

/// Offsets up to the end of what is written, also of transactions that are open: what a group is behind must not look small
/// because a transaction hangs.
std::vector<client_property> view_properties(const settings& config) {
  return client_properties(config, client_role::consumer, {{"isolation.level", "read_uncommitted", "the view's own"}});
}

std::vector<std::int32_t> brokers_of(const std::int32_t* ids, int count) { return {ids, ids + count}; }

topic_facts facts_of(const rd_kafka_metadata_topic_t& topic) {
  topic_facts facts{topic.topic, {}};
  for (int i = 0; i < topic.partition_cnt; ++i) {
    const auto& p = topic.partitions[i];
    facts.partitions.push_back({p.id, p.leader, brokers_of(p.replicas, p.replica_cnt), brokers_of(p.isrs, p.isr_cnt)});
  }
  std::ranges::sort(facts.partitions, {}, &partition_facts::number);
  return facts;
}

/// @param topic null: all.
kafka_ptr<const rd_kafka_metadata_t>
metadata(const kafka_client& client, const std::string& brokers, std::string_view what, rd_kafka_topic_t* topic) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto code = rd_kafka_metadata(client.get(), topic ? 0 : 1, topic, &raw, static_cast<int>(admin_patience.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    fail_request(brokers, what, rd_kafka_err2str(code), code);
  return kafka_ptr<const rd_kafka_metadata_t>{raw};
}

bool any_passing(const rd_kafka_topic_partition_list_t& list) {
  return std::any_of(list.elems, list.elems + list.cnt, [](const auto& e) { return is_passing(e.err); });
}

} // namespace

std::size_t topic_facts::replication() const noexcept {
  std::size_t least = partitions.empty() ? 0 : partitions.front().replicas.size();
  for (const auto& p : partitions)
    least = std::min(least, p.replicas.size());
  return least;
}

std::vector<partition> topic_facts::all() const {
  std::vector<partition> found;
  for (const auto& p : partitions)
    found.push_back({name, p.number});
  return found;
}

cluster_view::cluster_view(const settings& config)
  : brokers_{kafka_brokers(config)}, client_{std::make_unique<kafka_client>(
                                       client_role::consumer, view_properties(config), "kafka " + brokers_)} {
  check_reachable(*client_, {"", brokers_}, kafka_deadline{kafka_open_timeout});
}

cluster_view::~cluster_view() = default;

std::vector<topic_facts> cluster_view::topics() const {
  const auto found = metadata(*client_, brokers_, "list the topics", nullptr);
  std::vector<topic_facts> all;
  for (int i = 0; i < found->topic_cnt; ++i)
    all.push_back(facts_of(found->topics[i]));
  std::ranges::sort(all, {}, &topic_facts::name);
  return all;
}

std::optional<topic_facts> cluster_view::find_topic(const std::string& name) const {
  const auto what = fmt::format("look at topic \"{}\"", name);
  const kafka_ptr<rd_kafka_topic_t> handle{rd_kafka_topic_new(client_->get(), name.c_str(), nullptr)};
  if (!handle)
    fail_request(brokers_, what, rd_kafka_err2str(rd_kafka_last_error()), rd_kafka_last_error());
  for (const kafka_deadline deadline{admin_patience};; std::this_thread::sleep_for(between_questions)) {
    const auto found = metadata(*client_, brokers_, what, handle.get());
    const auto code = found->topic_cnt == 1 ? found->topics[0].err : RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
      return std::nullopt;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
      return facts_of(found->topics[0]);
    if (!is_passing(code) || deadline.over())
      fail_request(brokers_, what, rd_kafka_err2str(code), code);
  }
}

topic_facts cluster_view::topic(const std::string& name) const {
  auto found = find_topic(name);
  if (!found)
    fail_unknown(name);
  return *std::move(found);
}

void cluster_view::fail_unknown(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& t : topics())
    names.push_back(t.name);
  const auto nearest = nearest_name(name, names);
  throw connector_error{
    nearest.empty()
      ? fmt::format("topic \"{0}\" does not exist on {1}. Create it: leat topics create {0} --brokers {1}", name, brokers_)
      : fmt::format("topic \"{}\" does not exist on {}. Did you mean {}?", name, brokers_, nearest)};
}

std::vector<topic_setting> cluster_view::topic_settings(const std::string& name) const {
  const auto what = fmt::format("ask for the settings of topic \"{}\"", name);
  auto* const asked = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str());
  rd_kafka_ConfigResource_t* one[] = {asked};
  const auto answer =
    ask_admin(*client_, [&](rd_kafka_queue_t* q) { rd_kafka_DescribeConfigs(client_->get(), one, 1, nullptr, q); });
  rd_kafka_ConfigResource_destroy(asked);
  expect_answer(brokers_, what, answer.get());
  std::size_t count = 0;
  const auto* const* found =
    rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(answer.get()), &count);
  if (count != 1)
    fail_request(brokers_, what, "an empty answer", RD_KAFKA_RESP_ERR_NO_ERROR);
  if (const auto code = rd_kafka_ConfigResource_error(found[0]); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    fail_request(brokers_, what, rd_kafka_ConfigResource_error_string(found[0]), code);
  const auto* const* entries = rd_kafka_ConfigResource_configs(found[0], &count);
  std::vector<topic_setting> all;
  for (std::size_t i = 0; i < count; ++i) {
    const char* const value = rd_kafka_ConfigEntry_value(entries[i]);
    all.push_back(
      {rd_kafka_ConfigEntry_name(entries[i]), value ? std::optional<std::string>{value} : std::nullopt,
       rd_kafka_ConfigEntry_source(entries[i]) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG});
  }
  std::ranges::sort(all, {}, &topic_setting::name);
  return all;
}

std::optional<std::size_t> cluster_view::largest_batch(const std::string& topic) const {
  return topic_limit(*client_, topic, kafka_deadline{admin_patience});
}

/// Asks again while a leader is being chosen. `time` may be one of the protocol's two: -2 for the first offset, -1 for the end.
std::vector<cluster_view::found_offset>
cluster_view::ask_offsets(const std::vector<partition>& of, std::int64_t time) const {
  std::vector<found_offset> all;
  if (of.empty())
    return all;
  for (const kafka_deadline deadline{admin_patience};; std::this_thread::sleep_for(between_questions)) {
    const auto list = make_partition_list(of.size());
    for (const auto& p : of)
      rd_kafka_topic_partition_list_add(list.get(), p.topic.c_str(), p.number)->offset = time;
    const auto code = rd_kafka_offsets_for_times(client_->get(), list.get(), std::max(1, deadline.left()));
    if (!deadline.over() && (is_passing(code) || (code == RD_KAFKA_RESP_ERR_NO_ERROR && any_passing(*list))))
      continue;
    for (int i = 0; i < list->cnt; ++i) {
      const auto failed = code != RD_KAFKA_RESP_ERR_NO_ERROR ? code : list->elems[i].err;
      const bool good = failed == RD_KAFKA_RESP_ERR_NO_ERROR;
      all.push_back({good ? list->elems[i].offset : -1, good ? "" : rd_kafka_err2str(failed) + advice_for(failed)});
    }
    return all;
  }
}

std::vector<offset_range> cluster_view::ranges(const std::vector<partition>& of) const {
  const auto begins = ask_offsets(of, RD_KAFKA_OFFSET_BEGINNING);
  const auto ends = ask_offsets(of, RD_KAFKA_OFFSET_END);
  std::vector<offset_range> all;
  for (std::size_t i = 0; i < of.size(); ++i)
    all.push_back(
      {of[i], begins[i].offset, ends[i].offset, begins[i].problem.empty() ? ends[i].problem : begins[i].problem});
  return all;
}

std::vector<std::optional<std::int64_t>> cluster_view::offsets_at(const std::vector<partition>& of, timestamp time) const {
  std::vector<std::optional<std::int64_t>> all;
  for (const auto& found : ask_offsets(of, to_millis(time))) {
    if (!found.problem.empty())
      fail_request(brokers_, "find the offsets of a time", found.problem, RD_KAFKA_RESP_ERR_NO_ERROR);
    all.push_back(found.offset < 0 ? std::nullopt : std::optional{found.offset});
  }
  return all;
}

} // namespace leat
