#pragma once

#include <leat/tests/apps/leat_fixture.hpp>
#include <leat/tests/support/servers/kafka_server.hpp>
#include <leat/tests/support/temporary_folder.hpp>

#include <string>
#include <vector>

namespace leat::testing {

/// The broker that these tests share, and the commands of `leat` that talk to it.
class leat_kafka_fixture {
public:
  /// Runs a command with `--brokers`.
  [[nodiscard]] command_result leat(std::vector<std::string> arguments) const;

  /// Of what must be right: its output.
  std::string output(std::vector<std::string> arguments) const;

  /// A new topic.
  [[nodiscard]] std::string topic(const std::string& hint, int partitions = 1) const;

  /// A file with this text. @returns its path.
  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const;

  /// What options a user of `guarded_brokers()` logs in with.
  [[nodiscard]] static std::vector<std::string> logged_in(std::vector<std::string> arguments, const std::string& user);

  const std::string brokers = kafka_server::shared().brokers();
  temporary_folder folder;
};

} // namespace leat::testing
