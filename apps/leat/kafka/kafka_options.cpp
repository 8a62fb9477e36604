#include <leat/apps/leat/kafka/kafka_options.hpp>

#include <leat/pipeline/known_settings.hpp>
#include <leat/pipeline/logging.hpp>
#include <leat/pipeline/settings_loader.hpp>

#include <csignal>

namespace leat::cli {

std::vector<command_option> with_kafka_options(std::vector<command_option> own) {
  own.insert(own.end(), {brokers_option, config_option, set_option});
  return own;
}

settings kafka_settings(const invocation& i) {
  const known_settings known{std::vector{embedded::defaults}};
  settings_sources sources{
    .file = i.text(config_option).value_or(""),
    .environment = leat_environment(),
    .overrides = {{"log.level", "warn", "leat's own"}},
    .parts = {"kafka.", "registry.", "log.level", "log.format"}};
  // The weakest of all: whoever names a level anywhere gets that.
  const auto named = load_settings(known, {sources.file, sources.environment, {}, sources.parts});
  if (named.at("log.level").origin != known.defaults().at("log.level").origin)
    sources.overrides.clear();
  for (const auto& text : i.texts(set_option))
    sources.overrides.push_back(parse_override(text));
  if (const auto brokers = i.text(brokers_option))
    sources.overrides.push_back({"kafka.brokers", *brokers, "--brokers"});
  if (const auto url = i.text(registry_option))
    sources.overrides.push_back({"registry.url", *url, "--registry"});
  auto config = load_settings(known, sources);
  set_up_logging(config);
  std::signal(SIGPIPE, SIG_IGN);
  return config;
}

std::pair<std::string, std::string> pair_of(std::string_view text, std::string_view what) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    throw config_error{fmt::format("'{}' is not {}: write NAME=VALUE", text, what)};
  return {std::string{text.substr(0, equals)}, std::string{text.substr(equals + 1)}};
}

std::optional<std::chrono::milliseconds> span_of(const invocation& i, const command_option& option) {
  return i.value<std::chrono::milliseconds>(option);
}

} // namespace leat::cli
