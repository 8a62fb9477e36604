#include <leat/tests/apps/leat_kafka_fixture.hpp>

#include <leat/apps/leat/leat_command.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>

namespace leat::testing {

command_result leat_kafka_fixture::leat(std::vector<std::string> arguments) const {
  const auto options = std::ranges::find(arguments, "--");
  if (std::ranges::find(arguments, "--brokers") == arguments.end())
    arguments.insert(options, {"--brokers", brokers});
  command_result result;
  result.exit = cli::run_leat_command(
    arguments, [&](std::string_view text) { result.out += text; }, [&](std::string_view text) { result.err += text; });
  return result;
}

std::string leat_kafka_fixture::output(std::vector<std::string> arguments) const {
  auto result = leat(std::move(arguments));
  INFO(result.err);
  CHECK(result.exit == 0);
  return result.out;
}

std::string leat_kafka_fixture::topic(const std::string& hint, int partitions) const {
  auto name = fresh_topic(hint);
  output({"topics", "create", name, "--partitions", std::to_string(partitions)});
  return name;
}

std::string leat_kafka_fixture::file(const std::string& name, const std::string& text) const {
  auto path = folder.path(name);
  std::ofstream{path} << text;
  return path;
}

std::vector<std::string> leat_kafka_fixture::logged_in(std::vector<std::string> arguments, const std::string& user) {
  arguments.insert(
    arguments.end(),
    {"--brokers", kafka_server::shared().guarded_brokers(), "--set", "kafka.properties.security.protocol=SASL_PLAINTEXT",
     "--set", "kafka.properties.sasl.mechanisms=PLAIN", "--set", "kafka.properties.sasl.username=" + user, "--set",
     "kafka.properties.sasl.password=" + user});
  return arguments;
}

} // namespace leat::testing
