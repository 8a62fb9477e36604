#pragma once

#include <leat/base/settings.hpp>

#include <map>
#include <string>
#include <vector>

namespace leat {

/// Which half of librdkafka a client uses.
enum class client_role { consumer, producer };

/// One librdkafka property and where it was said, so that a complaint can point there.
struct client_property {
  std::string name;
  std::string value;
  std::string origin; ///< "fraud.yaml:12: kafka.properties.linger.ms", or "Leat's own default"
};

/// `kafka.brokers`, a list or a text, as librdkafka wants it: `host:port,host:port`.
/// @throws config_error when it is missing or empty, or names a broker without a host or with a port that is none.
std::string kafka_brokers(const settings& config);

/// All properties of a client, later ones overriding earlier ones: Leat's defaults for the role, then `more` of them, then the
/// user's `kafka.properties.*`, then `kafka.consumer-properties.*` or `kafka.producer-properties.*`.
/// @throws config_error when the user sets a property whose value Leat's guarantees depend on; the text says which
///         setting to use instead.
std::vector<client_property>
client_properties(const settings& config, client_role role, const std::vector<client_property>& more = {});

/// `kafka.properties.*` alone, for clients that are no job's but talk to the same brokers.
std::map<std::string, std::string> given_properties(const settings& config);

/// The properties of a client that is no job's, such as a demo's or a test's: `given` as they are, with their names for
/// their origin.
std::vector<client_property> plain_properties(const std::string& brokers, const std::map<std::string, std::string>& given);

} // namespace leat
