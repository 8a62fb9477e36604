#include <leat/connectors/kafka/partition_reach.hpp>

#include <simdjson.h>

#include <string>
#include <utility>

namespace leat {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::chrono::microseconds answer_slack{500'000};    // from a connection or a request to the end of a fetch
constexpr std::chrono::microseconds silence_slack{1'000'000}; // beyond it, a broker that should answer is stuck

bool is_connected(const object& broker) {
  const std::string_view state{broker["state"]};
  return state == "UP" || state == "UPDATE";
}

/// A broker's connection is up, and has been for long enough.
bool is_up(const object& broker, duration fetch_wait) {
  return is_connected(broker) && std::chrono::microseconds{std::int64_t{broker["stateage"]}} >= fetch_wait + answer_slack;
}

/// How long each broker that is up has been silent.
std::map<std::int64_t, std::chrono::microseconds> silences(const element& statistics, duration fetch_wait) {
  std::map<std::int64_t, std::chrono::microseconds> found;
  for (const auto [name, broker] : object{statistics["brokers"]})
    if (const std::int64_t id{broker["nodeid"]}; id >= 0 && is_up(broker, fetch_wait))
      found.emplace(id, std::int64_t{broker["rxidle"]});
  return found;
}

/// Of those that the cluster has, as far as there was a reason to connect to them.
bool are_all_connected(const element& statistics) {
  bool any = false;
  for (const auto [name, broker] : object{statistics["brokers"]}) {
    if (std::int64_t{broker["nodeid"]} < 0 || std::string_view{broker["state"]} == "INIT")
      continue;
    any = true;
    if (!is_connected(broker))
      return false;
  }
  return any;
}

} // namespace

void partition_reach::set_fetch_wait(duration fetch_wait) {
  const std::lock_guard lock{m_};
  fetch_wait_ = fetch_wait;
}

void partition_reach::update(std::string_view statistics, clock::time_point now) noexcept {
  try {
    simdjson::dom::parser parser;
    const element all = parser.parse(statistics.data(), statistics.size());
    const std::lock_guard lock{m_};
    const auto silent = silences(all, fetch_wait_);
    std::map<partition, clock::time_point> heard;
    for (const auto [name, topic] : object{all["topics"]})
      for (const auto [number, p] : object{topic["partitions"]})
        if (const auto broker = silent.find(std::int64_t{p["broker"]}); broker != silent.end())
          heard[{std::string{name}, static_cast<std::int32_t>(std::int64_t{p["partition"]})}] = now - broker->second;
    heard_ = std::move(heard);
    all_connected_ = are_all_connected(all);
  } catch (const std::exception&) { // then what was heard before grows too old
  }
}

bool partition_reach::all_connected() const {
  const std::lock_guard lock{m_};
  return all_connected_;
}

bool partition_reach::in_reach(const partition& which, clock::time_point now) const {
  const std::lock_guard lock{m_};
  const auto found = heard_.find(which);
  return found != heard_.end() && now - found->second <= fetch_wait_ + silence_slack;
}

} // namespace leat
