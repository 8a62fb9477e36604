#include "tls_server.hpp"

#include "../wait_until.hpp"

#include <chrono>
#include <stdexcept>

namespace leat::testing {

tls_server::tls_server(const std::string& name) {
  const auto key = folder_.path("server.key"), certificate = folder_.path("server.pem");
  sign({"-subj", "/CN=an authority", "-keyout", folder_.path("authority.key"), "-out", authority()});
  sign(
    {"-subj", "/CN=a server", "-addext", "subjectAltName=" + name, "-addext", "basicConstraints=critical,CA:FALSE", "-CA",
     authority(), "-CAkey", folder_.path("authority.key"), "-keyout", key, "-out", certificate});
  server_ = std::make_unique<process>(
    std::vector<std::string>{
      "openssl", "s_server", "-accept", "127.0.0.1:" + std::to_string(port_), "-cert", certificate, "-key", key, "-www"},
    folder_.path("log"));
  wait_until(
    "openssl to listen", std::chrono::seconds{30}, [&] { return accepts_connections(port_); },
    std::chrono::milliseconds{20}, [&] { return folder_.text("log"); });
}

/// Makes a key and its certificate; without `-CA`, which is its own authority.
void tls_server::sign(const std::vector<std::string>& how) const {
  std::vector<std::string> command{"openssl", "req",   "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                                   "-nodes",  "-days", "2"};
  command.insert(command.end(), how.begin(), how.end());
  if (process{command, folder_.path("log")}.wait() != 0)
    throw std::runtime_error{"openssl cannot make a certificate:\n" + folder_.text("log")};
}

} // namespace leat::testing
