#pragma once

#include "../process.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace leat::testing {

/// A real PostgreSQL server for tests: on loopback, on a free port, with its data below `build/postgres/` and removed with it. Up in
/// about two seconds; gone with the test. Its program comes from Debian's package.
///
/// The role `leat` may do everything and needs no password; `clerk` may do what it is granted, with the password `it's secret`.
class postgres_server {
public:
  /// Starts a server with an empty database and waits until it answers.
  /// @throws std::runtime_error when it is not installed or does not come up; the text holds the end of its log.
  postgres_server();
  ~postgres_server();

  postgres_server(const postgres_server&) = delete;
  postgres_server& operator=(const postgres_server&) = delete;

  /// The server that the tests of one program share; started when first asked for, from the main thread.
  static postgres_server& shared();

  /// For `postgres.connection`. @param port another one leads through a proxy to `port()`.
  [[nodiscard]] std::string connection(int port) const;
  [[nodiscard]] std::string connection() const { return connection(port_); }
  [[nodiscard]] int port() const noexcept { return port_; }

  /// Ends the server as a crash would.
  void stop();

  /// Starts it again after `stop`, on the same port and data, and waits until it answers.
  void start();

private:
  void make_data() const;
  [[noreturn]] void fail(const std::string& what) const;
  [[nodiscard]] std::filesystem::path log() const { return home_ / "server.log"; }

  const std::filesystem::path home_;
  const int port_;
  std::unique_ptr<process> server_;
};

} // namespace leat::testing
