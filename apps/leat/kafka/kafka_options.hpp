#pragma once

#include <leat/apps/leat/command.hpp>
#include <leat/base/settings.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat::cli {

// What the commands that talk to Kafka have in common.

inline constexpr command_option brokers_option{
  "--brokers", "HOST:PORT", "Brokers to connect to first, separated by commas (--set kafka.brokers=…)."};
inline constexpr command_option config_option{
  "--config", "FILE",
  "A job's YAML file; of it, as of the environment, kafka.*, registry.*, log.level and log.format are "
  "read."};
inline constexpr command_option registry_option{
  "--registry", "URL", "Schema registry that says how keys and values are to be read (--set registry.url=…)."};
inline constexpr command_option set_option{
  "--set", "KEY=VALUE", "Sets one setting, as kafka.properties.security.protocol=SSL; the last one counts.", true};

/// A command's own options and those of all.
[[nodiscard]] std::vector<command_option> with_kafka_options(std::vector<command_option> own);

/// The settings that somebody wants to connect with: the defaults, a file, the environment, options. Says to the log what
/// librdkafka warns of, on standard error, and lets writes to whoever has gone fail (`reader_gone`).
/// @throws config_error when one is wrong.
[[nodiscard]] settings kafka_settings(const invocation& i);

/// `NAME=VALUE`, of topics' settings and headers. @param what "a header" for messages.
/// @throws config_error when there is no name.
[[nodiscard]] std::pair<std::string, std::string> pair_of(std::string_view text, std::string_view what);

/// What a span of time such as 5s is. @throws config_error naming the option.
[[nodiscard]] std::optional<std::chrono::milliseconds> span_of(const invocation& i, const command_option& option);

} // namespace leat::cli
