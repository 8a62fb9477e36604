#pragma once

#include "../process.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace leat::testing {

/// A real Kafka broker (KRaft) for tests, alone or of a `kafka_cluster`: on loopback, on free ports, with its data below `build/kafka/` and
/// removed with it. Its jars come from `tools/kafka/install.sh`. Up in about five seconds; gone with the test.
///
/// `brokers()` lets everybody do everything. `guarded_brokers()` asks for a user (SASL PLAIN), whose password is the same as
/// the name: `guest` and `clerk`. They may do nothing but what a test allows them on topics and groups of its own; `guest`
/// is never allowed to write.
class kafka_server {
public:
  /// Starts a broker with no topics and waits until it answers.
  /// @throws std::runtime_error when the jars are missing or it does not come up; the text holds the end of its log.
  kafka_server();
  ~kafka_server();

  kafka_server(const kafka_server&) = delete;
  kafka_server& operator=(const kafka_server&) = delete;

  /// The broker that the tests of one program share; started when first asked for, from the main thread.
  static kafka_server& shared();

  [[nodiscard]] std::string brokers() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string guarded_brokers() const { return "127.0.0.1:" + std::to_string(guarded_port_); }

  /// For clients that come through a `kafka_proxy` from `proxy_port()` to `proxied_port()`: without one, nobody is there.
  [[nodiscard]] std::string proxied_brokers() const { return "127.0.0.1:" + std::to_string(proxy_port_); }
  [[nodiscard]] int proxy_port() const noexcept { return proxy_port_; }
  [[nodiscard]] int proxied_port() const noexcept { return proxied_port_; }

  /// Lets a user of `guarded_brokers()` do something with a topic.
  /// @param operations as Kafka names them: Read, Write, Describe, Create.
  void allow(const std::string& user, const std::vector<std::string>& operations, const std::string& topic) const;

  /// Lets a user commit offsets for a group.
  void allow_group(const std::string& user, const std::string& group) const;

  /// Ends the broker as a crash would.
  void stop();

  /// Starts it again after `stop`, on the same ports and data, and waits until it answers.
  void start();

  /// Stops its process from running, and lets it go on: connections stay, nothing answers.
  void freeze() const;
  void thaw() const;

  [[nodiscard]] pid_t pid() const { return broker_->pid(); }

private:
  friend class kafka_cluster;

  /// One of several, which is made, but not started.
  kafka_server(int id, std::vector<int> controller_ports);

  void launch();
  void wait_until_up() const;
  void write_properties() const;
  void format() const;
  void run_tool(const std::string& name, std::vector<std::string> arguments, const std::string& purpose) const;
  [[noreturn]] void fail(const std::string& what) const;
  [[nodiscard]] std::filesystem::path log() const { return home_ / "broker.log"; }

  const std::filesystem::path libs_;
  const std::filesystem::path home_;
  const int id_;
  const std::vector<int> controller_ports_; // of all nodes, by id from 1 on
  const int port_;
  const int guarded_port_;
  const int proxied_port_;
  const int proxy_port_;
  std::unique_ptr<process> broker_;
};

/// Three brokers, each with a copy of everything: what is written is acknowledged as long as two of them are there.
class kafka_cluster {
public:
  kafka_cluster();

  /// All of them, as clients take them.
  [[nodiscard]] std::string brokers() const;

  [[nodiscard]] std::vector<kafka_server*> nodes() const;

private:
  std::vector<std::unique_ptr<kafka_server>> nodes_;
};

/// A topic name that no test has used before.
std::string fresh_topic(const std::string& hint);

} // namespace leat::testing
