#pragma once

#include "../process.hpp"
#include "../temporary_folder.hpp"

#include <memory>
#include <string>

namespace leat::testing {

/// A web server that speaks TLS only, `openssl s_server` on loopback: with a certificate for one name, signed by an authority of the test's
/// own.
class tls_server {
public:
  /// @param name what the certificate is for, as openssl says it: `IP:127.0.0.1`, `DNS:example.org`.
  explicit tls_server(const std::string& name);

  [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(port_) + "/"; }

  /// The authority's certificate, PEM.
  [[nodiscard]] std::string authority() const { return folder_.path("authority.pem"); }

private:
  void sign(const std::vector<std::string>& how) const;

  temporary_folder folder_;
  const int port_ = free_port();
  std::unique_ptr<process> server_;
};

} // namespace leat::testing
