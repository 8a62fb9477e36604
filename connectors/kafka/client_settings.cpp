#include <leat/connectors/kafka/client_settings.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <string_view>
#include <system_error>

namespace leat {

namespace {

using pairs = std::vector<std::pair<const char*, const char*>>;

const pairs any_role_defaults{
  {"log.connection.close", "false"},    // idle connections come and go
  {"reconnect.backoff.max.ms", "2000"}, // a broker that is back is found again within seconds
  {"socket.keepalive.enable", "true"},
};

const pairs consumer_defaults{
  {"enable.auto.commit", "false"}, // offsets are committed after the sinks have delivered
  {"enable.auto.offset.store", "false"},  {"auto.offset.reset", "error"}, // never skip silently
  {"isolation.level", "read_committed"},  {"check.crcs", "true"},
  {"queued.min.messages", "1000000"},     // the bound is in bytes:
  {"statistics.interval.ms", "500"},      // which brokers answer: see partition_reach
  {"queued.max.messages.kbytes", "4096"}, // per partition, see README.md for what that is in memory
};

const pairs producer_defaults{
  {"acks", "all"},
  {"enable.idempotence", "true"},
  {"message.timeout.ms", "0"}, // a broker that is away is waited for
  {"linger.ms", "5"},
  {"partitioner", "murmur2_random"},             // the same partition for a key as Java's clients choose
  {"message.max.bytes", "67108864"},             // the topic's own limit decides, not the client's
  {"topic.metadata.propagation.max.ms", "5000"}, // a topic is there before it is written: one unknown for longer is missing
  {"queue.buffering.max.messages", "100000"},
  {"queue.buffering.max.kbytes", "32768"},
};

/// What the user may not set, and what to do instead.
const std::map<std::string, const char*, std::less<>> reserved{
  {"group.id", "set kafka.group"},
  {"bootstrap.servers", "set kafka.brokers"},
  {"metadata.broker.list", "set kafka.brokers"},
  {"enable.auto.commit", "offsets are committed by Leat once the sinks have delivered"},
  {"enable.auto.offset.store", "offsets are committed by Leat once the sinks have delivered"},
  {"auto.offset.reset", "set kafka.start; offsets that are gone are an error, never a silent skip"},
  {"enable.partition.eof", "Leat sets it for bounded runs"},
  {"statistics.interval.ms", "Leat reads them itself to tell an idle partition from one out of reach"},
  {"delivery.report.only.error", "the sink must hear of every delivery"},
  {"transactional.id", "Leat gives every actor of an exactly-once sink one of its own"},
};

/// librdkafka has two names for it.
bool is_acks(std::string_view name) { return name == "acks" || name == "request.required.acks"; }

void check_allowed(const std::string& name, const std::string& value, const std::string& origin) {
  if (const auto found = reserved.find(name); found != reserved.end())
    throw config_error{fmt::format("{} cannot be set: {}", origin, found->second)};
  if (is_acks(name) && value != "all" && value != "-1")
    throw config_error{fmt::format(
      "{} cannot be {}: offsets are committed for what is delivered, and that means to all replicas (all)", origin, value)};
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  return begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

/// What is wrong with `host:port`, `host`, `[::1]:port`, or one of these behind a protocol and "://"; empty: nothing. An IPv6
/// address without brackets is left to librdkafka.
std::string mistake_in_broker(std::string_view broker) {
  auto address = broker;
  if (address.empty())
    return {}; // a comma too many
  if (const auto protocol = address.find("://"); protocol != std::string_view::npos)
    address.remove_prefix(protocol + 3);
  const auto bracket = address.rfind(']');
  const auto colon = address.find(':', bracket == address.npos ? 0 : bracket);
  if (bracket == address.npos && colon != address.npos && address.find(':', colon + 1) != address.npos)
    return {};
  if (address.empty() || colon == 0)
    return fmt::format("'{}' names no host: write host:port", broker);
  if (colon == address.npos)
    return {};
  const auto port = address.substr(colon + 1);
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size() || number == 0)
    return fmt::format("'{}' has the port '{}', which is no number from 1 to 65535: write host:port", broker, port);
  return {};
}

void add_defaults(const pairs& from, std::vector<client_property>& to) {
  for (const auto& [name, value] : from)
    to.push_back({name, value, "Leat's own default"});
}

void add_users(const settings& config, const std::string& section, std::vector<client_property>& to) {
  for (const auto& [name, said] : config.below(section)) {
    const auto origin = fmt::format("{}: {}.{}", said.origin, section, name);
    check_allowed(name, said.value, origin);
    to.push_back({name, said.value, origin});
  }
}

} // namespace

std::string kafka_brokers(const settings& config) {
  const auto& said = config.at("kafka.brokers");
  auto brokers = fmt::format("{}", fmt::join(config.list("kafka.brokers"), ","));
  if (brokers.empty())
    throw config_error{fmt::format("{}: kafka.brokers is empty: give it one broker or more, as host:port", said.origin)};
  for (std::string_view rest = brokers; !rest.empty();) {
    const auto broker = rest.substr(0, rest.find(','));
    if (const auto why = mistake_in_broker(trimmed(broker)); !why.empty())
      refuse_setting("kafka.brokers", said, why);
    rest.remove_prefix(std::min(rest.size(), broker.size() + 1));
  }
  return brokers;
}

std::vector<client_property>
client_properties(const settings& config, client_role role, const std::vector<client_property>& more) {
  std::vector<client_property> all;
  all.push_back({"bootstrap.servers", kafka_brokers(config), config.at("kafka.brokers").origin + ": kafka.brokers"});
  add_defaults(any_role_defaults, all);
  add_defaults(role == client_role::consumer ? consumer_defaults : producer_defaults, all);
  all.insert(all.end(), more.begin(), more.end());
  add_users(config, "kafka.properties", all);
  add_users(config, role == client_role::consumer ? "kafka.consumer-properties" : "kafka.producer-properties", all);
  return all;
}

std::map<std::string, std::string> given_properties(const settings& config) {
  std::map<std::string, std::string> all;
  for (const auto& [name, said] : config.below("kafka.properties"))
    all[name] = said.value;
  return all;
}

std::vector<client_property> plain_properties(const std::string& brokers, const std::map<std::string, std::string>& given) {
  std::vector<client_property> all{{"bootstrap.servers", brokers, "brokers"}, {"log.connection.close", "false", ""}};
  for (const auto& [name, value] : given)
    all.push_back({name, value, name});
  return all;
}

} // namespace leat
