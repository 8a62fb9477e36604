#include "apicurio_server.hpp"

#include "../wait_until.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <unistd.h>

namespace leat::testing {

namespace {

namespace fs = std::filesystem;

fs::path work_folder() { return fs::path{LEAT_SOURCE_ROOT} / "build" / "registry"; }

std::string content_of(const fs::path& file) {
  std::stringstream all;
  all << std::ifstream{file}.rdbuf();
  return all.str();
}

fs::path fresh_home() {
  auto made = work_folder() / ("server-" + std::to_string(getpid()));
  fs::create_directories(made);
  return made;
}

std::string property(const std::string& name, const std::string& value) { return "-D" + name + "=" + value; }

} // namespace

apicurio_server::apicurio_server() : home_{fresh_home()}, port_{free_port()}, tls_port_{free_port()} {
  const auto jar = work_folder() / "server" / "registry.jar";
  if (!fs::exists(jar))
    throw std::runtime_error{"no schema registry in build/registry: tools/registry/install.sh fetches it"};
  make_certificate();
  server_ = std::make_unique<process>(
    std::vector<std::string>{
      "java", "-Xmx512m", property("quarkus.http.host", "127.0.0.1"), property("quarkus.http.port", std::to_string(port_)),
      property("quarkus.http.ssl-port", std::to_string(tls_port_)),
      property("quarkus.http.ssl.certificate.files", certificate().string()),
      property("quarkus.http.ssl.certificate.key-files", key().string()), property("java.io.tmpdir", home_.string()),
      "-jar", jar.string()},
    log());
  wait_until(
    "a schema registry to answer", std::chrono::seconds{120},
    [this] {
      if (!server_->running())
        throw std::runtime_error{"a schema registry ends at once:\n" + content_of(log())};
      return accepts_connections(port_) && accepts_connections(tls_port_); // it listens when it is ready
    },
    std::chrono::milliseconds{50}, [this] { return content_of(log()); });
}

apicurio_server::~apicurio_server() {
  server_.reset();
  std::error_code ignored;
  fs::remove_all(home_, ignored);
}

apicurio_server& apicurio_server::shared() {
  static apicurio_server server;
  return server;
}

std::string apicurio_server::url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/apis/ccompat/v7"; }

std::string apicurio_server::tls_url() const {
  return "https://127.0.0.1:" + std::to_string(tls_port_) + "/apis/ccompat/v7";
}

void apicurio_server::make_certificate() const {
  const std::vector<std::string> command{
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=127.0.0.1",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
    "-keyout",
    key().string(),
    "-out",
    certificate().string()};
  if (process{command, log()}.wait() != 0)
    throw std::runtime_error{"openssl cannot make a certificate:\n" + content_of(log())};
}

std::string apicurio_server::run_python(const std::string& script, const std::vector<std::string>& arguments) const {
  static int count = 0;
  const auto output = home_ / (script + "-" + std::to_string(++count) + ".log");
  std::vector<std::string> command{
    (work_folder() / "python" / "bin" / "python").string(),
    (fs::path{LEAT_SOURCE_ROOT} / "tests" / "registry" / script).string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  if (process{command, output}.wait() != 0)
    throw std::runtime_error{script + " fails:\n" + content_of(output)};
  return content_of(output);
}

} // namespace leat::testing
