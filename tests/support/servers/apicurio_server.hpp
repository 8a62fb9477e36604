#pragma once

#include "../process.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace leat::testing {

/// A real schema registry for tests, Apicurio's, which speaks Confluent's protocol: on loopback, on a free port, in memory. Up in about
/// four seconds; gone with the test. Its jars, and Python with Confluent's client, come from `tools/registry/install.sh`.
class apicurio_server {
public:
  /// Starts it and waits until it answers.
  /// @throws std::runtime_error when it is not installed or does not come up; the text holds the end of its log.
  apicurio_server();
  ~apicurio_server();

  apicurio_server(const apicurio_server&) = delete;
  apicurio_server& operator=(const apicurio_server&) = delete;

  /// The one that the tests of one program share; started when first asked for, from the main thread.
  static apicurio_server& shared();

  /// For `registry.url`.
  [[nodiscard]] std::string url() const;

  /// The same over TLS, with a certificate that only itself has signed.
  [[nodiscard]] std::string tls_url() const;
  [[nodiscard]] std::filesystem::path certificate() const { return home_ / "certificate.pem"; }

  /// Runs a script of `tests/registry` with Confluent's client.
  /// @returns what it has written to its standard output. @throws std::runtime_error when it fails, with that.
  [[nodiscard]] std::string run_python(const std::string& script, const std::vector<std::string>& arguments) const;

private:
  void make_certificate() const;
  [[nodiscard]] std::filesystem::path key() const { return home_ / "key.pem"; }
  [[nodiscard]] std::filesystem::path log() const { return home_ / "server.log"; }

  const std::filesystem::path home_;
  const int port_;
  const int tls_port_;
  std::unique_ptr<process> server_;
};

} // namespace leat::testing
