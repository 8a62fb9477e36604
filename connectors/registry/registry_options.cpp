#include <leat/connectors/registry/registry_options.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <fstream>

namespace leat {
namespace {

void check_url(const setting& from, const std::string& url) {
  const auto host = url.find("://");
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    refuse_setting("registry.url", from, "expected http://host:port or https://host:port");
  if (url.substr(host + 3, url.find('/', host + 3) - host - 3).find('@') != std::string::npos)
    throw config_error{fmt::format(
      "{}: registry.url: has a name or a password in it, which logs would show: give them as registry.user, and "
      "registry.password-file or the environment (LEAT_REGISTRY_PASSWORD)",
      from.origin)};
}

std::string password_of(const settings& config) {
  const auto file = config.text("registry.password-file");
  if (file.empty())
    return config.text("registry.password");
  std::ifstream in{file};
  std::string password;
  if (!std::getline(in, password) || password.empty())
    throw config_error{
      fmt::format("registry.password-file: {} has no password in its first line, or cannot be read", file)};
  return password;
}

} // namespace

registry_options registry_options::of(const settings& config) {
  registry_options made;
  for (auto url : config.list("registry.url")) {
    if (url.empty())
      continue;
    check_url(config.at("registry.url"), url);
    while (url.ends_with('/'))
      url.pop_back();
    made.urls.push_back(std::move(url));
  }
  if (made.urls.empty())
    throw config_error{
      "registry.url: there is none, and a format asks a schema registry: set it to http://host:port, also several"};
  made.registers = config.boolean("registry.register");
  made.http.connect_timeout = config.span("registry.timeout");
  made.http.timeout = config.span("registry.timeout");
  made.http.connections = 1;
  made.http.user = config.text("registry.user");
  made.http.password = password_of(config);
  made.http.ca_file = config.text("registry.ca-file");
  made.http.certificate_file = config.text("registry.certificate-file");
  made.http.key_file = config.text("registry.key-file");
  return made;
}

} // namespace leat
