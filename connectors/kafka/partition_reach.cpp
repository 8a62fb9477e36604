#include <leat/connectors/kafka/partition_reach.hpp>

#include <simdjson.h>

#include <string>
#include <utility>

namespace leat {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::chrono::microseconds answer_slack{500'000};    // from a connection or a request to the end of a fetch
constexpr std::chrono::microseconds silence_slack{5'000'000}; // beyond it, a broker that should answer is stuck
constexpr std::chrono::seconds too_old{5};

/// A broker's connection is up, and has been for long enough; times are in microseconds.
bool answers(const object& broker, duration fetch_wait) {
  const std::string_view state{broker["state"]};
  return (state == "UP" || state == "UPDATE") &&
         std::int64_t{broker["stateage"]} >= (fetch_wait + answer_slack) / std::chrono::microseconds{1} &&
         std::int64_t{broker["rxidle"]} <= (fetch_wait + silence_slack) / std::chrono::microseconds{1};
}

std::set<std::int64_t> answering_brokers(const element& statistics, duration fetch_wait) {
  std::set<std::int64_t> ids;
  for (const auto [name, broker] : object{statistics["brokers"]})
    if (const std::int64_t id{broker["nodeid"]}; id >= 0 && answers(broker, fetch_wait))
      ids.insert(id);
  return ids;
}

std::set<partition> partitions_of(const element& statistics, const std::set<std::int64_t>& brokers) {
  std::set<partition> found;
  for (const auto [name, topic] : object{statistics["topics"]})
    for (const auto [number, p] : object{topic["partitions"]})
      if (brokers.contains(std::int64_t{p["broker"]}))
        found.insert({std::string{name}, static_cast<std::int32_t>(std::int64_t{p["partition"]})});
  return found;
}

} // namespace

void partition_reach::set_fetch_wait(duration fetch_wait) {
  const std::lock_guard lock{m_};
  fetch_wait_ = fetch_wait;
}

void partition_reach::update(std::string_view statistics) noexcept {
  try {
    simdjson::dom::parser parser;
    const element all = parser.parse(statistics.data(), statistics.size());
    const std::lock_guard lock{m_};
    reached_ = partitions_of(all, answering_brokers(all, fetch_wait_));
    heard_ = std::chrono::steady_clock::now();
  } catch (const std::exception&) { // then the words before grow too old
  }
}

bool partition_reach::in_reach(const partition& which) const {
  const std::lock_guard lock{m_};
  return std::chrono::steady_clock::now() - heard_ < too_old && reached_.contains(which);
}

} // namespace leat
