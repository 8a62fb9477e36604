#pragma once

#include <leat/apps/leat/kafka/topic_wish.hpp>
#include <leat/apps/leat/text_table.hpp>
#include <leat/base/settings.hpp>

#include <string>
#include <vector>

namespace leat::cli {

/// The commands `leat topics …`. Objects of JSON, one a line, or tables. All throw `connector_error` with Kafka's reason.

/// Creates a topic, unless there is one that is as it is wanted.
/// @throws connector_error when there is another one of that name, saying how it differs.
void create_topic(
  const settings& config, const std::string& name, const topic_wish& wanted, const text_sink& out, bool json);

/// @param all with those of Kafka itself, whose names begin with two underscores.
void list_topics(const settings& config, bool all, const text_sink& out, bool json);

/// Partitions and settings. @param all with the settings that are the brokers' defaults.
void describe_topic(const settings& config, const std::string& name, bool all, const text_sink& out, bool json);

/// Adds partitions, and changes settings; an empty value is the brokers' default again.
/// @throws config_error when it would lose partitions, or a setting is not known.
void alter_topic(
  const settings& config, const std::string& name, const topic_wish& wanted, const text_sink& out, bool json);

/// Deletes topics with all their records, once all of them are known to be there.
void delete_topics(const settings& config, const std::vector<std::string>& names, const text_sink& out, bool json);

} // namespace leat::cli
